"""What the intake can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class IntakeBusyError(AxisError):
    """The axis takes nothing more for a while; nothing of this package was accepted."""

    code = "intake.busy"
    fault = Fault.OUTAGE
    en = "the axis takes no packages now ({reason}); try again in {retry_after_s} s"
    vi = "trục tạm thời không tiếp nhận gói tin ({reason}); thử lại sau {retry_after_s} giây"
    hint_en = "send the same bytes again later; nothing was accepted"
    hint_vi = "gửi lại đúng gói tin này sau; chưa có gì được tiếp nhận"
