"""What the operations need from behind them: an axis, or an office agent's spool. Values only.

The operations know the client: its headers, ids, words and habits. What stands behind them knows
packages, deliveries and offices, and nothing of the client.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from starlette.types import Scope

from adapters.rest.answer import Answer
from adapters.vxp.codes import Said
from adapters.vxp.signature import Signed
from axis.delivery.states import State

P = ParamSpec("P")
R = TypeVar("R")

#: Offices, each as the client reads it.
Rows = Iterator[dict[str, Any]]


class Word(StrEnum):
    """What a client can say of a delivery."""

    DONE = "done"  #: it keeps the package: the confirmation
    FAIL = "fail"  #: it cannot take it
    PROCESSING = "processing"  #: nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a package that was handed over; neither flag: it was accepted."""

    package_id: UUID
    waits: bool = False  #: it is ours, and not judged yet
    refused: Said | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a package is at one addressee."""

    delivery_id: UUID
    address: str
    state: State
    status_code: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """A package that was sent."""

    package_id: UUID
    kind: str | None  #: the message type; None where it could not be read
    sender: str
    subject: str
    sign: str
    received_at: datetime
    at: datetime  #: of its verdict, or as received; lists go by it
    waits: str | None = None  #: why it is not judged yet, in words
    refused: Said | None = None
    recipients: Sequence[Reached] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A delivery that waits."""

    delivery_id: UUID
    kind: str
    sender: str
    address: str
    state: State
    routed_at: datetime
    fetched_at: datetime | None
    note: str | None = None  #: why this door does not give it out, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an installation of the door is set to."""

    short_ids: bool  #: docIds of 24 hex digits instead of UUIDs
    sent_days: int  #: getSentEdocList without dates goes back so far
    at_once: int  #: packages that are read at once
    package_bytes: int  #: of a package, at most
    body_s: float  #: for so long nothing of a body may come


class Behind(Protocol):
    """What stands behind the operations; every method may raise ``AxisError``."""

    @property
    def bounds(self) -> Bounds:
        """What is set."""

    def now(self) -> datetime:
        """Return the instant."""

    async def in_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what waits for a disk, or takes its time."""

    async def identify(self, scope: Scope) -> Signed:
        """Return what the caller signed, where it holds a secret that counts.

        Raises:
            AccessDeniedError, HeaderSignatureError, SystemStoppedError: nobody, now.
            RateError: too many requests, or too many failed proofs from this address.
        """

    async def demand_room(self, system_id: str, size_bytes: int) -> None:
        """Return where a package of so many bytes can be taken.

        Raises:
            IntakeBusyError, QuotaError: not now; the sender keeps it.
        """

    async def take(self, system_id: str, pieces: AsyncIterator[bytes]) -> Taken:
        """Take a package; when this returns it is not lost any more."""

    async def packages_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which packages of a system have an id in a range."""

    async def deliveries_between(self, system_id: str, first: UUID, last: UUID) -> Collection[UUID]:
        """Return which deliveries to a system have an id in a range."""

    async def sent(self, system_id: str, package_ids: Sequence[UUID]) -> Sequence[Went]:
        """Return packages of a system as they are now, in this order."""

    def sent_since(self, system_id: str, since: datetime) -> AsyncIterator[Sequence[Went]]:
        """Yield what was sent since an instant in pages, the newest first."""

    def waiting(self, system_id: str) -> AsyncIterator[Sequence[Came]]:
        """Yield what waits for a system in pages: urgent first, then oldest."""

    async def count(self, system_id: str, kind: str) -> int:
        """Return how much waits for a system of a kind."""

    async def give(self, system_id: str, delivery_id: UUID, scope: Scope) -> tuple[int, Answer]:
        """Return the size and the exact bytes of a delivery, once that is on record.

        Raises:
            DeliveryUnknownError, DeliveryOverError, BodyPurgedError: they are not given out.
        """

    async def say(self, system_id: str, delivery_id: UUID, word: Word) -> None:
        """Record what a client says of a delivery; again is no news.

        Raises:
            DeliveryUnknownError, DeliveryOverError, TransitionRefusedError: it cannot be said.
        """

    async def agencies(self) -> Rows:
        """Return every office that can be addressed."""

    async def agencies_qd20(self, level: int | None) -> Rows:
        """Return the offices that have a code of QĐ 20/2020, of one level of it or of all."""

    async def units(self, since: int) -> Rows:
        """Return every office ever that changed after a version."""

    async def own_name(self, system_id: str, code: str) -> str | None:
        """Return the name of an office that a system acts for, or None."""
