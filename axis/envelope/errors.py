"""What the envelope room can refuse: the bytes, the schema, the rules, the text to be written.

Every refusal states ``rule`` (where the demand comes from), ``expected`` and ``got``; the two are
notations that need no translation. A place is given wherever the package has one.
"""

from __future__ import annotations

from typing import ClassVar

from axis.errors import AxisError, Fact, Fault, Place


class EnvelopeError(AxisError):
    """The root of this room's refusals: these bytes can never pass."""

    fault = Fault.INPUT
    rule: ClassVar[str] = "XML 1.0"

    def __init__(self, *, place: Place | None = None, **facts: Fact) -> None:
        facts.setdefault("rule", self.rule)
        super().__init__(place=place, **facts)


# --- the bytes -----------------------------------------------------------------------------------


class EmptyError(EnvelopeError):
    """There is nothing."""

    code = "envelope.empty"
    en = "the package is empty"
    vi = "gói tin rỗng"
    hint_en = "send the .edxml file itself"
    hint_vi = "gửi đúng tệp .edxml"


class TooLargeError(EnvelopeError):
    """The package has more bytes than this axis takes inline."""

    code = "envelope.too-large"
    rule = "limits: package_bytes"
    en = "the package is too large: expected {expected} bytes, got {got}"
    vi = "gói tin quá lớn: cần {expected} byte, nhận được {got}"
    hint_en = "send large attachments apart from the envelope (manifest signature shape)"
    hint_vi = "gửi tệp đính kèm lớn tách khỏi gói tin (chữ ký dạng manifest)"


class PartTooLargeError(EnvelopeError):
    """Everything but the attachments' text is larger than an envelope may be."""

    code = "envelope.part-too-large"
    rule = "limits: envelope_bytes"
    en = "the envelope without its attachments is too large: expected {expected} bytes, got {got}"
    vi = "phần phong bì (không kể tệp đính kèm) quá lớn: cần {expected} byte, nhận được {got}"
    hint_en = "put files into AttachmentEncoded, not into header fields"
    hint_vi = "đặt tệp vào AttachmentEncoded, không đặt vào trường tiêu đề"


class CompressedError(EnvelopeError):
    """The bytes are compressed; the axis decompresses nothing."""

    code = "envelope.compressed"
    en = "the package is compressed: expected XML, got {got}"
    vi = "gói tin bị nén: cần XML, nhận được {got}"
    hint_en = "send the .edxml file uncompressed and without Content-Encoding"
    hint_vi = "gửi tệp .edxml không nén, không dùng Content-Encoding"


class EncodingError(EnvelopeError):
    """The bytes are not UTF-8, or declared as something else."""

    code = "envelope.encoding"
    rule = "axis profile: UTF-8 only"
    en = "the encoding is not allowed: expected {expected}, got {got}"
    vi = "bảng mã không được chấp nhận: cần {expected}, nhận được {got}"
    hint_en = 'save the package as UTF-8 with encoding="UTF-8" or no declaration'
    hint_vi = 'lưu gói tin bằng UTF-8, khai báo encoding="UTF-8" hoặc không khai báo'


class XmlVersionError(EnvelopeError):
    """The declaration names another version than 1.0."""

    code = "envelope.xml-version"
    en = "the XML version is not allowed: expected {expected}, got {got}"
    vi = "phiên bản XML không được chấp nhận: cần {expected}, nhận được {got}"
    hint_en = "write the package as XML 1.0"
    hint_vi = "ghi gói tin theo XML 1.0"


class NotXmlError(EnvelopeError):
    """The bytes do not begin like XML."""

    code = "envelope.not-xml"
    en = "the package is not XML: expected {expected}, got {got}"
    vi = "gói tin không phải XML: cần {expected}, nhận được {got}"
    hint_en = "send the .edxml file itself, not JSON, Base64 or a form around it"
    hint_vi = "gửi đúng tệp .edxml, không bọc trong JSON, Base64 hay biểu mẫu"


class TruncatedError(EnvelopeError):
    """The package ends before its root element does."""

    code = "envelope.truncated"
    en = "the package ends too early: expected {expected}, got the end after {got} bytes"
    vi = "gói tin bị cắt cụt: cần {expected}, nhưng hết dữ liệu sau {got} byte"
    hint_en = "send it again whole; compare its size and SHA-256 with the file"
    hint_vi = "gửi lại đầy đủ; so sánh kích thước và SHA-256 với tệp gốc"


