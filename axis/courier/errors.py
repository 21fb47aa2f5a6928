"""What the courier refuses."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class WebhookUnknownError(AxisError):
    """The system has no webhook."""

    code = "webhook.unknown"
    fault = Fault.INPUT
    en = "the system {system_id} has no webhook"
    vi = "hệ thống {system_id} chưa khai báo webhook"
    hint_en = "set one: axis system webhook set {system_id} URL"
    hint_vi = "khai báo: axis system webhook set {system_id} URL"


class WebhookUrlError(AxisError):
    """This address cannot be pushed to."""

    code = "webhook.url"
    fault = Fault.INPUT
    en = "{url} cannot be pushed to: {reason}"
    vi = "không thể gửi thông báo tới {url}: {reason}"
    hint_en = "give an https address without user, password and fragment"
    hint_vi = "dùng địa chỉ https, không kèm tên, mật khẩu và phần sau dấu #"


class WebhookWayError(AxisError):
    """The system receives in another way."""

    code = "webhook.way"
    fault = Fault.INPUT
    en = "the system {system_id} receives by {got}, not by webhook"
    vi = "hệ thống {system_id} nhận theo cách {got}, không phải webhook"
    hint_en = "change its way: axis system set {system_id} --receives-by webhook"
    hint_vi = "đổi cách nhận: axis system set {system_id} --receives-by webhook"


class AddressRefusedError(AxisError):
    """The name leads to an address that is not pushed to."""

    code = "webhook.address"
    fault = Fault.OUTAGE
    en = "{host} leads to {got}, which is no public address"
    vi = "{host} trỏ tới {got}, không phải địa chỉ công khai"
    hint_en = "name its network in [courier] allow, if the operator wants it reached"
    hint_vi = "khai báo mạng đó trong [courier] allow nếu đơn vị vận hành cho phép"


class PushFailedError(AxisError):
    """The endpoint did not take the notice."""

    code = "webhook.failed"
    fault = Fault.OUTAGE
    en = "{url} did not take the notice: {reason}"
    vi = "{url} không nhận thông báo: {reason}"
    hint_en = "it must answer 2xx within {timeout_s} s; it is tried again by itself"
    hint_vi = "cần trả lời 2xx trong {timeout_s} giây; trục sẽ tự gửi lại"
