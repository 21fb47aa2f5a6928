"""Every cell of the tables of business statuses."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from axis.delivery.course import (
    ANSWERING,
    COURSE,
    NEVER_GIVEN_OUT,
    Effect,
    Kind,
    Outcome,
    Request,
    answer,
    asked,
    follow,
)
from axis.delivery.states import FINAL, State
from axis.errors import AxisError

#: A row for where the course is, a column for what comes: advance, repeat, or why not.
TABLE = """
      01       02                 03              04                  05                  06
none  advance  advance            advance         before-registration before-registration before-registration
01    repeat   advance            advance         before-registration before-registration before-registration
02    repeat   repeat             refused-before  refused-before      refused-before      refused-before
03    repeat   registered-before  repeat          advance             advance             advance
04    repeat   registered-before  repeat          repeat              advance             advance
05    repeat   registered-before  repeat          repeat              repeat              advance
06    repeat   registered-before  repeat          repeat              repeat              repeat
"""  # noqa: E501
_HEAD, *_ROWS = TABLE.strip().splitlines()
CELLS = [
    (None if row.split()[0] == "none" else row.split()[0], comes, cell)
    for row in _ROWS
    for comes, cell in zip(_HEAD.split(), row.split()[1:], strict=True)
]
ANSWER_CELLS = [
    (None, "15", "no-request"),
    (None, "16", "no-request"),
    ("pending", "15", "advance"),
    ("pending", "16", "advance"),
    ("stopped", "15", "repeat"),
    ("stopped", "16", "repeat"),
    ("agreed", "15", "repeat"),
    ("agreed", "16", "answered-before"),
    ("refused", "15", "answered-before"),
    ("refused", "16", "repeat"),
    ("moot", "15", "repeat"),
    ("moot", "16", "repeat"),
]


def request(outcome: str, number: int = 1) -> Request:
    one = UUID(int=number)
    return Request(
        package_id=one,
        target_package_id=one,
        delivery_id=one,
        kind=Kind.RECALL,
        outcome=Outcome(outcome),
    )


@pytest.mark.parametrize(("before", "comes", "cell"), CELLS)
def test_a_status_advances_repeats_or_is_refused(before: str | None, comes: str, cell: str) -> None:
    facts = {"state": State.CONFIRMED, "document_id": "d", "reporter": "H41"}
    if cell in set(Effect):
        assert follow(before, comes=comes, **facts) is Effect(cell)
        return
    with pytest.raises(AxisError) as caught:
        follow(before, comes=comes, **facts)
    assert caught.value.code == f"status.{cell}"


@pytest.mark.parametrize(("outcome", "comes", "cell"), ANSWER_CELLS)
def test_an_answer_answers_a_request_or_is_refused(
    outcome: str | None, comes: str, cell: str
) -> None:
    requests = [request(outcome)] if outcome else []
    if cell in set(Effect):
        effect, meant = answer(requests, comes=comes, document_id="d", reporter="H41")
        assert (effect, meant) == (Effect(cell), requests[0])
        return
    with pytest.raises(AxisError) as caught:
        answer(requests, comes=comes, document_id="d", reporter="H41")
    assert caught.value.code == f"status.{cell}"


def test_the_tables_have_no_other_cells() -> None:
    assert len(CELLS) == sum(len(row) for row in COURSE.values())
    assert len(ANSWER_CELLS) == sum(len(row) for row in ANSWERING.values())


def test_the_latest_request_that_waits_is_answered_first() -> None:
    requests = [request("pending", 1), request("pending", 2), request("agreed", 3)]
    assert answer(requests, comes="16", document_id="d", reporter="H41")[1] == requests[1]


def test_the_same_answer_again_is_a_repeat_whatever_else_was_answered() -> None:
    requests = [request("refused", 1), request("agreed", 2)]
    for comes in ("15", "16"):
        assert answer(requests, comes=comes, document_id="d", reporter="H41")[0] is Effect.REPEAT


@pytest.mark.parametrize("state", sorted(NEVER_GIVEN_OUT))
def test_no_status_on_what_was_never_given_out(state: State) -> None:
    with pytest.raises(AxisError) as caught:
        follow(None, comes="01", state=state, document_id="d", reporter="H41")
    assert caught.value.code == "status.never-given"
    assert follow("03", comes="04", state=state, document_id="d", reporter="H41")


@pytest.mark.parametrize(
    ("state", "status_code", "expected"),
    [
        (State.HELD, None, Outcome.STOPPED),
        (State.ROUTED, None, Outcome.STOPPED),
        (State.OFFERED, None, Outcome.STOPPED),
        (State.PARKED, None, Outcome.STOPPED),
        (State.RECALLED, None, Outcome.STOPPED),
        (State.FETCHED, None, Outcome.PENDING),
        (State.CONFIRMED, None, Outcome.PENDING),
        (State.CONFIRMED, "06", Outcome.PENDING),
        (State.ROUTED, "01", Outcome.PENDING),
        (State.EXPIRED, None, Outcome.MOOT),
        (State.REFUSED, None, Outcome.MOOT),
        (State.UNDELIVERABLE, None, Outcome.MOOT),
        (State.REDIRECTED, None, Outcome.MOOT),
    ],
)
def test_a_recall_stops_what_nobody_has_and_asks_who_has_it(
    state: State, status_code: str | None, expected: Outcome
) -> None:
    assert asked(Kind.RECALL, state, status_code) is expected
    assert asked(Kind.TAKE_BACK, state, status_code) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ROUTED, Outcome.PENDING),
        (State.HELD, Outcome.PENDING),
        (State.CONFIRMED, Outcome.PENDING),
        (State.RECALLED, Outcome.MOOT),
        (State.EXPIRED, Outcome.MOOT),
    ],
)
def test_an_update_stops_nothing(state: State, expected: Outcome) -> None:
    assert asked(Kind.UPDATE, state, None) is expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Kind.RECALL, Kind.TAKE_BACK, True),
        (Kind.REMOVAL, Kind.RECALL, True),
        (Kind.UPDATE, Kind.RECALL, False),
        (Kind.UPDATE, Kind.REPLACE, False),
    ],
)
def test_one_answer_answers_all_that_asks_for_the_document_back(
    one: Kind, other: Kind, same: bool
) -> None:
    first = replace(request("pending", 1), kind=one)
    second = replace(request("pending", 2), kind=other)
    assert first.goes_with(second) is same
    assert first.goes_with(replace(second, package_id=first.package_id))


def test_every_final_state_has_an_outcome() -> None:
    assert {asked(Kind.RECALL, state, None) for state in FINAL} == {
        Outcome.STOPPED,
        Outcome.PENDING,
        Outcome.MOOT,
    }
