"""What enrolment refuses."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class EnrollmentUnknownError(AxisError):
    """There is no such enrolment, or the code is wrong; which of the two is not said."""

    code = "enrollment.unknown"
    fault = Fault.INPUT
    en = "no enrolment is open under this code"
    vi = "mã đăng ký không đúng hoặc không còn hiệu lực"
    hint_en = "ask the axis operator for a new bundle (axis enrollment new)"
    hint_vi = "đề nghị đơn vị vận hành trục cấp gói đăng ký mới (axis enrollment new)"


class EnrollmentUsedError(AxisError):
    """Another key has asked with this code before."""

    code = "enrollment.used"
    fault = Fault.INPUT
    en = "this code was used by another key"
    vi = "mã đăng ký đã được dùng với một khóa khác"
    hint_en = "if that was not you, tell the axis operator at once; else ask for a new bundle"
    hint_vi = "nếu không phải đơn vị đã dùng, báo ngay đơn vị vận hành trục; nếu không, xin gói mới"


class EnrollmentRejectedError(AxisError):
    """A person said no."""

    code = "enrollment.rejected"
    fault = Fault.INPUT
    en = "the enrolment was rejected: {why}"
    vi = "yêu cầu đăng ký bị từ chối: {why}"
    hint_en = "speak with the axis operator"
    hint_vi = "liên hệ đơn vị vận hành trục"


class RequestUnreadableError(AxisError):
    """What was asked cannot be read, or the asker does not hold the key."""

    code = "enrollment.request"
    fault = Fault.INPUT
    en = "the request is not valid: {reason}"
    vi = "yêu cầu đăng ký không hợp lệ: {reason}"
    hint_en = "run `axis agent enroll` with the bundle again; see that the clock is right"
    hint_vi = "chạy lại `axis agent enroll` với gói đăng ký; kiểm tra đồng hồ của máy"


class EnrollmentStateError(AxisError):
    """The enrolment is not at the point where this could be done."""

    code = "enrollment.state"
    fault = Fault.INPUT
    en = "the enrolment {id} is {got}, not {expected}"
    vi = "yêu cầu đăng ký {id} đang ở trạng thái {got}, không phải {expected}"
    hint_en = "look at `axis enrollment list`"
    hint_vi = "kiểm tra bằng `axis enrollment list`"


class FingerprintMismatchError(AxisError):
    """The fingerprint that was read out is not the request's."""

    code = "enrollment.fingerprint"
    fault = Fault.INPUT
    en = "the request has the fingerprint {expected}, not {got}"
    vi = "dấu vân tay của yêu cầu là {expected}, không phải {got}"
    hint_en = "do not approve it; ask the office to read it out again"
    hint_vi = "không phê duyệt; đề nghị đơn vị đọc lại dấu vân tay"


class CertificateNeededError(AxisError):
    """A request without a certificate needs one to be approved."""

    code = "enrollment.certificate"
    fault = Fault.INPUT
    en = "the office has asked for a certificate, and none was given: {reason}"
    vi = "đơn vị xin cấp chứng thư nhưng chưa có chứng thư phù hợp: {reason}"
    hint_en = "give --certificate FILE for this key, or --authority FOLDER of a trial authority"
    hint_vi = "dùng --certificate FILE cho đúng khóa này, hoặc --authority FOLDER (thử nghiệm)"
