"""What was carried is counted by hour, and counted anew while deliveries go on."""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from axis.delivery.states import State
from axis.figures.buckets import (
    DOCUMENTS,
    EDGES,
    ENDED,
    SLOWEST,
    UNFINISHED,
    bucket_of,
    percentile,
)
from axis.figures.counting import Counter, hour_of, is_due
from axis.store.deliveries import deliveries_of, save_deliveries
from axis.store.engine import transaction
from axis.store.figures import ALL, backlog, traffic
from tests.search.test_search import NOW, Shelf

HOUR = hour_of(NOW)


def _counted(engine: sa.Engine) -> dict[tuple[str, int], int]:
    with transaction(engine) as connection:
        rows = traffic(connection, since=HOUR - timedelta(days=9), until=HOUR + timedelta(days=9))
    found: Counts[tuple[str, int]] = Counts()
    for row in rows:
        found[row.lane, row.bucket] += row.deliveries
    return dict(found)


def test_a_percentile_lies_in_its_bucket() -> None:
    assert [bucket_of(seconds) for seconds in (0, 0.5, 0.6, 3, 1e9)] == [0, 0, 1, 3, SLOWEST]
    assert percentile({}, 0.5) is None
    assert percentile({UNFINISHED: 5, ENDED: 5, DOCUMENTS: 9}, 0.5) is None
    half = percentile({bucket_of(3): 90, bucket_of(40): 10}, 0.5)
    assert half is not None
    assert 2 < half <= 5
    most = percentile({bucket_of(3): 90, bucket_of(40): 10}, 0.99)
    assert most is not None
    assert 30 < most <= 60
    assert percentile({SLOWEST: 1}, 0.5) >= EDGES[-1]


def test_an_hour_is_counted_at_growing_distances() -> None:
    soon = HOUR + timedelta(minutes=10)
    assert is_due(HOUR, soon, soon + timedelta(minutes=1))
    assert not is_due(HOUR, soon, soon + timedelta(seconds=59))
    later = HOUR + timedelta(hours=9)
    assert not is_due(HOUR, later, later + timedelta(hours=1))
    assert is_due(HOUR, later, later + timedelta(hours=2))
    assert not is_due(HOUR, HOUR + timedelta(days=62), HOUR + timedelta(days=900))


def test_deliveries_move_between_buckets_as_they_go_on(engine: sa.Engine) -> None:
    shelf, counter = Shelf(engine), Counter(engine)
    package = shelf.put("họp", "1/A", to=["o-1", "o-2", "o-3"], at=NOW)
    shelf.put("khẩn", "2/A", to=["o-1"], at=NOW, priority=2)
    shelf.put("không nhận", "3/A", to=[], at=NOW, accepted=False)
    assert counter.round(NOW) == 1
    assert _counted(engine) == {
        ("normal", UNFINISHED): 4,
        ("normal", DOCUMENTS): 1,
        ("express", DOCUMENTS): 1,
    }
    with transaction(engine) as connection:
        one, two, _ = deliveries_of(connection, [package.id])
        save_deliveries(
            connection,
            [
                replace(one, state=State.CONFIRMED, confirmed_at=NOW + timedelta(seconds=4)),
                replace(two, state=State.REFUSED, ended_at=NOW),
            ],
        )
    assert counter.round(NOW + timedelta(seconds=30)) == 0
    assert counter.round(NOW + timedelta(seconds=61)) == 1
    assert _counted(engine)["normal", bucket_of(4)] == 1
    assert _counted(engine)["normal", ENDED] == 1
    assert _counted(engine)["normal", UNFINISHED] == 2


def test_hours_that_were_never_counted_are_and_empty_ones_are_left_out(engine: sa.Engine) -> None:
    shelf, counter = Shelf(engine), Counter(engine)
    for hours in (0, 3, 100):
        shelf.put("họp", f"{hours}/A", at=NOW - timedelta(hours=hours))
    assert counter.round(NOW, most=2) == 2
    assert counter.round(NOW) == 1
    assert counter.round(NOW) == 0
    assert _counted(engine)["normal", DOCUMENTS] == 3


def test_the_backlog_of_an_hour_is_written_once(engine: sa.Engine) -> None:
    shelf, counter = Shelf(engine), Counter(engine)
    shelf.put("họp", "1/A", to=["o-1", "o-2"])
    shelf.put("họp", "2/A", to=["o-1"], state=State.HELD)
    shelf.put("họp", "3/A", to=["o-1"], state=State.CONFIRMED)
    counter.round(NOW)
    shelf.put("họp", "4/A", to=["o-1"])
    counter.round(NOW + timedelta(minutes=5))
    with transaction(engine) as connection:
        span = {"since": HOUR, "until": HOUR + timedelta(hours=1)}
        offices = {one.office_id: one.waiting for one in backlog(connection, **span)}
        (total,) = backlog(connection, **span, total=True)
    assert offices == {"o-1": 2, "o-2": 1}
    assert (total.office_id, total.waiting) == (ALL, 3)
