"""Receipts and the history of packages and deliveries; the ledger's checkpoints and proofs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.gateway.errors import ParameterError
from adapters.rest.answer import Answer, as_json, as_text
from adapters.rest.call import Call
from adapters.rest.operation import Content, Operation, integer
from adapters.rest.receiving import own_delivery
from adapters.rest.sending import own_package
from adapters.rest.shapes import Shape
from axis.access.values import Scope
from axis.errors import Lang
from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.ledger.errors import CheckpointAbsentError, LedgerEntryUnknownError
from axis.ledger.events import Event
from axis.ledger.merkle import consistency_proof
from axis.ledger.tiles import TileNodes
from axis.notary.office import folder_of, signer_of
from axis.notary.receipts import receipts_for
from axis.store.checkpoints import last_checkpoint, last_cosigned, note_of
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of, entry_by_id, latest_log
from axis.store.packages import package_by_id
from axis.trace.gather import Story
from axis.trace.timeline import tell

TEXT: Final = "text/plain"


class Step(Shape, frozen=True):
    """One step of a package or delivery as the ledger has it."""

    entry_id: UUID
    event: str
    time: str
    log: int | None  #: the year; null while the step waits for its place
    index: int | None  #: place in the log
    delivery_id: UUID | None
    receipt: str | None  #: C2SP tlog-proof; null until it is signed for, which takes a second


class Steps(Shape, frozen=True):
    """The steps, in the order of the log."""

    items: list[Step]
    count: int  #: of all, of which ``skip`` and ``limit`` choose some


class Told(Shape, frozen=True):
    """One thing that happened, as a sentence."""

    at: datetime
    event: str
    text: str
    index: int | None
    delivery_id: UUID | None


class History(Shape, frozen=True):
    """What happened to a package, in the order of time."""

    title: str
    items: list[Told]


class Growth(Shape, frozen=True):
    """A proof that the log only grew (RFC 9162 §2.1.4)."""

    log: int
    old: int
    new: int
    path: list[str]  #: hashes in Base64


async def package_receipts(call: Call) -> Answer:
    """Answer with the steps of a package that the caller sent."""
    package_id = (await own_package(call)).package.id
    return await _steps(call, package_id, lambda _: True)


async def delivery_receipts(call: Call) -> Answer:
    """Answer with the steps of a delivery to the caller, and of its package's acceptance.

    One that stands in the place of others has the steps by which they were redirected, too: they
    alone say why it is the caller's.
    """
    delivery = (await own_delivery(call)).delivery
    before = await call.installation.in_thread(_replaced, call, delivery)

    def is_told(entry: LoggedEntry) -> bool:
        if entry.delivery_id in before:
            return parse_leaf(entry.leaf).event == Event.CONSIGNMENT_REDIRECTED.value
        return entry.delivery_id in (None, delivery.id)

    return await _steps(call, delivery.package_id, is_told)


async def history(call: Call) -> Answer:
    """Tell what happened to a package."""
    verdict, lang = await own_package(call), call.lang
    package = verdict.package

    def read() -> History:
        with transaction(call.installation.engine) as connection:
            entries = entries_of(connection, [package.id])
        return _told(
            Story(packages=(package,), deliveries=verdict.deliveries, entries=tuple(entries)),
            lang,
        )

    return as_json(await call.installation.in_thread(read))


async def receipt(call: Call) -> Answer:
    """Give one receipt to a party of its entry."""
    entry_id, system_id = call.identifier("entry_id"), call.caller.system_id

    def read() -> str:
        with transaction(call.installation.engine) as connection:
            entry = entry_by_id(connection, entry_id)
            if entry is None:
                raise LedgerEntryUnknownError(name=str(entry_id))
            package = package_by_id(connection, entry.package_id)
            is_party = package is not None and package.system_id == system_id
            if not is_party:
                # A step of a delivery is its receiver's too, and so is what is common to all.
                is_party = any(
                    one.system_id == system_id and entry.delivery_id in (None, one.id)
                    for one in deliveries_of(connection, [entry.package_id])
                )
        if not is_party:
            raise LedgerEntryUnknownError(name=str(entry_id))
        for made in receipts_for(call.installation.engine, call.installation.settings, [entry]):
            if made.proof is not None:
                return str(made.proof)
        raise LedgerEntryUnknownError(name=str(entry_id))

    return as_text(await call.installation.in_thread(read))


async def checkpoint(call: Call) -> Answer:
    """Give the newest checkpoint, with its cosignatures where enough witnesses gave theirs."""

    def read() -> str:
        settings = call.installation.settings
        with transaction(call.installation.engine) as connection:
            log = latest_log(connection)
            if log is None:
                raise CheckpointAbsentError(log=0)
            signed = last_checkpoint(connection, log)
            if settings.notary.witness_quorum:
                quorum = settings.notary.witness_quorum
                signed = last_cosigned(connection, log, at_least=quorum) or signed
            if signed is None:
                raise CheckpointAbsentError(log=log)
            return note_of(connection, signed)

    return as_text(await call.installation.in_thread(read))


async def key(call: Call) -> Answer:
    """Give the key that checkpoints are verified with."""

    def read() -> str:
        with transaction(call.installation.engine) as connection:
            log = latest_log(connection)
        if log is None:
            raise CheckpointAbsentError(log=0)
        return f"{signer_of(call.installation.settings, log).verifier}\n"

    return as_text(await call.installation.in_thread(read))


async def consistency(call: Call) -> Answer:
    """Prove that the log of one size begins with the log of a smaller one."""
    old = call.integer("old", 0, most=2**53)
    new = call.integer("new", 0, most=2**53)

    def read() -> Growth:
        settings = call.installation.settings
        with transaction(call.installation.engine) as connection:
            log = call.integer("log", latest_log(connection) or 0, most=9999)
            signed = last_checkpoint(connection, log)
        if signed is None:
            raise CheckpointAbsentError(log=log)
        size = new or signed.size
        if not 0 < old <= size <= signed.size:
            raise ParameterError(name="old", reason=f"1 to {size}, which is at most {signed.size}")
        path = consistency_proof(TileNodes(folder_of(settings, log).read, size), old, size)
        return Growth(
            log=log, old=old, new=size, path=[base64.b64encode(one).decode() for one in path]
        )

    return as_json(await call.installation.in_thread(read))


def _replaced(call: Call, delivery: DeliveryRecord) -> set[UUID]:
    """Return the deliveries in whose place one stands, one after the other."""
    found: set[UUID] = set()
    if delivery.redirect_of is None:
        return found
    with transaction(call.installation.engine) as connection:
        known = {one.id: one for one in deliveries_of(connection, [delivery.package_id])}
    before: UUID | None = delivery.redirect_of
    while before is not None and before not in found:
        found.add(before)
        before = known[before].redirect_of if before in known else None
    return found


async def _steps(call: Call, package_id: UUID, shown: Callable[[LoggedEntry], bool]) -> Answer:
    skip = call.integer("skip", 0, most=10**6)
    limit = call.integer("limit", 200, least=1, most=500)

    def read() -> Steps:
        with transaction(call.installation.engine) as connection:
            entries = [one for one in entries_of(connection, [package_id]) if shown(one)]
        receipts = receipts_for(
            call.installation.engine, call.installation.settings, entries[skip : skip + limit]
        )
        return Steps(
            count=len(entries),
            items=[
                _step(made.entry, str(made.proof) if made.proof is not None else None)
                for made in receipts
            ],
        )

    return as_json(await call.installation.in_thread(read))


def _step(entry: LoggedEntry, proof: str | None) -> Step:
    leaf = parse_leaf(entry.leaf)
    return Step(
        entry_id=entry.entry_id,
        event=leaf.event,
        time=leaf.time,
        log=entry.log,
        index=entry.leaf_index,
        delivery_id=entry.delivery_id,
        receipt=proof,
    )


def _told(story: Story, lang: Lang) -> History:
    chapters: Sequence = tell(story, lang=lang, name_of=lambda code: code)  # type: ignore[type-arg]
    chapter = chapters[0]
    return History(
        title=chapter.title,
        items=[
            Told(
                at=line.at,
                event=line.event,
                text=line.text,
                index=line.index,
                delivery_id=line.delivery_id,
            )
            for line in chapter.lines
        ],
    )


_PACKAGE: Final = {"package_id": "5d0c4f5e-0f0a-5d0e-9a44-1c7d0b5e2f10"}
_DELIVERY: Final = {"delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10"}
_ENTRY: Final = {"entry_id": "1e1d6c5a-33b2-5d7c-8f00-6d2f7a9b4c55"}

_PAGE: Final = (
    integer("skip", "Steps to leave out", most=10**6, default=0),
    integer("limit", "Steps in an answer", least=1, most=500, default=200),
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/packages/{package_id}/receipts",
        name="listPackageReceipts",
        group="Sending",
        summary="List the steps of a package, each with its receipt once it is signed for",
        handler=package_receipts,
        scope=Scope.SEND,
        path_examples=_PACKAGE,
        query=_PAGE,
        answers={200: Content(meaning="The steps", shape=Steps)},
    ),
    Operation(
        method="GET",
        path="/packages/{package_id}/history",
        name="tellPackage",
        group="Sending",
        summary="Tell what happened to a package, in sentences",
        handler=history,
        scope=Scope.SEND,
        path_examples=_PACKAGE,
        answers={200: Content(meaning="The story", shape=History)},
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery_id}/receipts",
        name="listDeliveryReceipts",
        group="Receiving",
        summary="List the steps of a delivery, each with its receipt once it is signed for",
        handler=delivery_receipts,
        scope=Scope.RECEIVE,
        path_examples=_DELIVERY,
        query=_PAGE,
        answers={200: Content(meaning="The steps", shape=Steps)},
    ),
    Operation(
        method="GET",
        path="/ledger/entries/{entry_id}/receipt",
        name="takeReceipt",
        group="Ledger",
        summary="Take one receipt, where the caller is a party to it",
        handler=receipt,
        path_examples=_ENTRY,
        answers={200: Content(meaning="C2SP tlog-proof", media=(TEXT,))},
    ),
    Operation(
        method="GET",
        path="/ledger/checkpoint",
        name="showCheckpoint",
        group="Ledger",
        summary="Take the newest signed checkpoint",
        handler=checkpoint,
        public=True,
        answers={200: Content(meaning="C2SP tlog-checkpoint", media=(TEXT,))},
    ),
    Operation(
        method="GET",
        path="/ledger/key",
        name="showKey",
        group="Ledger",
        summary="Take the key that checkpoints are verified with",
        handler=key,
        public=True,
        answers={200: Content(meaning="A verifier key in one line", media=(TEXT,))},
    ),
    Operation(
        method="GET",
        path="/ledger/consistency",
        name="proveGrowth",
        group="Ledger",
        summary="Prove that the log only grew from one size to another",
        handler=consistency,
        public=True,
        query=(
            integer("old", "Size of the checkpoint kept", least=1, most=2**53, default=1),
            integer("new", "Size of the newer one; 0: the newest", most=2**53, default=0),
            integer("log", "Year of the log; default: the newest", most=9999, default=0),
        ),
        answers={200: Content(meaning="The proof", shape=Growth)},
    ),
)
