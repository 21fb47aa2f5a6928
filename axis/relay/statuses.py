"""Writes down the statuses of a batch: each finds its delivery, moves its course, or is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.admission.admit import NO_BOOK
from axis.delivery.course import ANSWERS, Effect, Kind, Outcome, Request
from axis.delivery.statuses import FROM_SENDER, Addressed, Meaning, relate
from axis.envelope.values import StatusEnvelope
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.relay.asking import ask
from axis.relay.judge import Judged
from axis.relay.record import Records, write_accepted, write_refused
from axis.store.addressed import addressed_under
from axis.store.deliveries import (
    DeliveryRecord,
    lock_deliveries,
    save_deliveries,
)
from axis.store.requests import (
    RequestRecord,
    add_requests,
    answer_requests,
    requests_among,
)
from axis.types.book import Book
from axis.types.errors import StatusNotUsedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Requests that a status answers."""

    requests: tuple[Request, ...]
    outcome: Outcome
    by_package: UUID


class Statuses:
    """The statuses of one batch, over the deliveries that they are about."""

    def __init__(
        self,
        deliveries: dict[UUID, DeliveryRecord],
        addressed: dict[str, list[Addressed]],
        requests: list[RequestRecord],
        *,
        sealer: Sealer,
        types: Book | None,
        now: datetime,
    ) -> None:
        self._types = types
        self.records: list[Records] = []
        self.stopped: set[UUID] = set()
        self._deliveries = deliveries
        self._before = dict(deliveries)
        self._addressed = addressed
        self._requests = requests
        self._asked: list[RequestRecord] = []
        self._answered: list[Answered] = []
        self._sealer = sealer
        self._now = now

    def write(self, one: Judged) -> None:
        """Add one status; those before it have had their effect."""
        status, admission = _status_of(one), one.admission
        assert admission is not None  # noqa: S101
        document_id = status.response_for.document_id or ""
        try:
            self._demand_used(status.status_code.value, document_id)
            meaning = relate(
                status_code=status.status_code.value,
                document_id=document_id,
                reporter=status.sender.organ_id,
                reporter_office=admission.sender_office,
                target_office=admission.target_office,
                deliveries=[self._now_of(d) for d in self._addressed.get(document_id, ())],
                heir_of=one.heir_of,
                requests={
                    office: self._asked_of(document_id, office)
                    for office in (admission.sender_office, *one.heir_of)
                },
            )
        except AxisError as error:
            self.records.append(write_refused(one, error.refusal, self._sealer, now=self._now))
            return
        about = self._deliveries[meaning.delivery_id]
        record = write_accepted(
            one,
            admission,
            self._sealer,
            about=meaning,
            follows=about.last_entry,
            now=self._now,
        )
        if record.about is not None:
            about = replace(about, last_entry=record.about[1])
        if meaning.effect is Effect.ADVANCE and meaning.request is None and not meaning.asks:
            about = replace(about, status_code=status.status_code.value)
        self._deliveries[about.id] = about
        if meaning.request is not None and meaning.effect is Effect.ADVANCE:
            self._answer(one, meaning, status.status_code.value, about.office_id)
        record = self._ask_back(one, meaning, record)
        self.records.append(record)

    def _demand_used(self, status_code: str, document_id: str) -> None:
        """Return where the type of what the status is about has such a status.

        Raises:
            StatusNotUsedError: it has not.
        """
        for about in self._addressed.get(document_id, ())[:1]:
            if self._types is None:
                continue
            rules = self._types.named(about.type)
            if not any(status_code in one.statuses for one in rules):
                used = sorted({code for one in rules for code in one.statuses})
                raise StatusNotUsedError(
                    got=status_code, type=about.type, expected=", ".join(used) or "–"
                )

    def apply(self, connection: sa.Connection) -> None:
        """Write what the statuses changed; their packages are written already."""
        changed = [d for key, d in self._deliveries.items() if d != self._before[key]]
        save_deliveries(connection, sorted(changed, key=lambda d: d.id))
        add_requests(connection, self._asked)
        for one in self._answered:
            answer_requests(
                connection,
                one.requests,
                outcome=one.outcome,
                at=self._now,
                by_package=one.by_package,
            )

    def _ask_back(self, one: Judged, meaning: Meaning, record: Records) -> Records:
        """Ask for documents back (13): what nobody has is stopped, who has it is asked."""
        entries = list(record.entries)
        for target in meaning.asks:
            asked = ask(
                self._deliveries[target.delivery_id],
                kind=Kind.TAKE_BACK,
                by_package=one.notice.package_id,
                sealer=self._sealer,
                now=self._now,
            )
            self._deliveries[target.delivery_id] = asked.delivery
            self._asked.append(asked.request)
            self._requests.append(asked.request)
            entries.append(asked.entry)
            if asked.request.outcome is Outcome.STOPPED:
                self.stopped.add(target.delivery_id)
        return replace(record, entries=tuple(entries))

    def _answer(self, one: Judged, meaning: Meaning, comes: str, office: str) -> None:
        assert meaning.request is not None  # noqa: S101
        outcome = Outcome.AGREED if comes == "15" else Outcome.REFUSED
        meant = [
            known
            for known in self._requests
            if known.office_id == office
            and known.outcome is Outcome.PENDING
            and known.request.goes_with(meaning.request)
        ]
        self._requests = [
            replace(known, outcome=outcome) if known in meant else known for known in self._requests
        ]
        self._answered.append(
            Answered(
                requests=tuple(known.request for known in meant),
                outcome=outcome,
                by_package=one.notice.package_id,
            )
        )

    def _now_of(self, one: Addressed) -> Addressed:
        known = self._deliveries.get(one.delivery_id)
        if known is None:
            return one
        return replace(one, state=known.state, status_code=known.status_code)

    def _asked_of(self, document_id: str, office: str) -> list[Request]:
        packages = {one.package_id for one in self._addressed.get(document_id, ())}
        return [
            known.request
            for known in self._requests
            if known.office_id == office
            and (known.package_id in packages or known.target_package_id in packages)
        ]


