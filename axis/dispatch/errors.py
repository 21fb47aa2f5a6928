"""What acts on deliveries can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class NoWayError(AxisError):
    """A delivery cannot be released, because nobody would take it."""

    code = "dispatch.no-way"
    fault = Fault.INPUT
    en = "no connected system takes documents for {address} now"
    vi = "hiện không có hệ thống nào đang kết nối nhận văn bản cho {address}"
    hint_en = "connect the office's system, set the rule of a divided office, or redirect it"
    hint_vi = "kết nối hệ thống của đơn vị, đặt quy tắc chia tách, hoặc chuyển hướng"


class AlreadyAddressedError(AxisError):
    """A delivery is redirected to an office that has one of the same package."""

    code = "dispatch.already-addressed"
    fault = Fault.INPUT
    en = "{address} has a delivery of the same package already"
    vi = "{address} đã có lượt giao của chính gói tin này"
    hint_en = "give this delivery up instead, or redirect it to another office"
    hint_vi = "kết thúc lượt giao này, hoặc chuyển hướng tới đơn vị khác"
