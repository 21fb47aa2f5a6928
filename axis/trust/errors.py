"""What trust can refuse: the signature, the certificate behind it, and the keys of this axis."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class UnsignedError(AxisError):
    """The package carries no XML signature."""

    code = "signature.missing"
    fault = Fault.INPUT
    en = "the package has no ds:Signature in edXMLHeader"
    vi = "gói tin không có chữ ký số ds:Signature trong edXMLHeader"
    hint_en = "sign the package with the office's certificate: axis envelope sign"
    hint_vi = "ký gói tin bằng chứng thư số của cơ quan: axis envelope sign"


class MoreThanOneSignatureError(AxisError):
    """There is a second signature, or a piece of one outside the signature."""

    code = "signature.more-than-one"
    fault = Fault.INPUT
    en = "expected exactly one ds:Signature, got {got} elements of its namespace outside the first"
    vi = (
        "chỉ được có đúng một ds:Signature, còn {got} phần tử cùng không gian tên nằm ngoài "
        "chữ ký thứ nhất"
    )
    hint_en = (
        "remove every other signature; an attachment's own signature stays inside the attachment"
    )
    hint_vi = "bỏ các chữ ký khác; chữ ký của tệp đính kèm nằm trong chính tệp đó"


class MisplacedSignatureError(AxisError):
    """The signature does not stand in the one edXMLHeader of the one edXMLEnvelope."""

    code = "signature.misplaced"
    fault = Fault.INPUT
    en = "the signature must be a child of /edXML/edXMLEnvelope/edXMLHeader: {reason}"
    vi = "chữ ký phải nằm trong /edXML/edXMLEnvelope/edXMLHeader: {reason}"
    hint_en = "move the signature into edXMLHeader and sign again"
    hint_vi = "đặt chữ ký vào edXMLHeader rồi ký lại"


class SignatureFormError(AxisError):
    """An element of the signature is not as the profile says."""

    code = "signature.form"
    fault = Fault.INPUT
    en = "expected {expected}, got {got}"
    vi = "cần {expected}, nhưng nhận được {got}"
    hint_en = "make the signature as certs/README.md shows it"
    hint_vi = "tạo chữ ký đúng như mẫu trong certs/README.md"


class SignedReferenceError(AxisError):
    """The references are neither those of the whole shape nor those of the manifest shape."""

    code = "signature.reference"
    fault = Fault.INPUT
    en = "the references of the signature are not those of the profile: {reason}"
    vi = "các tham chiếu của chữ ký không đúng quy định: {reason}"
    hint_en = (
        'sign the whole package with one Reference URI="", or the envelope by its Id and each '
        "attachment by its cid"
    )
    hint_vi = (
        'ký toàn bộ gói tin với một Reference URI="", hoặc ký edXMLEnvelope theo Id và từng '
        "tệp đính kèm theo cid"
    )


class TransformsError(AxisError):
    """The transforms are not exactly those of the profile."""

    code = "signature.transforms"
    fault = Fault.INPUT
    en = "expected the transforms {expected}, got {got}"
    vi = "cần các phép biến đổi {expected}, nhưng nhận được {got}"
    hint_en = "use enveloped-signature and then exclusive C14N, nothing else"
    hint_vi = "chỉ dùng enveloped-signature rồi đến exclusive C14N"


class CanonicalizationError(AxisError):
    """The canonicalization is not exclusive C14N without a prefix list."""

    code = "signature.canonicalization"
    fault = Fault.INPUT
    en = "expected exclusive C14N without a PrefixList, got {got}"
    vi = "cần exclusive C14N không có PrefixList, nhưng nhận được {got}"
    hint_en = "set CanonicalizationMethod to http://www.w3.org/2001/10/xml-exc-c14n#"
    hint_vi = "đặt CanonicalizationMethod là http://www.w3.org/2001/10/xml-exc-c14n#"


class AlgorithmError(AxisError):
    """A signature or digest algorithm that is not allowed, or not for this key."""

    code = "signature.algorithm"
    fault = Fault.INPUT
    en = "the algorithm {got} is not allowed here: {reason}"
    vi = "thuật toán {got} không được phép: {reason}"
    hint_en = "use RSA, ECDSA or Ed25519 with SHA-256 or stronger, the one of the certificate's key"
    hint_vi = "dùng RSA, ECDSA hoặc Ed25519 với SHA-256 trở lên, đúng loại khóa của chứng thư"


class KeyInfoError(AxisError):
    """KeyInfo holds something other than one certificate."""

    code = "signature.key-info"
    fault = Fault.INPUT
    en = "KeyInfo must hold one X509Data with one X509Certificate: {reason}"
    vi = "KeyInfo phải có một X509Data với một X509Certificate: {reason}"
    hint_en = "leave out KeyValue, KeyName, RetrievalMethod and the certificates of the authorities"
    hint_vi = "bỏ KeyValue, KeyName, RetrievalMethod và chứng thư của các cơ quan cấp"


class ValueEncodingError(AxisError):
    """A Base64 value of the signature does not decode, or is of a wrong length."""

    code = "signature.encoding"
    fault = Fault.INPUT
    en = "{element} is not valid Base64 of the expected length"
    vi = "{element} không phải là Base64 hợp lệ có độ dài cần thiết"
    hint_en = "write the value as Base64 with padding"
    hint_vi = "ghi giá trị bằng Base64 có ký tự đệm"


class ForeignNodeError(AxisError):
    """A comment, processing instruction or entity stands in a signed package."""

    code = "signature.foreign-node"
    fault = Fault.INPUT
    en = "the package holds a {got}, which a signature does not cover alike for every reader"
    vi = "gói tin có {got}, phần mà chữ ký không bảo vệ thống nhất"
    hint_en = "remove comments, processing instructions and entity references, then sign again"
    hint_vi = "bỏ chú thích, chỉ thị xử lý và tham chiếu thực thể rồi ký lại"


class AmbiguousIdError(AxisError):
    """More than the one Id attribute that the manifest shape allows."""

    code = "signature.ambiguous-id"
    fault = Fault.INPUT
    en = "in the manifest shape only edXMLEnvelope may have an Id, got {got} such attributes"
    vi = "ở dạng ký theo danh mục chỉ edXMLEnvelope được có Id, nhưng có {got} thuộc tính như vậy"
    hint_en = "remove every other attribute called id, Id or ID"
    hint_vi = "bỏ mọi thuộc tính id, Id, ID khác"


class AttachmentMismatchError(AxisError):
    """Attachments, manifest and signed references do not match one to one."""

    code = "signature.attachment"
    fault = Fault.INPUT
    en = "the attachment {content_id} does not match: {reason}"
    vi = "tệp đính kèm {content_id} không khớp: {reason}"
    hint_en = "list each attachment once in edXMLManifest and sign each by its cid"
    hint_vi = "liệt kê mỗi tệp một lần trong edXMLManifest và ký từng tệp theo cid"


class UncoveredError(AxisError):
    """Something stands in the package that the manifest shape does not cover."""

    code = "signature.uncovered"
    fault = Fault.INPUT
    en = "{element} is not covered by the signature"
    vi = "{element} không được chữ ký bảo vệ"
    hint_en = "beside edXMLEnvelope only AttachmentEncoded with the listed attachments may stand"
    hint_vi = "ngoài edXMLEnvelope chỉ được có AttachmentEncoded với các tệp đã liệt kê"


class DigestMismatchError(AxisError):
    """The signed digest is not that of the bytes received (ETSI HASH_FAILURE)."""

    code = "signature.digest-mismatch"
    fault = Fault.INPUT
    en = 'what the signature covers by "{uri}" was changed after it was signed'
    vi = 'nội dung được ký theo tham chiếu "{uri}" đã bị thay đổi sau khi ký'
    hint_en = "send the package exactly as it was signed; no system on the way may re-format it"
    hint_vi = "gửi đúng gói tin đã ký; không hệ thống nào trên đường được định dạng lại"


class ValueMismatchError(AxisError):
    """The signature value is not one by the certificate's key (ETSI SIG_CRYPTO_FAILURE)."""

    code = "signature.value-mismatch"
    fault = Fault.INPUT
    en = "the signature value does not fit the certificate's key"
    vi = "giá trị chữ ký không khớp với khóa của chứng thư"
    hint_en = "sign with the private key that belongs to the certificate"
    hint_vi = "ký bằng khóa bí mật tương ứng với chứng thư"