class NotWellFormedError(EnvelopeError):
    """The package breaks a rule of XML that has no code of its own."""

    code = "envelope.not-well-formed"
    en = "the package is not well-formed XML ({got})"
    vi = "gói tin không đúng cú pháp XML ({got})"
    hint_en = "write the package with an XML library instead of joining texts"
    hint_vi = "dùng thư viện XML để ghi gói tin thay vì ghép chuỗi"


class TagMismatchError(EnvelopeError):
    """An end tag closes another element than the open one."""

    code = "envelope.tag-mismatch"
    en = "an end tag does not match: expected {expected}, got {got}"
    vi = "thẻ đóng không khớp: cần {expected}, nhận được {got}"
    hint_en = "close the elements in the reverse order of opening"
    hint_vi = "đóng các phần tử theo thứ tự ngược với khi mở"


class DuplicateAttributeError(EnvelopeError):
    """An element has the same attribute twice."""

    code = "envelope.duplicate-attribute"
    en = "an element carries the same attribute twice: expected one, got {got}"
    vi = "một phần tử có hai thuộc tính trùng nhau: cần một, nhận được {got}"
    hint_en = "write each attribute once"
    hint_vi = "mỗi thuộc tính chỉ ghi một lần"


class UndeclaredPrefixError(EnvelopeError):
    """A name has a prefix that nothing declares."""

    code = "envelope.undeclared-prefix"
    rule = "Namespaces in XML 1.0"
    en = "a namespace prefix is not declared: expected {expected}, got the prefix {got}"
    vi = "tiền tố không gian tên chưa được khai báo: cần {expected}, nhận được tiền tố {got}"
    hint_en = "declare the prefix on the element or above it"
    hint_vi = "khai báo tiền tố tại phần tử hoặc phần tử cha"


class UndefinedEntityError(EnvelopeError):
    """A named entity other than XML's own five."""

    code = "envelope.undefined-entity"
    en = "an entity is not defined: expected {expected}, got {got}"
    vi = "thực thể không được định nghĩa: cần {expected}, nhận được {got}"
    hint_en = "write the character itself in UTF-8"
    hint_vi = "ghi trực tiếp ký tự bằng UTF-8"


class InvalidCharacterError(EnvelopeError):
    """A character or token that XML does not allow at this place."""

    code = "envelope.invalid-character"
    en = "a character is not allowed in XML here: {got}"
    vi = "ký tự không được phép trong XML tại đây: {got}"
    hint_en = "remove control characters; write & as &amp; and < as &lt;"
    hint_vi = "bỏ ký tự điều khiển; ghi & thành &amp; và < thành &lt;"


class TrailingContentError(EnvelopeError):
    """Something stands behind the end of the root element."""

    code = "envelope.trailing-content"
    en = "there is content after the end of the package: expected none, got {got}"
    vi = "có nội dung sau khi kết thúc gói tin: nhận được {got}"
    hint_en = "send one package at a time and nothing behind it"
    hint_vi = "mỗi lần chỉ gửi một gói tin, không có gì phía sau"


class DoctypeError(EnvelopeError):
    """A document type declaration: the door of entity bombs and of foreign files."""

    code = "envelope.doctype"
    rule = "axis profile: no DOCTYPE"
    en = "a DOCTYPE is not allowed: expected none, got {got}"
    vi = "không được có DOCTYPE: nhận được {got}"
    hint_en = "remove the DOCTYPE and all entities"
    hint_vi = "bỏ DOCTYPE và mọi thực thể"


class CommentError(EnvelopeError):
    """A comment: a text split by it reads differently from what was signed."""

    code = "envelope.comment"
    rule = "axis profile: no comments"
    en = "a comment is not allowed: expected none, got {got}"
    vi = "không được có chú thích (comment): nhận được {got}"
    hint_en = "remove the comments before signing"
    hint_vi = "bỏ các chú thích trước khi ký"


class ProcessingInstructionError(EnvelopeError):
    """A processing instruction."""

    code = "envelope.processing-instruction"
    rule = "axis profile: no processing instructions"
    en = "a processing instruction is not allowed: expected none, got {got}"
    vi = "không được có chỉ thị xử lý: nhận được {got}"
    hint_en = "remove everything between <? and ?> but the XML declaration"
    hint_vi = "bỏ mọi nội dung giữa <? và ?> trừ khai báo XML"


