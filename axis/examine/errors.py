"""What examining can refuse beyond what envelope and trust do."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class ResourceLimitError(AxisError):
    """The package cost more time or memory than any honest one, or its examiner died of it."""

    code = "examine.resource-limit"
    fault = Fault.INPUT
    en = "examining the package was ended: {reason}"
    vi = "việc kiểm tra gói tin bị dừng: {reason}"
    hint_en = "report the package to the axis operator; it is kept, and is not examined again"
    hint_vi = "báo gói tin này cho đơn vị vận hành trục; gói tin được giữ lại và không kiểm tra lại"


class ExaminersUnavailableError(AxisError):
    """No examining process can be started now."""

    code = "examine.unavailable"
    fault = Fault.OUTAGE
    en = "no examining process can be started: {reason}"
    vi = "không khởi động được tiến trình kiểm tra: {reason}"
    hint_en = "check memory and process limits of the host; the package is examined again later"
    hint_vi = "kiểm tra bộ nhớ và giới hạn tiến trình của máy; gói tin sẽ được kiểm tra lại sau"
