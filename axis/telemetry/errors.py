"""What stands in the way of tracing."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class TelemetryAbsentError(AxisError):
    """The settings ask for traces, and the library is not installed."""

    code = "telemetry.absent"
    fault = Fault.INPUT
    en = "[telemetry] endpoint asks for traces, and OpenTelemetry is not installed"
    vi = "[telemetry] endpoint yêu cầu truy vết nhưng chưa cài OpenTelemetry"
    hint_en = "install the extra: pip install 'axis[telemetry]', or leave the endpoint empty"
    hint_vi = "cài phần mở rộng: pip install 'axis[telemetry]', hoặc để trống endpoint"
