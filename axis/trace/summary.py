"""A circular to thousands of offices, told in a few lines: how many are how far, and who is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from axis.delivery.states import State
from axis.errors import Lang
from axis.trace.timeline import Chapter

#: A package to more offices than this is summed up.
TOLD_ONE_BY_ONE: Final = 12

#: Offices that have not confirmed and are named.
NAMED: Final = 20

#: Transport states, as an official says them.
STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.HELD: ("held", "đang giữ lại"),
    State.ROUTED: ("on the way", "đang chuyển"),
    State.OFFERED: ("offered to their systems", "đã báo hệ thống nhận"),
    State.FETCHED: ("taken, not yet confirmed", "đã tải, chưa xác nhận"),
    State.CONFIRMED: ("confirmed", "đã xác nhận"),
    State.REFUSED: ("refused by their systems", "hệ thống nhận từ chối"),
    State.EXPIRED: ("expired", "hết hạn"),
    State.RECALLED: ("recalled", "đã thu hồi"),
    State.UNDELIVERABLE: ("undeliverable", "không giao được"),
    State.REDIRECTED: ("redirected", "đã chuyển hướng"),
    State.PARKED: ("parked", "đang chờ xử lý"),
}


def is_summed_up(chapter: Chapter) -> bool:
    """Say whether a package goes to too many offices to tell each one's story."""
    return len(chapter.deliveries) > TOLD_ONE_BY_ONE


def sum_up(chapter: Chapter, *, lang: Lang, name_of: Callable[[str], str]) -> Iterator[str]:
    """Yield how many deliveries are in each state, then who has not confirmed."""
    which = 1 if lang == "vi" else 0
    total = len(chapter.deliveries)
    counts = Counter(delivery.state for delivery in chapter.deliveries)
    parts = [f"{counts[state]} {STATES[state][which]}" for state in STATES if counts[state]]
    yield f"{total} {('addressees', 'nơi nhận')[which]}: {', '.join(parts)}"
    behind = [one for one in chapter.deliveries if one.state is not State.CONFIRMED]
    for delivery in behind[:NAMED]:
        yield f"  {name_of(delivery.address)}: {STATES[delivery.state][which]}"
    if len(behind) > NAMED:
        rest = len(behind) - NAMED
        yield f"  … {('and', 'và')[which]} {rest} {('more', 'nơi khác')[which]}"
