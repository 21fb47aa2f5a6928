"""A batch is recorded in parts of few deliveries each, in order, and a package stays whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from axis.bus.consumer import Taken
from axis.relay.batches import Examined, Outcome
from axis.relay.judge import Judged


def taken(tag: int) -> Taken:
    return Taken(body=b"", delivery_tag=tag, redelivered=False, tries=0)


def examined(*deliveries: int) -> Examined:
    """A batch whose packages go to so many offices; those that go to none were put aside."""
    batch = [taken(tag) for tag in range(len(deliveries))]
    judged = [
        (one, cast("Judged", SimpleNamespace(admission=SimpleNamespace(routes=(None,) * count))))
        for one, count in zip(batch, deliveries, strict=True)
        if count
    ]
    outcome = Outcome(
        again=[one for one, count in zip(batch, deliveries, strict=True) if not count],
        parked=batch[:1],
        began=1.5,
    )
    outcome.stages.add({"examine": 2.0})
    return Examined(batch=batch, judged=judged, outcome=outcome)


def tags(part: Examined) -> list[int]:
    return [one.delivery_tag for one in part.batch]


def test_a_batch_with_few_deliveries_is_one_part() -> None:
    whole = examined(1, 2, 3)
    assert list(whole.parts(most=6)) == [whole]


def test_parts_follow_the_order_and_a_package_that_makes_more_stands_alone() -> None:
    parts = list(examined(1, 1, 9, 1, 0, 2, 3).parts(most=3))
    assert [tags(part) for part in parts] == [[0, 1], [2], [3, 4, 5], [6]]
    assert [[one.delivery_tag for one, _ in part.judged] for part in parts] == [
        [0, 1],
        [2],
        [3, 5],
        [6],
    ]


def test_each_part_has_its_own_outcome_and_what_examining_cost_is_told_once() -> None:
    parts = list(examined(1, 0, 3, 0, 3).parts(most=3))
    assert [[one.delivery_tag for one in part.outcome.again] for part in parts] == [[1], [3], []]
    assert [[one.delivery_tag for one in part.outcome.parked] for part in parts] == [[0], [], []]
    assert [part.outcome.stages.cpu_s for part in parts] == [{"examine": 2.0}, {}, {}]
    assert {part.outcome.began for part in parts} == {1.5}
