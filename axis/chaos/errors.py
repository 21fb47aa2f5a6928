"""What stands in the way of a run."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class NoNetworkError(AxisError):
    """Machines with addresses of their own cannot be made here."""

    code = "chaos.no-network"
    fault = Fault.OUTAGE
    en = "machines with their own addresses cannot be made here: {reason}"
    vi = "không tạo được các máy có địa chỉ riêng tại đây: {reason}"
    hint_en = "run it as root on Linux, in a container with the right to administer its network"
    hint_vi = "chạy bằng root trên Linux, trong container có quyền quản trị mạng của nó"


class ClusterError(AxisError):
    """A server of the cluster did not do what it was told to."""

    code = "chaos.cluster"
    fault = Fault.OUTAGE
    en = "{what} on {machine} did not come to its end: {reason}"
    vi = "{what} trên {machine} không hoàn tất: {reason}"
    hint_en = "read the logs in the run's folder (--home, --keep), then run it again"
    hint_vi = "xem nhật ký trong thư mục của lần chạy (--home, --keep), rồi chạy lại"