class TooDeepError(EnvelopeError):
    """Elements are nested deeper than any edXML package needs."""

    code = "envelope.too-deep"
    rule = "limits: depth"
    en = "elements are nested too deep: expected {expected} levels, got {got}"
    vi = "các phần tử lồng nhau quá sâu: cần {expected} mức, nhận được {got}"
    hint_en = "keep to the structure of edXML"
    hint_vi = "giữ đúng cấu trúc edXML"


class TooManyElementsError(EnvelopeError):
    """More elements than a package may have."""

    code = "envelope.too-many-elements"
    rule = "limits: elements"
    en = "there are too many elements: expected {expected}, got {got}"
    vi = "có quá nhiều phần tử: cần {expected}, nhận được {got}"
    hint_en = "split the list of receivers over several packages"
    hint_vi = "chia danh sách nơi nhận thành nhiều gói tin"


class TooManyAttributesError(EnvelopeError):
    """More attributes on one element, or in all, than a package may have."""

    code = "envelope.too-many-attributes"
    rule = "limits: attributes"
    en = "there are too many attributes: expected {expected}, got {got}"
    vi = "có quá nhiều thuộc tính: cần {expected}, nhận được {got}"
    hint_en = "keep to the attributes of edXML"
    hint_vi = "chỉ dùng các thuộc tính của edXML"


class NamespaceDeclarationsError(EnvelopeError):
    """More namespace declarations than canonicalisation may be made to carry."""

    code = "envelope.namespace-declarations"
    rule = "limits: namespace_declarations"
    en = "there are too many namespace declarations: expected {expected}, got {got}"
    vi = "có quá nhiều khai báo không gian tên: cần {expected}, nhận được {got}"
    hint_en = "declare each namespace once, on the root"
    hint_vi = "khai báo mỗi không gian tên một lần tại phần tử gốc"


class SchemaInstanceError(EnvelopeError):
    """An xsi attribute would let the package choose its own schema or type."""

    code = "envelope.schema-instance"
    rule = "axis profile: no xsi attributes"
    en = "an xsi attribute is not allowed: expected none, got {got}"
    vi = "không được có thuộc tính xsi: nhận được {got}"
    hint_en = "remove xsi:schemaLocation, xsi:type and xsi:nil"
    hint_vi = "bỏ xsi:schemaLocation, xsi:type và xsi:nil"


# --- the schema ----------------------------------------------------------------------------------


class WrongNamespaceError(EnvelopeError):
    """An edXML name in another namespace than that of QCVN 102:2016."""

    code = "envelope.wrong-namespace"
    rule = "QCVN 102:2016 namespace"
    en = "the namespace is wrong: expected {expected}, got {got}"
    vi = "sai không gian tên: cần {expected}, nhận được {got}"
    hint_en = "write the package in the QCVN 102:2016 namespace"
    hint_vi = "ghi gói tin theo không gian tên của QCVN 102:2016"


class WrongRootError(EnvelopeError):
    """The root is not edXML."""

    code = "envelope.wrong-root"
    rule = "edXML root"
    en = "the root element is wrong: expected {expected}, got {got}"
    vi = "sai phần tử gốc: cần {expected}, nhận được {got}"
    hint_en = "send an edXML package"
    hint_vi = "gửi gói tin edXML"


class UnexpectedElementError(EnvelopeError):
    """An element that the schema does not have at this place."""

    code = "schema.unexpected-element"
    rule = "xsd"
    en = "an element is not expected here ({rule}): expected {expected}, got {got}"
    vi = "phần tử không được phép tại đây ({rule}): cần {expected}, nhận được {got}"
    hint_en = "move or remove the element; docs/edxml.md lists what stands where"
    hint_vi = "chuyển hoặc bỏ phần tử; docs/edxml.md liệt kê vị trí từng phần tử"


class MissingElementError(EnvelopeError):
    """A mandatory element is absent."""

    code = "schema.missing-element"
    rule = "xsd"
    en = "an element is missing ({rule}): expected {expected}, got {got}"
    vi = "thiếu phần tử bắt buộc ({rule}): cần {expected}, nhận được {got}"
    hint_en = "add the element; docs/edxml.md says what it holds"
    hint_vi = "bổ sung phần tử; xem nội dung cần có trong docs/edxml.md"


