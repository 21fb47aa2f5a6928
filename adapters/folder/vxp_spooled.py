"""The agent's spool behind the operations of the VXP API: what an eOffice gives is kept, then sent.

What the eOffice is answered is on the disk: its package before it gets the DocId, its word about a
delivery before it gets the OK. Signing, sending and confirming is the work of the other threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec.structs import replace
from starlette.types import Scope

from adapters.client.measuring import measure
from adapters.folder import offices
from adapters.folder.beside import secret_of, system_of
from adapters.folder.compose import LIMITS
from adapters.folder.errors import RoomError
from adapters.folder.places import keep
from adapters.folder.spool import Delivery, Job
from adapters.folder.vxp_progress import Progress
from adapters.folder.vxp_values import GIVEN, SEEN, came_of, state_of, went_of, why_of
from adapters.gateway.identity import client_address
from adapters.gateway.limits import Limits as Counts
from adapters.rest.answer import Answer
from adapters.rest.operation import EDXML
from adapters.vxp.behind import Bounds, Came, Rows, Taken, Went, Word
from adapters.vxp.codes import said_of
from adapters.vxp.signature import Signed, verify
from axis.bodies.errors import BodyCorruptError
from axis.delivery.errors import BodyPurgedError, DeliveryUnknownError
from axis.delivery.lanes import Lane
from axis.delivery.states import Event as Step
from axis.delivery.states import advance
from axis.envelope.diagnosis import diagnose
from axis.envelope.package import parse
from axis.envelope.values import DocumentEnvelope, Envelope, StatusEnvelope
from axis.errors import AxisError, Refusal

if TYPE_CHECKING:
    from adapters.folder.run import Agent

P = ParamSpec("P")
R = TypeVar("R")

THREADS: Final = 4
AT_ONCE: Final = 4
BODY_S: Final = 30.0
#: Everything that is wrong is looked for in refused packages up to this size.
DIAGNOSED_BYTES: Final = 1024 * 1024
PIECE: Final = 256 * 1024


class Spooled:
    """What an agent has behind the door; see :class:`adapters.vxp.behind.Behind`."""

    def __init__(self, agent: Agent, counts: Counts) -> None:
        own = agent.settings.vxp
        self._agent = agent
        self._own = own
        self._counts = counts
        self._offices = offices.OfficeList(agent.places.state / "offices.db", fresh_s=own.offices_s)
        self._one_at_once = Lock()
        self._progress = Progress(agent, ask_s=own.ask_s)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="vxp")
        self.bounds = Bounds(
            short_ids=own.short_ids,
            sent_days=own.sent_days,
            at_once=AT_ONCE,
            package_bytes=own.package_bytes,
            body_s=BODY_S,
        )

    def now(self) -> datetime:
        """Return the instant."""
        return datetime.now(UTC)

    async def in_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what waits for the disk or the line."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(function, *args, **kwargs))

    async def identify(self, scope: Scope) -> Signed:
        """Return what the eOffice signed; the secret is read anew, so that a new one counts."""
        settings, home = self._agent.settings, self._agent.places.home
        secret = await self.in_thread(secret_of, settings, home)
        own = [("", b"")] if not secret else [("own", secret)]
        try:
            return verify(
                scope["headers"], lambda system: own if system == system_of(settings) else []
            )
        except AxisError:
            self._counts.demand_anonymous(client_address(scope))
            raise

    # --- sending ---

    async def demand_room(self, system_id: str, size_bytes: int) -> None:
        """Return where the disk has room: for what comes, what is signed, and what is shown."""
        free = shutil.disk_usage(self._agent.places.home).free
        if free < self._own.free_bytes + 3 * size_bytes:
            raise RoomError(got=free, expected=self._own.free_bytes)

    async def take(self, system_id: str, pieces: AsyncIterator[bytes]) -> Taken:
        """Keep a package, once it can be read; what can never pass is refused at once."""
        data = b"".join([piece async for piece in pieces])
        return await self.in_thread(self._take, data)

    async def packages_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which of the eOffice's packages have an id in a range."""

        def look() -> list[UUID]:
            with self._agent.spool() as spool:
                found = spool.between(Job, first.hex, last.hex)
            return [UUID(one.id) for one in found if one.door == "vxp"]

        return await self.in_thread(look)

    async def sent(self, system_id: str, package_ids: Sequence[UUID]) -> Sequence[Went]:
        """Return packages as the axis says they are, or said last."""

        def look() -> list[Went]:
            with self._agent.spool() as spool:
                found = [spool.find(Job, one.hex) for one in package_ids]
            return [went_of(one) for one in self._progress.of([one for one in found if one])]

        return await self.in_thread(look)

    async def sent_since(self, system_id: str, since: datetime) -> AsyncIterator[Sequence[Went]]:
        """Yield what the eOffice sent in pages, the newest first."""
        before: int | None = None
        while True:
            page, before, over = await self.in_thread(self._sent_page, before, since)
            if page:
                yield page
            if before is None or over:
                return

    # --- receiving ---

    async def deliveries_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which deliveries that the eOffice was offered have an id in a range."""

        def look() -> list[UUID]:
            with self._agent.spool() as spool:
                found = spool.between(Delivery, str(first), str(last))
            return [UUID(one.id) for one in found if one.state in SEEN]

        return await self.in_thread(look)

    async def waiting(self, system_id: str) -> AsyncIterator[Sequence[Came]]:
        """Yield what was verified and waits for the eOffice's word."""
        yield await self.in_thread(self._waiting)

    async def count(self, system_id: str, kind: str) -> int:
        """Return how much waits of a kind."""
        return sum(one.kind == kind for one in await self.in_thread(self._waiting))

    async def give(self, system_id: str, delivery_id: UUID, scope: Scope) -> tuple[int, Answer]:
        """Return the bytes of a delivery, after it is in the spool that they were given out."""
        size = await self.in_thread(self._give, delivery_id)
        name = f'attachment; filename="{delivery_id}.edxml"'
        answer = Answer(
            body=self._pieces(delivery_id),
            length=size,
            headers={"content-type": EDXML, "content-disposition": name},
        )
        return size, answer

    async def say(self, system_id: str, delivery_id: UUID, word: Word) -> None:
        """Keep what the eOffice says; it is passed on by the thread that settles."""
        if word is not Word.PROCESSING:
            await self.in_thread(self._say, delivery_id, word)

    # --- offices ---

    async def agencies(self) -> Rows:
        """Return every office that can be addressed."""
        await self.in_thread(self._refresh_offices)
        return offices.agencies(self._offices.entries())

    async def agencies_qd20(self, level: int | None) -> Rows:
        """Return the offices that have a code of QĐ 20/2020."""
        await self.in_thread(self._refresh_offices)
        return offices.agencies_qd20(self._offices.entries(), level)

    async def units(self, since: int) -> Rows:
        """Return every office ever that changed after a version."""
        await self.in_thread(self._refresh_offices)
        return offices.units(self._offices.entries(since))

    async def own_name(self, system_id: str, code: str) -> str | None:
        """Return the name of the agent's own office, or None."""
        settings = self._agent.settings
        if code not in (settings.office, *settings.former):
            return None
        await self.in_thread(self._refresh_offices)
        return await self.in_thread(self._offices.name_of, code)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    # --- in threads ---

    def _take(self, data: bytes) -> Taken:
        agent = self._agent
        digest = hashlib.sha256(data).hexdigest()
        # The same file has the same id, whatever its signature will be.
        package_id = uuid5(NAMESPACE_URL, f"vxp/{agent.settings.office}/{digest}")
        with self._one_at_once, agent.spool() as spool:
            job = spool.find(Job, package_id.hex)
            if job is not None:
                refused = why_of(job)
                return Taken(package_id=package_id, waits=job.package_id is None, refused=refused)
            # 1. What can never pass never goes on its way.
            try:
                envelope = parse(data, LIMITS).envelope
            except AxisError as error:
                also = diagnose(data, LIMITS) if len(data) <= DIAGNOSED_BYTES else []
                refused = said_of(error.refusal, _wrong(error.refusal, also))
                return Taken(package_id=package_id, refused=refused)
            # 2. The bytes, then the job: from here it will be sent. A crash before leaves bytes
            #    that nothing refers to, and an eOffice without an answer.
            keep(agent.places.bytes / digest, data)
            spool.put(_job(package_id, envelope, digest))
        return Taken(package_id=package_id, waits=True)

    def _sent_page(
        self, before: int | None, since: datetime
    ) -> tuple[list[Went], int | None, bool]:
        with self._agent.spool() as spool:
            page, after = spool.newest(Job, before=before)
        young = [one for one in page if one.made_at >= since.isoformat()]
        own = [one for one in young if one.door == "vxp"]
        return [went_of(one) for one in self._progress.of(own)], after, len(young) < len(page)

    def _waiting(self) -> list[Came]:
        with self._agent.spool() as spool:
            found = spool.due(Delivery, ("offered",), float("inf"))
        urgent = [one for one in found if one.facts.get("lane") == Lane.EXPRESS.value]
        rest = [one for one in found if one.facts.get("lane") != Lane.EXPRESS.value]
        return [
            came_of(one)
            for part in (urgent, rest)
            for one in sorted(part, key=lambda one: str(one.facts.get("routed_at")))
        ]

    def _give(self, delivery_id: UUID) -> int:
        with self._agent.spool() as spool:
            one = self._find(spool.find(Delivery, str(delivery_id)), delivery_id)
            advance(state_of(one), Step.FETCH)
            path = self._path(one)
            if one.state not in GIVEN or not path.exists():
                raise BodyPurgedError(delivery_id=str(delivery_id))
            found = measure(path)
            if found.sha256.hex() != one.facts["sha256"]:
                raise BodyCorruptError(
                    digest=str(one.facts["sha256"])[:12], got=found.sha256.hex()[:12]
                )
            with spool.together():
                now = spool.find(Delivery, one.id)
                if now is not None and now.state == "offered" and now.given_at is None:
                    spool.put(replace(now, given_at=self.now().isoformat()))
        return found.size_bytes

    async def _pieces(self, delivery_id: UUID) -> AsyncIterator[bytes]:
        def begin() -> Path:
            with self._agent.spool() as spool:
                return self._path(self._find(spool.find(Delivery, str(delivery_id)), delivery_id))

        file = (await self.in_thread(begin)).open("rb")
        with file:
            while piece := await self.in_thread(file.read, PIECE):
                yield piece

    def _say(self, delivery_id: UUID, word: Word) -> None:
        step = Step.CONFIRM if word is Word.DONE else Step.REFUSE
        with self._agent.spool() as spool, spool.together():
            one = self._find(spool.find(Delivery, str(delivery_id)), delivery_id)
            after = advance(state_of(one), step)
            if one.state == "offered" and after is not state_of(one):
                spool.put(replace(one, state="agreed" if word is Word.DONE else "declined"))

    def _refresh_offices(self) -> None:
        if self._offices.is_old:
            with self._agent.spool() as spool, self._agent.client(spool, patience_s=2.0) as client:
                self._offices.refresh(client)

    def _find(self, found: Delivery | None, delivery_id: UUID) -> Delivery:
        if found is None or found.state not in SEEN:
            name = system_of(self._agent.settings)
            raise DeliveryUnknownError(delivery_id=str(delivery_id), system_id=name)
        return found

    def _path(self, one: Delivery) -> Path:
        return self._agent.places.bytes / str(one.facts["sha256"])


def _job(package_id: UUID, envelope: Envelope, digest: str) -> Job:
    about = {"kind": envelope.type, "sender": str(envelope.sender.organ_id)}
    document_id = None
    if isinstance(envelope, DocumentEnvelope):
        name, document_id = envelope.code.sign, str(envelope.document_id)
        about |= {"sign": name, "subject": envelope.subject or ""}
    elif isinstance(envelope, StatusEnvelope):
        sign = envelope.response_for.code or ""
        name = f"trang-thai {envelope.status_code.value} {sign}"
        about |= {"sign": sign}
    return Job(
        id=package_id.hex,
        state="taken",
        name=name.replace("/", "-").strip(),
        came=digest,
        made_at=datetime.now(UTC).isoformat(),
        document_id=document_id,
        door="vxp",
        about=about,
    )


def _wrong(first: Refusal, also: Sequence[Refusal]) -> Sequence[Refusal]:
    return also if first.code.partition(".")[0] in {"schema", "envelope"} else ()