class VerifiersDisagreeError(AxisError):
    """The second verifier does not accept what the first did; an operator is alarmed."""

    code = "signature.verifiers-disagree"
    fault = Fault.INPUT
    en = "the second verifier disagrees: {reason}"
    vi = "bộ kiểm tra chữ ký thứ hai không đồng ý: {reason}"
    hint_en = "keep the package and report it to the axis operator"
    hint_vi = "giữ lại gói tin và báo cho đơn vị vận hành trục"


class NotSignableError(AxisError):
    """The package cannot be signed as it stands."""

    code = "signature.not-signable"
    fault = Fault.INPUT
    en = "the package cannot be signed: {reason}"
    vi = "không thể ký gói tin: {reason}"
    hint_en = "correct the package first: axis envelope lint FILE"
    hint_vi = "sửa gói tin trước: axis envelope lint FILE"


class CertificateUnreadableError(AxisError):
    """The certificate or key cannot be read."""

    code = "certificate.unreadable"
    fault = Fault.INPUT
    en = "{source} cannot be read: {reason}"
    vi = "không đọc được {source}: {reason}"
    hint_en = "give a PEM, DER, P7B or P12 file"
    hint_vi = "cung cấp tệp PEM, DER, P7B hoặc P12"


class WeakKeyError(AxisError):
    """The certificate's key is too weak or of a kind that is not allowed."""

    code = "certificate.weak-key"
    fault = Fault.INPUT
    en = "the key is {got}; allowed are RSA from 2048 bits, P-256, P-384 and Ed25519"
    vi = "khóa là {got}; chỉ cho phép RSA từ 2048 bit, P-256, P-384 và Ed25519"
    hint_en = "ask the certificate authority for a certificate with a stronger key"
    hint_vi = "đề nghị cơ quan cấp chứng thư cấp khóa mạnh hơn"


