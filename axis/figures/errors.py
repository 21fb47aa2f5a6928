"""What the statistics feed refuses."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class PeriodTooLongError(AxisError):
    """So many hours of so many offices are not counted in one call."""

    code = "statistics.period"
    fault = Fault.INPUT
    en = "expected a period of at most {days} days that ends after it begins"
    vi = "cần một khoảng không quá {days} ngày, kết thúc sau khi bắt đầu"
    hint_en = "ask for shorter periods one after the other, by level, or for one office"
    hint_vi = "hỏi lần lượt các khoảng ngắn hơn, theo cấp, hoặc theo một cơ quan"
