"""Why a measurement cannot be made or must not be believed."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class BenchUnusableError(AxisError):
    """The servers that were named hold work that is not the bench's."""

    code = "bench.servers-in-use"
    fault = Fault.INPUT
    en = "the queue {queue} holds {count} messages that are not the bench's"
    vi = "hàng đợi {queue} đang có {count} bản tin không thuộc phép đo"
    hint_en = "name servers that nothing else uses, or none: the bench then starts its own"
    hint_vi = "chọn máy chủ không dùng cho việc khác, hoặc bỏ trống để phép đo tự khởi động"


class FloorFailedError(AxisError):
    """The yardstick did not give a figure."""

    code = "bench.floor-failed"
    fault = Fault.INPUT
    en = "{script} gave no figure: {reason}"
    vi = "{script} không cho kết quả: {reason}"
    hint_en = "run the script by itself to see what it says"
    hint_vi = "chạy riêng tập lệnh để xem thông báo"


class FiguresUnreadableError(AxisError):
    """The file to compare with holds no figures of this bench."""

    code = "bench.figures-unreadable"
    fault = Fault.INPUT
    en = "{source} holds no figures to compare with: {reason}"
    vi = "{source} không chứa số liệu để so sánh: {reason}"
    hint_en = "name a file that the same bench wrote with --json"
    hint_vi = "chọn tệp do chính phép đo đó ghi ra với --json"
