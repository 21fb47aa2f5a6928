"""What can stand in the way of somebody at the console."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class SigninDeniedError(AxisError):
    """Name, password or code is wrong; which of them is not said."""

    code = "signin.denied"
    fault = Fault.INPUT
    en = "name, password or code is wrong"
    vi = "tên đăng nhập, mật khẩu hoặc mã xác thực không đúng"
    hint_en = "try again with a new code; `axis console account reset` gives a new password"
    hint_vi = "thử lại với mã mới; `axis console account reset` cấp lại mật khẩu"


class SigninRateError(AxisError):
    """Too many tries to sign in."""

    code = "signin.rate"
    fault = Fault.OUTAGE
    en = "too many tries; come again in {retry_after_s} s"
    vi = "đăng nhập sai quá nhiều lần; thử lại sau {retry_after_s} giây"
    hint_en = "wait; if it was not you, tell the axis operator"
    hint_vi = "vui lòng chờ; nếu không phải bạn, hãy báo đơn vị vận hành trục"


class SessionOverError(AxisError):
    """Nobody is signed in, or not any more."""

    code = "signin.session-over"
    fault = Fault.INPUT
    en = "the session is over"
    vi = "phiên làm việc đã hết hạn"
    hint_en = "sign in again; nothing was changed"
    hint_vi = "đăng nhập lại; chưa có gì bị thay đổi"


class FormForgedError(AxisError):
    """A form came without the token that this session's own pages carry."""

    code = "signin.form-forged"
    fault = Fault.INPUT
    en = "this form is not from a page of this session"
    vi = "biểu mẫu không thuộc phiên làm việc này"
    hint_en = "open the page again and repeat; nothing was changed"
    hint_vi = "mở lại trang và thực hiện lại; chưa có gì bị thay đổi"


class PageForbiddenError(AxisError):
    """The account may not see a page or do what it offers."""

    code = "signin.forbidden"
    fault = Fault.INPUT
    en = "{account} is {kind} here and may not do this"
    vi = "tài khoản {account} có vai trò {kind}, không được phép thực hiện việc này"
    hint_en = "ask somebody who may; `axis console account list` shows the accounts"
    hint_vi = "nhờ người có quyền; `axis console account list` liệt kê các tài khoản"


class AccountTakenError(AxisError):
    """There is an account of this name."""

    code = "signin.account-taken"
    fault = Fault.INPUT
    en = "there is a console account {name} already"
    vi = "đã có tài khoản {name}"
    hint_en = "`axis console account reset {name}` gives it a new password and code"
    hint_vi = "`axis console account reset {name}` cấp lại mật khẩu và mã xác thực"


class ConsoleAccountUnknownError(AxisError):
    """There is no account of this name."""

    code = "signin.account-unknown"
    fault = Fault.INPUT
    en = "there is no console account {name}"
    vi = "không có tài khoản {name}"
    hint_en = "`axis console account list` shows them"
    hint_vi = "`axis console account list` liệt kê các tài khoản"


class PasswordWeakError(AxisError):
    """A password is too short, or is the one before."""

    code = "signin.password-weak"
    fault = Fault.INPUT
    en = "a password has at least {least} characters and is not the one before"
    vi = "mật khẩu mới cần ít nhất {least} ký tự và khác mật khẩu cũ"
    hint_en = "choose several words"
    hint_vi = "nên dùng một câu gồm nhiều từ"


class PasswordsDifferError(AxisError):
    """A new password was typed in two ways."""

    code = "signin.passwords-differ"
    fault = Fault.INPUT
    en = "the new password was typed in two ways"
    vi = "hai lần nhập mật khẩu mới không giống nhau"
    hint_en = "type it again"
    hint_vi = "nhập lại"


class OpenIdRefusedError(AxisError):
    """The provider's answer does not prove who somebody is."""

    code = "signin.openid-refused"
    fault = Fault.INPUT
    en = "the sign-in by the OpenID provider does not hold: {reason}"
    vi = "đăng nhập qua hệ thống định danh (OpenID) không hợp lệ: {reason}"
    hint_en = "begin again; if it goes on, compare [console] openid_* with the provider"
    hint_vi = "đăng nhập lại; nếu vẫn lỗi, đối chiếu [console] openid_* với nhà cung cấp"


class OpenIdUnavailableError(AxisError):
    """The provider cannot be asked now."""

    code = "signin.openid-unavailable"
    fault = Fault.OUTAGE
    en = "the OpenID provider {issuer} cannot be asked: {reason}"
    vi = "không kết nối được hệ thống định danh (OpenID) {issuer}: {reason}"
    hint_en = "try again; sign in with a password meanwhile, or look at [console] openid_issuer"
    hint_vi = "thử lại sau; tạm thời dùng mật khẩu, hoặc kiểm tra [console] openid_issuer"


class OpenIdStrangerError(AxisError):
    """The provider knows somebody who has no account here."""

    code = "signin.openid-stranger"
    fault = Fault.INPUT
    en = "{name} has no account at this console"
    vi = "{name} chưa có tài khoản trên trang quản trị này"
    hint_en = "an administrator makes one: axis console account add NAME --openid"
    hint_vi = "quản trị viên tạo bằng: axis console account add TÊN --openid"
