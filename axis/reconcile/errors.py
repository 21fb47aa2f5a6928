"""What a reconciliation can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class RegisterUnreadableError(AxisError):
    """The file is no register."""

    code = "reconcile.unreadable"
    fault = Fault.INPUT
    en = "line {line} of the register cannot be read: {reason}"
    vi = "không đọc được dòng {line} của sổ đối soát: {reason}"
    hint_en = "give CSV with a header and the column sha256, document_id or delivery_id"
    hint_vi = "dùng tệp CSV có dòng tiêu đề và cột sha256, document_id hoặc delivery_id"
