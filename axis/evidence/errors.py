"""What the courtroom package can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class SealMissingError(AxisError):
    """No certificate is configured that evidence is signed with."""

    code = "evidence.no-seal"
    fault = Fault.OUTAGE
    en = "no key and certificate are configured that evidence is sealed with"
    vi = "chưa cấu hình khóa và chứng thư số để niêm phong chứng cứ"
    hint_en = "set key and certificate in [evidence]"
    hint_vi = "đặt key và certificate trong mục [evidence]"


class ContainerMalformedError(AxisError):
    """A file is no container of evidence."""

    code = "evidence.container-malformed"
    fault = Fault.INPUT
    en = "this is no ASiC-E container of evidence: {reason}"
    vi = "đây không phải là gói chứng cứ ASiC-E hợp lệ: {reason}"
    hint_en = "take the container again from its source"
    hint_vi = "lấy lại gói chứng cứ từ nguồn"


class EvidenceSignatureError(AxisError):
    """The container's signature does not cover what is in it."""

    code = "evidence.signature"
    fault = Fault.INPUT
    en = "the signature of the container is not valid: {reason}"
    vi = "chữ ký của gói chứng cứ không hợp lệ: {reason}"
    hint_en = "something was changed, added or taken out; take it again from its source"
    hint_vi = "nội dung đã bị sửa, thêm hoặc bớt; lấy lại từ nguồn"


class EvidenceForeignError(AxisError):
    """The container is sealed by somebody else than expected."""

    code = "evidence.foreign"
    fault = Fault.INPUT
    en = "the container is sealed by the certificate {got}, not by {expected}"
    vi = "gói chứng cứ được niêm phong bằng chứng thư {got}, không phải {expected}"
    hint_en = "compare the certificate's fingerprint with the one that was published"
    hint_vi = "đối chiếu dấu vân tay chứng thư với bản đã công bố"