class RepeatedElementError(EnvelopeError):
    """An element stands more often than it may."""

    code = "schema.repeated-element"
    rule = "xsd"
    en = "an element is repeated ({rule}): expected {expected}, got {got}"
    vi = "phần tử bị lặp ({rule}): cần {expected}, nhận được {got}"
    hint_en = "keep one of them"
    hint_vi = "chỉ giữ lại một phần tử"


class UnexpectedAttributeError(EnvelopeError):
    """An attribute that the schema does not have at this place."""

    code = "schema.unexpected-attribute"
    rule = "xsd"
    en = "an attribute is not expected here ({rule}): expected {expected}, got {got}"
    vi = "thuộc tính không được phép tại đây ({rule}): cần {expected}, nhận được {got}"
    hint_en = "remove the attribute"
    hint_vi = "bỏ thuộc tính"


class UnexpectedTextError(EnvelopeError):
    """Text stands between elements."""

    code = "schema.unexpected-text"
    rule = "xsd"
    en = "text is not expected here ({rule}): expected {expected}, got {got}"
    vi = "không được có văn bản tại đây ({rule}): cần {expected}, nhận được {got}"
    hint_en = "put the text into an element"
    hint_vi = "đặt văn bản vào trong phần tử"


class InvalidValueError(EnvelopeError):
    """A value has not the form that its element demands."""

    code = "schema.invalid-value"
    rule = "xsd"
    en = "the value is not valid ({rule}): expected {expected}, got {got}"
    vi = "giá trị không hợp lệ ({rule}): cần {expected}, nhận được {got}"
    hint_en = "correct the value"
    hint_vi = "sửa lại giá trị"


class EmptyValueError(EnvelopeError):
    """A mandatory value is empty."""

    code = "schema.empty-value"
    rule = "xsd"
    en = "the value is empty ({rule}): expected {expected}, got {got}"
    vi = "giá trị bị trống ({rule}): cần {expected}, nhận được {got}"
    hint_en = "fill the element in"
    hint_vi = "điền nội dung cho phần tử"


class TooLongError(EnvelopeError):
    """A text has more characters than its element may hold."""

    code = "schema.too-long"
    rule = "xsd"
    en = "the text is too long ({rule}): expected {expected} characters, got {got}"
    vi = "văn bản quá dài ({rule}): cần {expected} ký tự, nhận được {got}"
    hint_en = "shorten the text; docs/limits.md lists the lengths"
    hint_vi = "rút ngắn văn bản; docs/limits.md liệt kê các độ dài"


class SchemaViolationError(EnvelopeError):
    """The package breaks the schema in a way that has no code of its own."""

    code = "schema.violation"
    rule = "xsd"
    en = "the package does not fit the schema ({rule}): expected {expected}, got {got}"
    vi = "gói tin không đúng lược đồ ({rule}): cần {expected}, nhận được {got}"
    hint_en = "compare the element with docs/edxml.md"
    hint_vi = "đối chiếu phần tử với docs/edxml.md"


# --- the rules -----------------------------------------------------------------------------------


class RetiredStatusError(EnvelopeError):
    """Status 14: a known client's mistake for 15."""

    code = "status.code-14"
    rule = "edXML status codes"
    en = "status 14 does not exist: expected {expected}, got {got}"
    vi = "không có mã trạng thái 14: cần {expected}, nhận được {got}"
    hint_en = "send 15 to agree to an update or recall, 16 to refuse it"
    hint_vi = "dùng 15 để đồng ý cập nhật hoặc lấy lại, 16 để từ chối"


class UnnamedDocumentError(EnvelopeError):
    """A package about an earlier document does not say which."""

    code = "business.document-missing"
    rule = "edXML 2.2.4"
    en = "the package does not name the document that it concerns: expected {expected}, got {got}"
    vi = "gói tin không nêu văn bản liên quan: cần {expected}, nhận được {got}"
    hint_en = "name the document by DocumentId in Bussiness or in ResponseFor"
    hint_vi = "nêu DocumentId của văn bản trong Bussiness hoặc ResponseFor"


