"""What can stand in the way of an administrator."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class NotPermittedError(AxisError):
    """The account has not the role that the command asks for; nothing was done."""

    code = "admin.not-permitted"
    fault = Fault.INPUT
    en = "{account} may not do `axis {command}`: it asks for the role {role}"
    vi = "{account} không được phép dùng `axis {command}`: lệnh này cần vai trò {role}"
    hint_en = "ask somebody who has the role (`axis admin list`), or an administrator to give it"
    hint_vi = "nhờ người có vai trò này (`axis admin list`), hoặc đề nghị quản trị viên cấp"


class ApprovalNeededError(AxisError):
    """The command waits for a second person; nothing was done yet."""

    code = "admin.approval-needed"
    fault = Fault.INPUT
    en = "`axis {command}` asks for two persons; request {request} waits for the second"
    vi = "`axis {command}` cần hai người thực hiện; yêu cầu {request} đang chờ người thứ hai"
    hint_en = "somebody else runs `axis admin approve {request}`; then give the same command again"
    hint_vi = "người khác chạy `axis admin approve {request}`; sau đó chạy lại đúng lệnh này"


class RequestUnknownError(AxisError):
    """There is no such request, or it has ended."""

    code = "admin.request-unknown"
    fault = Fault.INPUT
    en = "no request {request} waits for approval"
    vi = "không có yêu cầu {request} nào đang chờ duyệt"
    hint_en = "`axis admin requests` lists those that wait"
    hint_vi = "`axis admin requests` liệt kê các yêu cầu đang chờ"


class OwnRequestError(AxisError):
    """Nobody approves what they asked for themselves."""

    code = "admin.own-request"
    fault = Fault.INPUT
    en = "{account} asked for request {request} and cannot approve it"
    vi = "{account} là người gửi yêu cầu {request} nên không thể tự duyệt"
    hint_en = "somebody else with the role {role} must approve it"
    hint_vi = "cần một người khác có vai trò {role} duyệt"


class LastAdministratorError(AxisError):
    """Without this account nobody could name administrators any more."""

    code = "admin.last"
    fault = Fault.INPUT
    en = "{account} is the last administrator"
    vi = "{account} là quản trị viên cuối cùng"
    hint_en = "first give the role administrator to somebody else"
    hint_vi = "hãy cấp vai trò administrator cho người khác trước"


class FirstAdministratorError(AxisError):
    """The first account that is named must be able to name others."""

    code = "admin.first"
    fault = Fault.INPUT
    en = "{account} would be the first of all and could name nobody else"
    vi = "{account} là người đầu tiên được khai báo nhưng không thể khai báo người khác"
    hint_en = "give the role administrator too: --role administrator"
    hint_vi = "cấp thêm vai trò administrator: --role administrator"


class AccountUnknownError(AxisError):
    """No account of this name has a role."""

    code = "admin.unknown"
    fault = Fault.INPUT
    en = "{account} has no role here"
    vi = "{account} chưa có vai trò nào"
    hint_en = "`axis admin list` shows who has; `axis admin add` gives one"
    hint_vi = "`axis admin list` cho biết ai có vai trò; `axis admin add` để cấp"
