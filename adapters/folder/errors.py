"""What the agent refuses; clerks read these sentences in ``rejected``."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class AgentSettingsError(AxisError):
    """The agent's settings cannot be used."""

    code = "agent.settings"
    fault = Fault.INPUT
    en = "the agent's settings in {path} are not valid: {reason}"
    vi = "cấu hình trong {path} không hợp lệ: {reason}"
    hint_en = "correct the key that is named; docs/integrate/agent.md lists them all"
    hint_vi = "sửa khóa được nêu; xem danh sách trong docs/integrate/agent.md"


class AgentBusyError(AxisError):
    """Another agent works in this folder."""

    code = "agent.busy"
    fault = Fault.OUTAGE
    en = "another agent works in {path}"
    vi = "đã có một chương trình khác đang chạy trên thư mục {path}"
    hint_en = "stop the other one; one agent serves a folder"
    hint_vi = "dừng chương trình kia; mỗi thư mục chỉ chạy một chương trình"


class ItemUnknownError(AxisError):
    """Nothing that came goes by this name."""

    code = "agent.unknown"
    fault = Fault.INPUT
    en = "nothing in inbox goes by {name}"
    vi = "không có văn bản đến nào tên {name}"
    hint_en = "name the folder in inbox, or the number and notation of the document"
    hint_vi = "ghi tên thư mục trong inbox, hoặc số ký hiệu của văn bản"


class NotADocumentError(AxisError):
    """A status can only be about a document."""

    code = "agent.not-a-document"
    fault = Fault.INPUT
    en = "{name} is a status, not a document; nothing is reported about it"
    vi = "{name} là gói trạng thái, không phải văn bản nên không báo trạng thái"
    hint_en = "name a document that came"
    hint_vi = "chọn một văn bản đến"


class DroppedUnreadableError(AxisError):
    """What was dropped cannot be read."""

    code = "agent.unreadable"
    fault = Fault.INPUT
    en = "{name} cannot be read: {reason}"
    vi = "không đọc được {name}: {reason}"
    hint_en = "check the rights of the file, and drop it again"
    hint_vi = "kiểm tra quyền đọc của tệp rồi thả lại"


class FileNamedError(AxisError):
    """A form names a file that is not there."""

    code = "agent.no-attachment"
    fault = Fault.INPUT
    en = "the form {name} has no file beside it"
    vi = "tờ khai {name} không có tệp văn bản đi kèm"
    hint_en = "give form and file the same name, such as cong-van.toml and cong-van.pdf"
    hint_vi = "đặt tờ khai và tệp cùng tên, ví dụ cong-van.toml và cong-van.pdf"


class BundleError(AxisError):
    """The bundle for enrolment cannot be used."""

    code = "agent.bundle"
    fault = Fault.INPUT
    en = "{path} is no bundle for enrolment: {reason}"
    vi = "{path} không phải gói đăng ký hợp lệ: {reason}"
    hint_en = "ask the axis operator for a new one (axis enrollment new)"
    hint_vi = "đề nghị đơn vị vận hành trục cấp gói mới (axis enrollment new)"


class EnrolledError(AxisError):
    """The folder belongs to an office already."""

    code = "agent.enrolled"
    fault = Fault.INPUT
    en = "{path} is enrolled already for {office}"
    vi = "thư mục {path} đã được đăng ký cho {office}"
    hint_en = "use another folder, or remove agent.toml to begin anew"
    hint_vi = "dùng thư mục khác, hoặc xóa agent.toml để đăng ký lại"


class WaitsForApprovalError(AxisError):
    """The axis has the request and nobody has approved it yet."""

    code = "agent.waits"
    fault = Fault.OUTAGE
    en = "the request {fingerprint} waits for approval by the axis operator"
    vi = "yêu cầu {fingerprint} đang chờ đơn vị vận hành trục phê duyệt"
    hint_en = "read the fingerprint to the operator by telephone, then run the command again"
    hint_vi = "đọc dấu vân tay cho đơn vị vận hành qua điện thoại rồi chạy lại lệnh"


class NotJudgedYetError(AxisError):
    """The axis has the package and no verdict yet."""

    code = "agent.not-judged"
    fault = Fault.OUTAGE
    en = "the axis has the package {package_id} and has not judged it yet"
    vi = "trục đã nhận gói {package_id} nhưng chưa có kết quả kiểm tra"
    hint_en = "wait; it is asked again by itself"
    hint_vi = "chờ; chương trình sẽ tự hỏi lại"


class AttachmentTooLargeError(AxisError):
    """A packed attachment is larger than anything an office sends."""

    code = "agent.attachment-too-large"
    fault = Fault.INPUT
    en = "the packed attachment {name} unpacks to more than {limit} bytes"
    vi = "tệp nén {name} khi giải nén vượt quá {limit} byte"
    hint_en = "it is left packed as it came"
    hint_vi = "tệp được giữ nguyên dạng nén như khi nhận"


class ListenAddressError(AxisError):
    """The VXP API cannot be served at this address."""

    code = "agent.vxp-address"
    fault = Fault.INPUT
    en = "the VXP API is not served at {address}: {reason}"
    vi = "không mở cổng VXP tại {address}: {reason}"
    hint_en = "use 127.0.0.1:8041; for other machines set beyond = true under [vxp]"
    hint_vi = "dùng 127.0.0.1:8041; nếu máy khác cần gọi, đặt beyond = true trong [vxp]"


class RoomError(AxisError):
    """The agent's disk is nearly full: nothing more is taken from the eOffice."""

    code = "agent.no-room"
    fault = Fault.OUTAGE
    en = "the agent's disk has {got} bytes left; {expected} are kept free"
    vi = "ổ đĩa của chương trình chỉ còn {got} byte; cần để trống {expected} byte"
    hint_en = "nothing was taken; free the disk, then send again"
    hint_vi = "chưa có gì được tiếp nhận; giải phóng ổ đĩa rồi gửi lại"