def write_statuses(
    connection: sa.Connection,
    judged: Sequence[Judged],
    sealer: Sealer,
    *,
    types: Book | None,
    now: datetime,
) -> Statuses:
    """Return what the admitted statuses of a batch do, in their order; nothing is written yet."""
    addressed: dict[str, list[Addressed]] = {}
    requests: list[RequestRecord] = []
    if judged:
        names = {_status_of(one).response_for.document_id or "" for one in judged}
        addressed = dict(addressed_under(connection, names, papers=(types or NO_BOOK).roles.papers))
        if any(_status_of(one).status_code.value in ANSWERS for one in judged):
            packages = {one.package_id for found in addressed.values() for one in found}
            requests = requests_among(connection, packages, lock=True)
    deliveries = lock_deliveries(connection, _touched(judged, addressed, requests))
    statuses = Statuses(deliveries, addressed, requests, sealer=sealer, types=types, now=now)
    for one in judged:
        statuses.write(one)
    return statuses


def _touched(
    judged: Sequence[Judged],
    addressed: dict[str, list[Addressed]],
    requests: Sequence[RequestRecord],
) -> set[UUID]:
    """Return every delivery that a status of the batch may change."""
    touched = {known.delivery_id for known in requests}
    for one in judged:
        status, admission = _status_of(one), one.admission
        assert admission is not None  # noqa: S101
        asks = status.status_code.value in FROM_SENDER
        offices = {admission.target_office} if asks else {admission.sender_office, *one.heir_of}
        touched |= {
            d.delivery_id
            for d in addressed.get(status.response_for.document_id or "", ())
            if d.office_id in offices
        }
    return touched


def _status_of(one: Judged) -> StatusEnvelope:
    assert one.admission is not None  # noqa: S101  only admitted packages come here
    assert isinstance(one.admission.envelope, StatusEnvelope)  # noqa: S101
    return one.admission.envelope
