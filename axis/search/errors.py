"""What a search can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class SearchTooWideError(AxisError):
    """A search would take too long."""

    code = "search.too-wide"
    fault = Fault.INPUT
    en = "too many documents would have to be looked at"
    vi = "phạm vi tìm kiếm quá rộng"
    hint_en = "give days, an office or one more word"
    hint_vi = "thêm khoảng ngày, đơn vị hoặc một từ trong trích yếu"


class NothingWantedError(AxisError):
    """A search names nothing to look for."""

    code = "search.nothing-wanted"
    fault = Fault.INPUT
    en = "nothing is said to look for"
    vi = "chưa nhập điều kiện tìm kiếm"
    hint_en = "give a number, words of the subject, an office or days"
    hint_vi = "nhập số ký hiệu, từ trong trích yếu, đơn vị hoặc khoảng ngày"
