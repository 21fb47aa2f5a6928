"""What a plan of reorganisation would do, asked of a copy: nothing is recorded.

It answers what an administrator fears to find out on the day: which offices lose their codes, which
systems get or lose offices, which documents on their way will be redirected or held, and which
certificates speak for offices that end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from axis.directory.errors import RecipientUnknownError
from axis.directory.records import Record, code_at, in_force, name_at, office_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.values import Held, Served, State, micros, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCode:
    """A code that does not name its office any more."""

    code: str
    name: str
    served_by: str | None  #: the code that letters to it go to; None: they are held


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehoming:
    """An office that another system acts for, or none."""

    code: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A document on its way; the caller reads these from the records of deliveries."""

    delivery_id: str
    address: str  #: as written
    office_id: str  #: served until now


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection:
    """What happens to a document on its way."""

    delivery_id: str
    address: str
    outcome: str  #: ``redirected``, ``held`` or ``unknown``
    to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHeld:
    """A certificate and the office that it speaks for; the caller reads these from the registry."""

    certificate: str
    office_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringName:
    """A certificate of an office that ends; ``until`` is when it may not sign any more."""

    certificate: str
    code: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The answers."""

    lost_codes: tuple[LostCode, ...]
    rehomed: tuple[Rehoming, ...]
    idle_systems: tuple[str, ...]  #: they act for no office any more; their queues must run dry
    redirections: tuple[Redirection, ...]
    expiring: tuple[ExpiringName, ...]


def rehearse(
    before: Directory,
    after: Directory,
    *,
    on: datetime,
    grace: timedelta,
    undelivered: Iterable[Undelivered] = (),
    certificates: Iterable[CertificateHeld] = (),
) -> Rehearsal:
    """Return what is different at ``on`` with the plan (``after``) and without it (``before``)."""
    t = micros(on)
    touched = [
        (old, new) for new in after.records() if (old := before.record(new.office_id)) != new
    ]
    rehomed = tuple(_rehomed(before, after, touched, on))
    lost = tuple(
        found for old, new in touched if old is not None for found in _lost(after, old, new, on, t)
    )
    return Rehearsal(
        lost_codes=lost,
        rehomed=rehomed,
        idle_systems=_idle(before, after, on),
        redirections=tuple(_redirections(after, undelivered, on)),
        expiring=tuple(_expiring(after, certificates, t, grace)),
    )


def _lost(after: Directory, old: Record, new: Record, on: datetime, t: int) -> Iterator[LostCode]:
    kept = {fact.code for fact in new.codes if fact.start <= t < fact.end}
    for fact in old.codes:
        if fact.start <= t < fact.end and fact.code not in kept:
            found = after.resolve(fact.code, on)
            served = found.code if isinstance(found, Served) else None
            yield LostCode(code=fact.code, name=name_at(old, t), served_by=served)


def _rehomed(
    before: Directory,
    after: Directory,
    touched: Iterable[tuple[Record | None, Record]],
    on: datetime,
) -> Iterator[Rehoming]:
    t = micros(on)
    for old, new in touched:
        standing = standing_at(new, t)
        works = standing is not None and standing.state != State.CLOSED
        was = before.system_of(new.office_id, on) if old else None
        now = after.system_of(new.office_id, on) if works else None
        if (was and was.system_id) != (now and now.system_id):
            yield Rehoming(
                code=code_at(new, t) if works else code_at(new, t - 1),
                name=name_at(new, t),
                before=was.system_id if was else None,
                after=now.system_id if now else None,
            )


def _idle(before: Directory, after: Directory, on: datetime) -> tuple[str, ...]:
    return tuple(sorted(_busy(before, on) - _busy(after, on)))


def _busy(directory: Directory, on: datetime) -> set[str]:
    t = micros(on)
    busy = set()
    for record in directory.records():
        acting = in_force(record.actings, t)
        if acting is not None and office_at(record, t).state != State.CLOSED:
            busy.add(acting.system_id)
    return busy


def _redirections(
    after: Directory, undelivered: Iterable[Undelivered], on: datetime
) -> Iterator[Redirection]:
    for delivery in undelivered:
        try:
            found = after.resolve(delivery.address, on)
        except RecipientUnknownError:
            outcome, to = "unknown", None
        else:
            if isinstance(found, Held):
                outcome, to = "held", None
            elif found.office_id == delivery.office_id:
                continue
            else:
                outcome, to = "redirected", found.code
        yield Redirection(
            delivery_id=delivery.delivery_id, address=delivery.address, outcome=outcome, to=to
        )


def _expiring(
    after: Directory, certificates: Iterable[CertificateHeld], t: int, grace: timedelta
) -> Iterator[ExpiringName]:
    for held in certificates:
        record = after.record(held.office_id)
        standing = standing_at(record, t) if record else None
        if record is None or standing is None or standing.state != State.CLOSED:
            continue
        ended = moment(standing.start)
        if ended is None:
            continue
        yield ExpiringName(
            certificate=held.certificate,
            code=code_at(record, standing.start - 1),
            name=name_at(record, standing.start - 1),
            until=ended + grace,
        )
