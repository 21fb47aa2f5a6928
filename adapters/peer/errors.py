"""What can be wrong between two axes."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class PeerTokenError(AxisError):
    """What we prove ourselves with at the other axis cannot be read."""

    code = "peer.token-unreadable"
    fault = Fault.INPUT
    en = "the token for {system_id} cannot be read from {path}: {reason}"
    vi = "không đọc được mã truy cập của {system_id} từ {path}: {reason}"
    hint_en = "the other axis runs `axis system token new`; keep its line in that file (0600)"
    hint_vi = "đề nghị trục kia chạy `axis system token new` và lưu dòng kết quả vào tệp đó (0600)"


class PeerSystemError(AxisError):
    """The system that is to stand for the other axis is one of another kind."""

    code = "peer.other-system"
    fault = Fault.INPUT
    en = "{system_id} is a system that receives by {receives_by}; it cannot stand for another axis"
    vi = "{system_id} là hệ thống nhận bằng {receives_by}, không thể đại diện cho một trục khác"
    hint_en = "name the other axis by an id that no system has"
    hint_vi = "đặt cho trục kia một mã mà chưa hệ thống nào dùng"
