"""Holds the messages of a batch to the order of their revisions: each accepted once, none early.

What the records hold is read in the transaction that will write; a relay that was faster with the
same revision makes the write fail, and the batch is done again over what it left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import sqlalchemy as sa

from axis.envelope.values import Message
from axis.errors import AxisError
from axis.relay.judge import Judged
from axis.store.messages import Revision, Series, revisions_of
from axis.types.book import Book
from axis.types.errors import RevisionEarlyError, RevisionKnownError, RevisionTakenError


@dataclass(slots=True)
class Ordered:
    """A batch after it was held to order."""

    batch: Mapping[UUID, Judged]
    after: dict[UUID, int] = field(default_factory=dict)  #: how many of its series came before it


def hold_to_order(
    connection: sa.Connection, batch: Sequence[Judged], types: Book | None
) -> Ordered:
    """Return the packages by id; those that are out of order have become refusals."""
    done = {one.notice.package_id: one for one in batch}
    ordered = [(one, series) for one in batch if (series := _series(one)) is not None]
    if not ordered or types is None:
        return Ordered(done)
    known = revisions_of(connection, {series for _, series in ordered})
    after: dict[UUID, int] = {}
    counts: dict[Series, int] = {}
    # Within a batch too, a revision finds the one before it, in whatever order they came.
    for one, series in sorted(ordered, key=lambda pair: _message(pair[0]).revision or 0):
        message, package_id = _message(one), one.notice.package_id
        accepted = known.setdefault(series, [])
        order = types.rules_of(message).order
        try:
            _place(message, accepted, first=order.first if order else 1, itself=package_id)
        except AxisError as error:
            done[package_id] = replace(one, admission=None, refusal=error.refusal)
            continue
        accepted.append(Revision(message.revision or 0, package_id, message.content_sha256))
        after[package_id] = counts[series] = counts.get(series, -1) + 1
    return Ordered(done, after)


def _place(message: Message, accepted: Sequence[Revision], *, first: int, itself: UUID) -> None:
    """Return where a revision is the next.

    Raises:
        RevisionKnownError, RevisionTakenError: it was accepted.
        RevisionEarlyError: the one before it was not.
    """
    revision, key = message.revision or 0, message.order_key
    following = max((one.number for one in accepted), default=first - 1) + 1
    same = next((one for one in accepted if one.number == revision), None)
    if same is not None and same.package_id != itself:
        if same.content == message.content_sha256:
            raise RevisionKnownError(revision=revision, key=key, package_id=str(same.package_id))
        raise RevisionTakenError(
            revision=revision, key=key, package_id=str(same.package_id), expected=following
        )
    if same is None and revision != following:
        raise RevisionEarlyError(revision=revision, key=key, expected=following)


def is_ordered(one: Judged) -> bool:
    """Say whether a package is a revision of something, whatever became of it."""
    return (
        one.inspection is not None
        and isinstance(one.inspection.envelope, Message)
        and one.inspection.envelope.order_key is not None
    )


def _series(one: Judged) -> Series | None:
    if one.admission is None or not isinstance(one.admission.envelope, Message):
        return None
    message = one.admission.envelope
    if message.order_key is None:
        return None
    return message.type, one.admission.sender_office, message.order_key


def _message(one: Judged) -> Message:
    assert one.admission is not None  # noqa: S101  only admitted messages have a series
    assert isinstance(one.admission.envelope, Message)  # noqa: S101
    return one.admission.envelope