class MissingReceiversError(EnvelopeError):
    """An update says that the receivers change and lists none."""

    code = "business.receivers-missing"
    rule = "edXML 2.2.3"
    en = "the update changes the receivers and lists none: expected {expected}, got {got}"
    vi = "gói cập nhật thay đổi nơi nhận nhưng không liệt kê: cần {expected}, nhận được {got}"
    hint_en = "list each receiver with ReceiverType 0 (removed) or 1 (added)"
    hint_vi = "liệt kê từng nơi nhận với ReceiverType 0 (bỏ) hoặc 1 (thêm)"


class MissingReplacementsError(EnvelopeError):
    """A replacement does not say what it replaces."""

    code = "business.replacements-missing"
    rule = "edXML 2.2.8"
    en = "the replacement names no replaced document: expected {expected}, got {got}"
    vi = "gói thay thế không nêu văn bản bị thay thế: cần {expected}, nhận được {got}"
    hint_en = "add ReplacementInfoList with a DocumentId for each replaced document"
    hint_vi = "thêm ReplacementInfoList với DocumentId của từng văn bản bị thay thế"


class TooManyRecipientsError(EnvelopeError):
    """More recipients than a package may have."""

    code = "envelope.too-many-recipients"
    rule = "limits: recipients"
    en = "there are too many recipients: expected {expected}, got {got}"
    vi = "có quá nhiều nơi nhận: cần {expected}, nhận được {got}"
    hint_en = "split the list over several packages"
    hint_vi = "chia danh sách thành nhiều gói tin"


class TooManyAttachmentsError(EnvelopeError):
    """More attachments than a package may have."""

    code = "attachment.too-many"
    rule = "limits: attachments"
    en = "there are too many attachments: expected {expected}, got {got}"
    vi = "có quá nhiều tệp đính kèm: cần {expected}, nhận được {got}"
    hint_en = "split the attachments over several packages"
    hint_vi = "chia tệp đính kèm thành nhiều gói tin"


class AttachmentMissingError(EnvelopeError):
    """The manifest names an attachment that the package has not, and that nobody brought apart.

    With the fact ``apart`` the attachment is one that may travel apart: once its sender has brought
    it, the same package passes.
    """

    code = "attachment.missing"
    rule = "edXMLManifest ↔ AttachmentEncoded"
    en = "the manifest names an attachment that is absent: expected {expected}, got {got}"
    vi = "tệp đính kèm nêu trong manifest không có trong gói: cần {expected}, nhận được {got}"
    hint_en = (
        "add the Attachment with the same ContentId, or remove the Reference; where it travels"
        " apart, bring its bytes first, then send the same package again"
    )
    hint_vi = (
        "thêm Attachment có cùng ContentId hoặc bỏ Reference; nếu tệp gửi riêng thì gửi tệp trước,"
        " sau đó gửi lại đúng gói tin này"
    )


class AttachmentUnlistedError(EnvelopeError):
    """The package has an attachment that the manifest does not name."""

    code = "attachment.unlisted"
    rule = "edXMLManifest ↔ AttachmentEncoded"
    en = "an attachment is not in the manifest: expected {expected}, got {got}"
    vi = "tệp đính kèm không có trong manifest: cần {expected}, nhận được {got}"
    hint_en = "add a Reference with the same ContentId, or remove the Attachment"
    hint_vi = "thêm Reference có cùng ContentId hoặc bỏ Attachment"


class AttachmentRepeatedError(EnvelopeError):
    """Two attachments, or two references, have the same ContentId."""

    code = "attachment.repeated"
    rule = "edXMLManifest ↔ AttachmentEncoded"
    en = "a ContentId is used twice: expected one, got {got}"
    vi = "một ContentId được dùng hai lần: cần một, nhận được {got}"
    hint_en = "give each attachment a ContentId of its own"
    hint_vi = "mỗi tệp đính kèm dùng một ContentId riêng"


class NotBase64Error(EnvelopeError):
    """The text of an attachment is not Base64."""

    code = "attachment.not-base64"
    rule = "RFC 4648 §4"
    en = "the attachment is not Base64: expected {expected}, got {got}"
    vi = "tệp đính kèm không phải Base64: cần {expected}, nhận được {got}"
    hint_en = "encode the file's bytes as Base64 with padding"
    hint_vi = "mã hóa nội dung tệp bằng Base64 có ký tự đệm"


