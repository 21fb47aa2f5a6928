"""What callers are refused, before anything is said about offices or documents."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class AccessDeniedError(AxisError):
    """The caller did not prove which system it is; every way to fail at that is answered so."""

    code = "access.denied"
    fault = Fault.INPUT
    en = "the caller did not prove which system it is"
    vi = "chưa xác thực được hệ thống gọi đến"
    hint_en = "send a valid token or client certificate; the axis operator issues them"
    hint_vi = "gửi mã truy cập hoặc chứng thư hợp lệ; đơn vị vận hành trục cấp các thông tin này"


class CredentialExpiredError(AxisError):
    """The credential was right until an instant; only who holds its secret is told so."""

    code = "access.expired"
    fault = Fault.INPUT
    en = "the credential {credential} ended at {until}"
    vi = "thông tin truy cập {credential} hết hạn lúc {until}"
    hint_en = "ask the axis operator for a new one; the old and the new one may overlap"
    hint_vi = "đề nghị đơn vị vận hành trục cấp mới; mã cũ và mã mới có thể dùng song song"


class ScopeMissingError(AxisError):
    """The credential is good, but not for this."""

    code = "access.scope"
    fault = Fault.INPUT
    en = "this credential is not for {scope}"
    vi = "thông tin truy cập này không có quyền {scope}"
    hint_en = "use a credential with that scope, or ask the axis operator for one"
    hint_vi = "dùng thông tin truy cập có quyền này, hoặc đề nghị đơn vị vận hành trục cấp"


class SystemStoppedError(AxisError):
    """The system is known and may do nothing now."""

    code = "access.system-stopped"
    fault = Fault.INPUT
    en = "the system {system_id} is {state}"
    vi = "hệ thống {system_id} đang ở trạng thái {state}"
    hint_en = "ask the axis operator; nothing that waits for the system is lost"
    hint_vi = "liên hệ đơn vị vận hành trục; văn bản đang chờ không bị mất"


class CredentialUnknownError(AxisError):
    """A command names a credential that is not in the records."""

    code = "access.unknown"
    fault = Fault.INPUT
    en = "there is no {kind} {credential}"
    vi = "không có {kind} {credential}"
    hint_en = "list them with: axis system {kind} list"
    hint_vi = "liệt kê bằng: axis system {kind} list"


class SecretWeakError(AxisError):
    """A shared secret that was brought along is too short to be one."""

    code = "access.secret-weak"
    fault = Fault.INPUT
    en = "a shared secret has at least {expected} bytes, this one has {got}"
    vi = "khóa bí mật dùng chung phải dài ít nhất {expected} byte, khóa này chỉ có {got}"
    hint_en = "let the axis make one: leave the file away"
    hint_vi = "để trục tự tạo khóa: bỏ tham số tệp"


class SecretUnreadableError(AxisError):
    """A shared secret in the records cannot be opened with the key at hand."""

    code = "access.secret-unreadable"
    fault = Fault.AXIS
    en = "the shared secret {credential} cannot be opened with this key"
    vi = "không mở được khóa bí mật {credential} bằng khóa hiện có"
    hint_en = "restore the file of [access] key from its backup, or issue new secrets"
    hint_vi = "khôi phục tệp của [access] key từ bản sao lưu, hoặc cấp khóa bí mật mới"