class CertificateExpiredError(AxisError):
    """A certificate of the path was no longer valid at that time (ETSI OUT_OF_BOUNDS)."""

    code = "certificate.expired"
    fault = Fault.INPUT
    en = "the certificate {subject} was valid until {until}"
    vi = "chứng thư {subject} chỉ có hiệu lực đến {until}"
    hint_en = "sign with the office's new certificate"
    hint_vi = "ký bằng chứng thư mới của cơ quan"


class CertificateNotYetValidError(AxisError):
    """A certificate of the path was not valid yet at that time."""

    code = "certificate.not-yet-valid"
    fault = Fault.INPUT
    en = "the certificate {subject} is valid from {since}"
    vi = "chứng thư {subject} có hiệu lực từ {since}"
    hint_en = "check the clock, or send after that time"
    hint_vi = "kiểm tra đồng hồ hoặc gửi sau thời điểm đó"


class CertificateRevokedError(AxisError):
    """A certificate of the path was revoked (ETSI REVOKED)."""

    code = "certificate.revoked"
    fault = Fault.INPUT
    en = "the certificate {subject} was revoked at {at} ({reason})"
    vi = "chứng thư {subject} đã bị thu hồi lúc {at} ({reason})"
    hint_en = "sign with a certificate that is not revoked"
    hint_vi = "ký bằng chứng thư chưa bị thu hồi"


class RevocationUnknownError(AxisError):
    """No fresh revocation list or answer covers a certificate of the path (ETSI TRY_LATER)."""

    code = "certificate.revocation-unknown"
    fault = Fault.OUTAGE
    en = "whether the certificate {subject} is revoked is not known: {reason}"
    vi = "chưa biết chứng thư {subject} có bị thu hồi hay không: {reason}"
    hint_en = "fetch the authority's current revocation list: axis cert check"
    hint_vi = "tải danh sách thu hồi hiện hành: axis cert check"


class ListNotFetchedError(AxisError):
    """A revocation list could not be fetched, or is worse than the one at hand."""

    code = "certificate.list-not-fetched"
    fault = Fault.OUTAGE
    en = "the revocation list {url} was not taken: {reason}"
    vi = "không lấy được danh sách thu hồi {url}: {reason}"
    hint_en = "check [trust] crl_urls and the network; the list at hand stays in use"
    hint_vi = "kiểm tra [trust] crl_urls và mạng; danh sách hiện có vẫn được dùng"


class AnswerNotFetchedError(AxisError):
    """No OCSP answer about a certificate could be fetched that says whether it was revoked."""

    code = "certificate.answer-not-fetched"
    fault = Fault.OUTAGE
    en = "no OCSP answer about {subject} was taken from {url}: {reason}"
    vi = "không lấy được câu trả lời OCSP về {subject} từ {url}: {reason}"
    hint_en = "check [trust] ocsp_urls and the network; an answer at hand counts until it ends"
    hint_vi = "kiểm tra [trust] ocsp_urls và mạng; câu trả lời hiện có dùng được đến khi hết hạn"


