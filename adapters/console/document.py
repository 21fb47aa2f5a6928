"""The story of one document: what happened, its proofs, and who has not got it and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.console.answer import Answer, file
from adapters.console.naming import Named, by_code, directory_of
from adapters.console.render import page
from adapters.console.visit import Visit
from adapters.console.words import priority_word
from axis.delivery.errors import DocumentUnknownError
from axis.delivery.states import FINAL, State
from axis.delivery.sums import Sum, sum_up
from axis.ledger.errors import LedgerEntryUnknownError
from axis.notary.receipts import receipts_for
from axis.signin.accounts import Kind
from axis.signin.sessions import Person
from axis.store.checkpoints import cosignatures_of, last_checkpoint
from axis.store.deliveries import DeliveryRecord
from axis.store.engine import transaction
from axis.store.ledger import entry_by_id, latest_log
from axis.trace.behind import reasons
from axis.trace.gather import Story, gather
from axis.trace.timeline import STATUSES, Chapter, Line, tell
from axis.trace.waiting import Why

#: Addressees of a circular that are shown one by one; the others are counted, and can be asked for.
SHOWN: Final = 50
#: Lines of a story that are shown; a circular's are thousands.
LINES: Final = 300

#: First who needs somebody, last who has it.
_ORDER: Final = (
    State.PARKED,
    State.HELD,
    State.REFUSED,
    State.UNDELIVERABLE,
    State.EXPIRED,
    State.ROUTED,
    State.OFFERED,
    State.FETCHED,
    State.RECALLED,
    State.REDIRECTED,
    State.CONFIRMED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One addressee of a package."""

    delivery: DeliveryRecord
    name: Named
    why: Why | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A chapter as it is shown."""

    chapter: Chapter
    sender: Named | None
    sum: Sum
    counts: Sequence[tuple[State, int]]
    addressees: Sequence[Addressee]
    hidden: int  #: addressees that are not shown
    lines: Sequence[Line]
    hidden_lines: int
    confirmed: int
    behind: Sequence[Addressee]  #: those shown that have not confirmed, and may still
    not_yet: int  #: how many have not confirmed, and may still


def document(visit: Visit) -> Answer:
    """Show the story of a document."""
    package_id = visit.identifier("package_id")
    person, engine = visit.person, visit.installation.engine
    story = _seen_by(person, gather(engine, str(package_id)))
    name = by_code(directory_of(visit), visit.now)
    why = reasons(engine, story.deliveries, now=visit.now, lang=visit.lang)
    with transaction(engine) as connection:
        log = latest_log(connection)
        signed = last_checkpoint(connection, log) if log is not None else None
        cosigned = cosignatures_of(connection, signed.log, signed.size) if signed else []
    everyone = visit.text("all") == "1"
    wanted = visit.text("to", most=64)

    def addressee(delivery: DeliveryRecord) -> Addressee:
        return Addressee(
            delivery=delivery,
            name=name(delivery.address),
            why=why.get(delivery.id),
        )

    told = []
    for chapter in tell(story, lang=visit.lang, name_of=lambda code: str(name(code))):
        chosen = [one for one in chapter.deliveries if not wanted or wanted in one.address]
        chosen.sort(key=lambda one: (_ORDER.index(one.state), one.position))
        most = len(chosen) if everyone else SHOWN
        shown = chosen[:most]
        addressees = [addressee(one) for one in shown]
        lines = _lines_of(chapter, shown, complete=everyone or len(chapter.lines) <= LINES)
        counts = Counter(one.state for one in chapter.deliveries)
        told.append(
            Told(
                chapter=chapter,
                sender=name(chapter.package.sender) if chapter.package.sender else None,
                sum=sum_up(one.state for one in chapter.deliveries),
                counts=[(state, counts[state]) for state in _ORDER if counts[state]],
                addressees=addressees,
                hidden=len(chosen) - len(shown),
                lines=lines,
                hidden_lines=len(chapter.lines) - len(lines),
                confirmed=counts[State.CONFIRMED],
                behind=[one for one in addressees if one.delivery.state not in FINAL and one.why],
                not_yet=sum(one.state not in FINAL for one in chapter.deliveries),
            )
        )
    first = next((one for one in told if one.chapter.has_statuses), told[0])
    return page(
        visit,
        "document.html",
        told=told,
        first=first,
        wanted=wanted,
        priority=lambda level: priority_word(level, visit.lang),
        reported=lambda code: STATUSES.get(code, (code, code))[visit.lang == "vi"],
        signed=signed,
        cosigned=len(cosigned),
        may_act=person.kind is Kind.OPERATOR,
        may_prove=person.kind is not Kind.VIEWER,
    )


def proof(visit: Visit) -> Answer:
    """Give the proof of one step: its entry, the path to a checkpoint, the signatures."""
    entry_id = visit.identifier("entry_id")
    installation = visit.installation
    with transaction(installation.engine) as connection:
        entry = entry_by_id(connection, entry_id)
    if entry is None:
        raise LedgerEntryUnknownError(name=str(entry_id))
    for receipt in receipts_for(installation.engine, installation.settings, [entry]):
        if receipt.proof is not None:
            return file(str(receipt.proof), receipt.name)
    raise LedgerEntryUnknownError(name=str(entry_id))


def _seen_by(person: Person, story: Story) -> Story:
    """Return what somebody may see of a story.

    A viewer sees whole what its office sent, and of what it gets its own deliveries.

    Raises:
        DocumentUnknownError: nothing of it.
    """
    if person.kind is not Kind.VIEWER:
        return story
    own = person.office_id
    sent = {one.id for one in story.packages if one.sender_office == own}
    deliveries = tuple(
        one for one in story.deliveries if one.package_id in sent or one.office_id == own
    )
    packages = sent | {one.package_id for one in deliveries}
    seen = {one.id for one in deliveries}
    if not packages:
        raise DocumentUnknownError(name=str(story.packages[0].id))
    return replace(
        story,
        packages=tuple(one for one in story.packages if one.id in packages),
        deliveries=deliveries,
        entries=tuple(
            one
            for one in story.entries
            if one.package_id in packages and (one.delivery_id is None or one.delivery_id in seen)
        ),
    )


def _lines_of(
    chapter: Chapter, shown: Sequence[DeliveryRecord], *, complete: bool
) -> Sequence[Line]:
    if complete:
        return chapter.lines
    ids = {one.id for one in shown}
    own = [one for one in chapter.lines if one.delivery_id is None or one.delivery_id in ids]
    return own[:LINES]
