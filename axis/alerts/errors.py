"""What stands in the way of telling somebody."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class MailUnsentError(AxisError):
    """The mail server did not take a message; it is tried again."""

    code = "alert.mail-unsent"
    fault = Fault.OUTAGE
    en = "the mail server {host} did not take a message to {target}: {reason}"
    vi = "máy chủ thư {host} không nhận thư gửi {target}: {reason}"
    hint_en = "check [alerts] smtp_…, then: axis alert test; nothing is lost meanwhile"
    hint_vi = "kiểm tra [alerts] smtp_…, rồi chạy: axis alert test; thư không bị mất"


class NobodyToTellError(AxisError):
    """The settings name nobody who could be told."""

    code = "alert.nobody"
    fault = Fault.INPUT
    en = "[alerts] names neither mail_to nor webhooks: nobody is told of anything"
    vi = "[alerts] chưa khai báo mail_to hay webhooks: không ai được báo"
    hint_en = "name somebody in [alerts], then: axis alert test"
    hint_vi = "khai báo người nhận trong [alerts], rồi chạy: axis alert test"


class AlertSettingsError(AxisError):
    """The settings of alerts contradict themselves."""

    code = "alert.settings"
    fault = Fault.INPUT
    en = "[alerts] {key} = {got}: expected {expected}"
    vi = "[alerts] {key} = {got}: cần {expected}"
    hint_en = "correct it; docs/operate/alerts.md has an example"
    hint_vi = "sửa lại; xem ví dụ trong docs/operate/alerts.md"


class SilenceUnknownError(AxisError):
    """No such silence holds."""

    code = "alert.silence-unknown"
    fault = Fault.INPUT
    en = "no silence {id} holds"
    vi = "không có lệnh im lặng {id} nào đang hiệu lực"
    hint_en = "`axis alert list --silences` lists those that hold"
    hint_vi = "`axis alert list --silences` liệt kê các lệnh đang hiệu lực"