class NoAnchorsError(AxisError):
    """No trust anchor is configured, so no path can be judged."""

    code = "certificate.no-anchors"
    fault = Fault.OUTAGE
    en = "no trust anchor is configured in {source}"
    vi = "chưa cấu hình chứng thư gốc tin cậy trong {source}"
    hint_en = "put the root certificates into that folder"
    hint_vi = "đặt chứng thư gốc vào thư mục đó"


class NoPathError(AxisError):
    """No path leads from the certificate to a trust anchor (ETSI NO_CERTIFICATE_CHAIN_FOUND)."""

    code = "certificate.no-path"
    fault = Fault.INPUT
    en = "no valid path leads from the certificate {subject} to a trust anchor: {reason}"
    vi = "không có đường dẫn tin cậy từ chứng thư {subject} đến chứng thư gốc: {reason}"
    hint_en = (
        "use a certificate of an authority that the axis trusts, and check that its issuing "
        "certificate is known"
    )
    hint_vi = "dùng chứng thư của cơ quan được trục tin cậy và kiểm tra chứng thư trung gian"


class KeyUsageError(AxisError):
    """The certificate is not for signing documents."""

    code = "certificate.key-usage"
    fault = Fault.INPUT
    en = "the certificate {subject} is not for signing: {reason}"
    vi = "chứng thư {subject} không dùng để ký: {reason}"
    hint_en = "use a certificate with the key usage digitalSignature or nonRepudiation"
    hint_vi = "dùng chứng thư có mục đích digitalSignature hoặc nonRepudiation"


class CertificateUnregisteredError(AxisError):
    """The registry does not know this certificate at that time."""

    code = "certificate.unregistered"
    fault = Fault.INPUT
    en = "the certificate {sha256} is not registered"
    vi = "chứng thư {sha256} chưa được đăng ký"
    hint_en = "have it registered: axis cert register"
    hint_vi = "đề nghị đăng ký chứng thư: axis cert register"


class NotForOfficeError(AxisError):
    """The certificate does not speak for the office that is named as sender."""

    code = "certificate.not-for-office"
    fault = Fault.INPUT
    en = "the certificate {sha256} does not speak for the office {office}"
    vi = "chứng thư {sha256} không đại diện cho cơ quan {office}"
    hint_en = "sign with the sender's own certificate, or have the binding registered"
    hint_vi = "ký bằng chứng thư của chính cơ quan gửi, hoặc đề nghị đăng ký quyền đại diện"


class CertificateNotFoundError(AxisError):
    """No registered certificate begins with that digest."""

    code = "certificate.not-found"
    fault = Fault.INPUT
    en = "no registered certificate begins with {digest}"
    vi = "không có chứng thư nào đã đăng ký bắt đầu bằng {digest}"
    hint_en = "list them: axis cert list"
    hint_vi = "xem danh sách: axis cert list"


class KeyPermissionsError(AxisError):
    """Others may read the private key's file."""

    code = "key.permissions"
    fault = Fault.INPUT
    en = "the key file {path} can be read by others (mode {mode})"
    vi = "tệp khóa {path} cho phép người khác đọc (chế độ {mode})"
    hint_en = "run: chmod 600 on the file"
    hint_vi = "chạy lệnh chmod 600 cho tệp"


class KeyUnreadableError(AxisError):
    """The private key cannot be read or does not belong to the certificate."""

    code = "key.unreadable"
    fault = Fault.INPUT
    en = "the private key {path} cannot be used: {reason}"
    vi = "không dùng được khóa bí mật {path}: {reason}"
    hint_en = "give the PEM key that belongs to the certificate"
    hint_vi = "cung cấp khóa PEM tương ứng với chứng thư"


class TokenUnavailableError(AxisError):
    """The token that holds the signing key does not answer."""

    code = "key.token-unavailable"
    fault = Fault.OUTAGE
    en = "the token with the signing key cannot be used: {reason}"
    vi = "không dùng được thiết bị chứa khóa ký: {reason}"
    hint_en = "check the module's path, the token's label, the PIN file, and axis[pkcs11]"
    hint_vi = "kiểm tra đường dẫn mô-đun, nhãn thiết bị, tệp mã PIN và gói axis[pkcs11]"


class AuthorityExistsError(AxisError):
    """The folder holds an authority already; its keys are not overwritten."""

    code = "certificate.authority-exists"
    fault = Fault.INPUT
    en = "{path} holds an authority already"
    vi = "{path} đã có một cơ quan cấp chứng thư"
    hint_en = "choose an empty folder"
    hint_vi = "chọn thư mục trống"