class NameMismatchError(EnvelopeError):
    """The attachment's name is not the one that the manifest states."""

    code = "attachment.name-mismatch"
    rule = "edXMLManifest ↔ AttachmentEncoded"
    en = "an attachment's name differs from the manifest's: expected {expected}, got {got}"
    vi = "tên tệp đính kèm khác với manifest: cần {expected}, nhận được {got}"
    hint_en = "write the same AttachmentName in both places"
    hint_vi = "ghi AttachmentName giống nhau ở cả hai nơi"


class UnsafeNameError(EnvelopeError):
    """The attachment's name has characters that deceive the person who reads it."""

    code = "attachment.name-unsafe"
    rule = "axis profile: attachment names"
    en = "the attachment's name is not safe to show: expected {expected}, got {got}"
    vi = "tên tệp đính kèm không an toàn khi hiển thị: cần {expected}, nhận được {got}"
    hint_en = "remove control and text-direction characters from the name"
    hint_vi = "bỏ ký tự điều khiển và ký tự đổi hướng chữ khỏi tên tệp"


class DeceptiveNameError(EnvelopeError):
    """An attachment's name mixes letters of two scripts that look alike within one word."""

    code = "attachment.name-deceptive"
    rule = "Unicode UTS 39, one script in a word"
    en = "the name of an attachment mixes look-alike letters of two scripts: {got}"
    vi = "tên tệp đính kèm trộn các chữ cái giống nhau của hai hệ chữ: {got}"
    hint_en = "write the name with the letters of one alphabet"
    hint_vi = "viết lại tên tệp bằng chữ cái của một bảng chữ cái"


class NameTooLongError(EnvelopeError):
    """The attachment's name has more bytes than a name may have."""

    code = "attachment.name-too-long"
    rule = "limits: attachment_name_bytes"
    en = "the attachment's name is too long: expected {expected} bytes of NFC UTF-8, got {got}"
    vi = "tên tệp đính kèm quá dài: cần {expected} byte UTF-8 NFC, nhận được {got}"
    hint_en = "shorten the file's name"
    hint_vi = "rút ngắn tên tệp"


# --- writing -------------------------------------------------------------------------------------


class UnwritableTextError(EnvelopeError):
    """A text holds a character that XML cannot carry."""

    code = "envelope.unwritable-text"
    en = "a text cannot be written as XML: expected {expected}, got {got}"
    vi = "văn bản không thể ghi thành XML: cần {expected}, nhận được {got}"
    hint_en = "remove the control character"
    hint_vi = "bỏ ký tự điều khiển"


class UnlistedBytesError(EnvelopeError):
    """Attachment bytes were given that the manifest does not name."""

    code = "envelope.unlisted-bytes"
    rule = "edXMLManifest ↔ AttachmentEncoded"
    en = "bytes were given for an attachment that the manifest does not name: {got}"
    vi = "có nội dung tệp không được nêu trong manifest: {got}"
    hint_en = "add a manifest reference for it"
    hint_vi = "thêm tham chiếu vào manifest"


class FormError(EnvelopeError):
    """A form for a new package cannot be understood."""

    code = "envelope.form-invalid"
    rule = "axis envelope new"
    en = "the form {source} is not valid: {got}"
    vi = "biểu mẫu {source} không hợp lệ: {got}"
    hint_en = "axis envelope new --help lists the keys"
    hint_vi = "axis envelope new --help liệt kê các khóa"


class ZipRefusedError(EnvelopeError):
    """A ZIP-wrapped attachment is not opened: it is broken, or would cost more than it may."""

    code = "attachment.zip-refused"
    rule = "zip"
    en = "the ZIP-wrapped attachment is not opened ({rule}): expected {expected}, got {got}"
    vi = "không mở tệp đính kèm nén ZIP ({rule}): cần {expected}, nhận được {got}"
    hint_en = "keep the attachment as it came; ask the sender for it without the ZIP around it"
    hint_vi = "giữ nguyên tệp như đã nhận; đề nghị nơi gửi gửi lại không bọc trong ZIP"


class TypeUnknownError(EnvelopeError):
    """The payload's type, or this version of it, is none that this axis carries."""

    code = "type.unknown"
    rule = "Payload/@type, Payload/@version"
    en = "the axis carries no messages of type {got}; it carries {expected}"
    vi = "trục không chuyển thông điệp loại {got}; các loại đang chuyển: {expected}"
    hint_en = "GET /v1/types lists the types; ask the receiver which of them it takes"
    hint_vi = "GET /v1/types liệt kê các loại; hỏi nơi nhận nhận những loại nào"
