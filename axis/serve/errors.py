"""What the processes refuse that no room does."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class MetricsAddressError(AxisError):
    """The metrics cannot be served at this address."""

    code = "metrics.address"
    fault = Fault.OUTAGE
    en = "the metrics cannot listen on {host}:{port}: {reason}"
    vi = "không mở được cổng số liệu {host}:{port}: {reason}"
    hint_en = "end what listens there, or change [metrics] port"
    hint_vi = "dừng chương trình đang dùng cổng đó, hoặc đổi [metrics] port"
