"""An installation of the axis behind the operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, ParamSpec, TypeVar
from uuid import UUID

from starlette.types import Message, Scope

from adapters.gateway.identity import client_address
from adapters.gateway.limits import Limits as Counts
from adapters.rest.answer import Answer, as_body
from adapters.rest.call import Call
from adapters.rest.operation import EDXML
from adapters.vxp import directory
from adapters.vxp.behind import Bounds, Came, Reached, Rows, Taken, Went, Word
from adapters.vxp.codes import Said, said_of
from adapters.vxp.errors import PartsTooLargeError
from adapters.vxp.signature import Signed, verify
from adapters.vxp.whole import as_whole, demand_fits
from axis.delivery.lanes import Lane
from axis.delivery.states import Event as Step
from axis.directory.snapshot import Directory
from axis.envelope.diagnosis import diagnose
from axis.envelope.limits import Limits
from axis.errors import AxisError, Refusal
from axis.gateway import Installation
from axis.gateway.verdicts import Verdict
from axis.store.alarms import raise_alarm
from axis.store.deliveries import DeliveryRecord, Held, Waiting, deliveries_of, mailbox_after
from axis.store.engine import reading, transaction
from axis.store.offers import count_waiting, deliveries_between, packages_between
from axis.store.packages import PackageRecord, packages_by_id, packages_sent
from axis.store.parts import PackagePart, parts_of_packages

P = ParamSpec("P")
R = TypeVar("R")

DOOR: Final = "vxp"
SENT_PAGE: Final = 200
CAME_PAGE: Final = 500
FAILED: Final = "updateStatus fail"

#: Everything that is wrong is looked for in refused packages up to this size.
DIAGNOSED_BYTES: Final = 1024 * 1024


class Installed:
    """What one gateway process has behind the door; see :class:`adapters.vxp.behind.Behind`."""

    def __init__(self, installation: Installation, limits: Counts) -> None:
        self._installation = installation
        self._limits = limits
        settings = installation.settings
        self.bounds = Bounds(
            short_ids=settings.vxp.short_ids,
            sent_days=settings.vxp.sent_days,
            at_once=settings.gateway.submitting,
            package_bytes=settings.limits.package_bytes,
            body_s=settings.gateway.body_s,
        )

    def now(self) -> datetime:
        """Return the instant."""
        return self._installation.now()

    async def in_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what waits for the database or the disk."""
        return await self._installation.in_thread(function, *args, **kwargs)

    async def identify(self, scope: Scope) -> Signed:
        """Return what a system signed that holds its shared secret."""
        callers, now = self._installation.callers, self.now()
        if not callers.is_fresh:
            await self.in_thread(callers.refresh)
        try:
            signed = verify(scope["headers"], lambda system_id: callers.secrets_of(system_id, now))
            callers.by_secret(signed.system_id, signed.secret_id)
        except AxisError:
            self._limits.demand_anonymous(client_address(scope))
            raise
        self._limits.demand_rate(signed.system_id)
        self._installation.calls.note(signed.system_id, DOOR, now)
        return signed

    # --- sending ---

    async def demand_room(self, system_id: str, size_bytes: int) -> None:
        """Return where the axis takes more, and of this system."""
        await self._installation.demand_room()
        self._limits.demand_quota(system_id, size_bytes)

    async def take(self, system_id: str, pieces: AsyncIterator[bytes]) -> Taken:
        """Take a package, and wait a while for its verdict."""
        installation = self._installation
        # 1. The bytes and the notice; see axis/intake/submit.py for what a crash leaves.
        submitted = await installation.submit(pieces, system_id=system_id, door=DOOR)
        package_id = submitted.ticket.package_id
        # 2. The verdict.
        wait_s = installation.settings.vxp.wait_s
        verdict = await installation.verdict_of(submitted, timeout_s=wait_s)
        if verdict is None:
            return Taken(package_id=package_id, waits=True)
        refusal = verdict.package.refusal
        if refusal is None:
            return Taken(package_id=package_id)
        also = await self.in_thread(self._diagnose, verdict)
        return Taken(package_id=package_id, refused=said_of(refusal, also))

    async def packages_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which packages of a system have an id in a range."""

        def look() -> list[UUID]:
            with transaction(self._installation.engine) as connection:
                return packages_between(connection, system_id, first, last)

        return await self.in_thread(look)

    async def sent(self, system_id: str, package_ids: Sequence[UUID]) -> Sequence[Went]:
        """Return packages, with how far each recipient's is."""
        return await self.in_thread(self._went, package_ids)

    async def sent_since(self, system_id: str, since: datetime) -> AsyncIterator[Sequence[Went]]:
        """Yield what was sent in pages, the newest first."""
        before: tuple[datetime, UUID] | None = None
        while page := await self.in_thread(self._sent_page, system_id, before):
            before = (page[-1].decided_at, page[-1].id)
            ids = [one.id for one in page if one.decided_at >= since]
            if ids:
                yield await self.in_thread(self._went, ids)
            if len(ids) < len(page):
                return

    # --- receiving ---

    async def deliveries_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which deliveries to a system have an id in a range."""

        def look() -> list[UUID]:
            with transaction(self._installation.engine) as connection:
                return deliveries_between(connection, system_id, first, last)

        return await self.in_thread(look)

    async def waiting(self, system_id: str) -> AsyncIterator[Sequence[Came]]:
        """Yield what waits in pages."""
        after: dict[Lane, tuple[datetime, UUID]] = {}
        while True:
            page = await self.in_thread(self._mailbox_page, system_id, after)
            for one in page:
                after[one.delivery.lane] = (one.delivery.routed_at, one.delivery.id)
            notes = await self.in_thread(self._notes, page)
            yield [_came(one, notes.get(one.delivery.id)) for one in page]
            if len(page) < CAME_PAGE:
                return

    async def count(self, system_id: str, kind: str) -> int:
        """Return how much waits of a kind."""

        def look() -> int:
            with transaction(self._installation.engine) as connection:
                return count_waiting(connection, system_id).get(kind, 0)

        return await self.in_thread(look)

    async def give(self, system_id: str, delivery_id: UUID, scope: Scope) -> tuple[int, Answer]:
        """Return the bytes of a delivery, after it is recorded that they were given out."""
        # 1. Whether they are given out at all, by this door.
        held = await self._installation.look(system_id, delivery_id)
        parts = await self.in_thread(self._parts, held)
        # 2. The bytes, compared with their digest, before anything says that they were given out.
        call, size_bytes = self._call(scope), held.size_bytes
        headers = {"content-disposition": f'attachment; filename="{delivery_id}.edxml"'}
        if parts:
            headers["content-type"] = EDXML
            size_bytes, answer = await as_whole(
                call, held.digest, held.size_bytes, parts, headers=headers
            )
        else:
            answer = await as_body(
                call, held.digest, held.size_bytes, media_type=EDXML, headers=headers
            )
        # 3. The record. If the answer is lost after this, the client fetches again.
        await self._installation.step(system_id, delivery_id, Step.FETCH)
        return size_bytes, answer

    async def say(self, system_id: str, delivery_id: UUID, word: Word) -> None:
        """Record what a client says of a delivery."""
        if word is Word.DONE:
            await self._installation.step(system_id, delivery_id, Step.CONFIRM)
        elif word is Word.FAIL:
            await self._installation.step(system_id, delivery_id, Step.REFUSE, why=FAILED)

    # --- offices ---

    async def agencies(self) -> Rows:
        """Return every office that can be addressed."""
        return directory.agencies(await self._directory(), self.now())

    async def agencies_qd20(self, level: int | None) -> Rows:
        """Return the offices that have a code of QĐ 20/2020."""
        return directory.agencies_qd20(await self._directory(), self.now(), level)

    async def units(self, since: int) -> Rows:
        """Return every office ever that changed after a version."""
        found, touched = await self.in_thread(self._installation.offices.changed, since)
        return directory.units(found, touched, self.now())

    async def own_name(self, system_id: str, code: str) -> str | None:
        """Return the name of an office that a system acts for, or None."""
        found, at = await self._directory(), self.now()
        office = found.find(code, at)
        if office is None or not found.may_act(system_id, office.office_id, at):
            return None
        return office.name

    async def _directory(self) -> Directory:
        return (await self.in_thread(self._installation.offices.current)).directory

    # --- in threads ---

    def _sent_page(
        self, system_id: str, before: tuple[datetime, UUID] | None
    ) -> list[PackageRecord]:
        with transaction(self._installation.engine) as connection:
            return packages_sent(connection, system_id, before=before, limit=SENT_PAGE)

    def _went(self, package_ids: Sequence[UUID]) -> list[Went]:
        with transaction(self._installation.engine) as connection:
            packages = packages_by_id(connection, package_ids)
            deliveries: dict[UUID, list[DeliveryRecord]] = {}
            for one in deliveries_of(connection, package_ids):
                deliveries.setdefault(one.package_id, []).append(one)
        return [_one_went(packages[one], deliveries.get(one, [])) for one in package_ids]

    def _mailbox_page(
        self, system_id: str, after: dict[Lane, tuple[datetime, UUID]]
    ) -> list[Waiting]:
        with transaction(self._installation.engine) as connection:
            return mailbox_after(connection, system_id, after, limit=CAME_PAGE)

    def _parts(self, held: Held) -> Sequence[PackagePart]:
        """Return the attachments of a delivery that came apart, where this door can give them.

        Raises:
            PartsTooLargeError: it cannot; the operator sees it among the alarms.
        """
        delivery, engine = held.delivery, self._installation.engine
        with reading(engine) as connection:
            found = parts_of_packages(connection, [delivery.package_id])
        parts = found.get(delivery.package_id, [])
        try:
            demand_fits(held.size_bytes, parts, limit=self.bounds.package_bytes)
        except PartsTooLargeError as error:
            with transaction(engine) as connection:
                raise_alarm(connection, error.refusal, str(delivery.id), at=self.now())
            raise
        return parts

    def _notes(self, page: Sequence[Waiting]) -> Mapping[UUID, str]:
        """Return for each delivery that this door does not give out, why, in words."""
        with reading(self._installation.engine) as connection:
            found = parts_of_packages(connection, {one.delivery.package_id for one in page})
        notes = {}
        for one in page:
            try:
                parts = found.get(one.delivery.package_id, [])
                demand_fits(one.size_bytes, parts, limit=self.bounds.package_bytes)
            except PartsTooLargeError as error:
                refusal = error.refusal
                notes[one.delivery.id] = f"{refusal.text('vi')} → {refusal.hint('vi')}"
        return notes

    def _diagnose(self, verdict: Verdict) -> list[Refusal]:
        """Return everything that is wrong with a refused envelope, to be mended in one go."""
        package = verdict.package
        refusal = package.refusal
        if refusal is None or refusal.code.partition(".")[0] not in {"schema", "envelope"}:
            return []
        if package.size_bytes > DIAGNOSED_BYTES:
            return []
        limits = Limits(package_bytes=self._installation.settings.limits.package_bytes)
        return diagnose(self._installation.bodies.read(package.digest), limits)

    def _call(self, scope: Scope) -> Call:
        return Call(
            scope=scope,
            receive=_nothing,
            installation=self._installation,
            limits=self._limits,
            path={},
        )


async def _nothing() -> Message:
    return {"type": "http.disconnect"}  # the body was read before


def _one_went(package: PackageRecord, deliveries: Sequence[DeliveryRecord]) -> Went:
    refused: Said | None = said_of(package.refusal) if package.refusal else None
    return Went(
        package_id=package.id,
        kind=package.kind,
        sender=package.sender or "",
        subject=package.subject or "",
        sign=package.sign or "",
        received_at=package.received_at,
        at=package.decided_at,
        refused=refused,
        recipients=[
            Reached(
                delivery_id=one.id,
                address=one.address,
                state=one.state,
                status_code=one.status_code,
                confirmed_at=one.confirmed_at,
            )
            for one in deliveries
        ],
    )


def _came(one: Waiting, note: str | None) -> Came:
    delivery = one.delivery
    return Came(
        delivery_id=delivery.id,
        kind=one.kind,
        sender=one.sender,
        address=delivery.address,
        state=delivery.state,
        routed_at=delivery.routed_at,
        fetched_at=delivery.fetched_at,
        note=note,
    )
