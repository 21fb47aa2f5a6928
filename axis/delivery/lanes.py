"""Two lanes: what is urgent does not wait behind what is not (QCVN 102: OtherInfo/Priority)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

#: What each Priority (0…4) is called, in English and as it is printed on documents.
PRIORITIES: Final = (
    ("normal", "thường"),
    ("urgent", "khẩn"),
    ("very urgent", "thượng khẩn"),
    ("express", "hỏa tốc"),
    ("express at a set hour", "hỏa tốc hẹn giờ"),
)


class Lane(StrEnum):
    """The way to a system."""

    EXPRESS = "express"  #: Priority 1 khẩn … 4 hỏa tốc hẹn giờ
    NORMAL = "normal"  #: Priority 0 thường


def lane_of(priority: int) -> Lane:
    """Return the lane for a Priority (0…4)."""
    return Lane.EXPRESS if priority >= 1 else Lane.NORMAL
