"""One call of a client: who it is, what it signed, its body, and what stands behind the door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.types import Receive, Scope

from adapters.gateway.reading import length_of, read_pieces
from adapters.vxp.behind import Behind
from adapters.vxp.errors import DocumentIdUnknownError, ParameterError
from adapters.vxp.ids import parse_doc_id, write_doc_id
from adapters.vxp.kinds import TYPES, USUAL
from adapters.vxp.signature import Signed
from axis.directory.values import VIETNAM

#: Whose ids lie in a range: those of deliveries, or of packages.
Between = Callable[[str, UUID, UUID], Awaitable[Collection[UUID]]]

#: How clients of different makers write a day.
_DAYS: Final = ("%d/%m/%Y", "%Y/%m/%d", "%Y-%m-%d", "%d-%m-%Y", "%Y%m%d")
_TIMES: Final = ("", " %H:%M:%S", "T%H:%M:%S", " %H:%M")

PAGE_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """A call whose signature was verified."""

    scope: Scope
    receive: Receive
    behind: Behind
    signed: Signed

    @property
    def system_id(self) -> str:
        """Who calls."""
        return self.signed.system_id

    @property
    def length(self) -> int | None:
        """How many bytes the body is announced to have."""
        return length_of(self.scope)

    def pieces(self, *, limit: int) -> AsyncIterator[bytes]:
        """Yield the body in pieces; see :func:`adapters.gateway.reading.read_pieces`."""
        return read_pieces(
            self.scope, self.receive, limit=limit, patience_s=self.behind.bounds.body_s
        )

    async def body(self, *, limit: int) -> bytes:
        """Return a small body whole.

        Raises:
            BodyTooLargeError, TooSlowError, CutOffError: it does not come.
        """
        return b"".join([piece async for piece in self.pieces(limit=limit)])

    def write_id(self, value: UUID) -> str:
        """Return an id as the clients of this installation get it."""
        return write_doc_id(value, short=self.behind.bounds.short_ids)

    async def find(self, between: Between) -> UUID:
        """Return what ``docId`` means among what is this system's.

        Raises:
            ParameterError, ParameterTwiceError: it is missing, or came with two values.
            DocumentIdUnknownError: nothing of this system; whether it is another's is not said.
        """
        text = self.signed.demand("docId")
        span = parse_doc_id(text)
        found = await between(self.system_id, span.first, span.last)
        if len(found) != 1:
            raise DocumentIdUnknownError(doc_id=text[:64])
        return next(iter(found))

    def kind(self) -> str:
        """Return which message type ``messagetype`` names.

        Raises:
            ParameterError: it is neither ``edoc`` nor ``status``.
        """
        said = (self.signed.text("messagetype") or USUAL).lower()
        if said not in TYPES:
            raise ParameterError(name="messagetype", reason=" or ".join(TYPES))
        return TYPES[said]

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return ``fromDate`` and ``toDate``; a day without a time means the whole of it.

        Raises:
            ParameterError: one of them cannot be read.
        """
        return self._instant("fromDate", end=False), self._instant("toDate", end=True)

    def page(self) -> tuple[int, int | None]:
        """Return how many rows are passed over, and how many are wanted; None: all.

        Raises:
            ParameterError: no whole numbers.
        """
        size = self._number("pageSize", most=PAGE_MOST)
        if size is None:
            return 0, None
        index = self._number("pageIndex", most=10**6) or 1
        return (index - 1) * size, size

    def _number(self, name: str, *, most: int) -> int | None:
        text = self.signed.text(name)
        if text is None:
            return None
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= most:
            raise ParameterError(name=name, reason=f"a whole number from 1 to {most}")
        return int(text)

    def _instant(self, name: str, *, end: bool) -> datetime | None:
        text = self.signed.text(name)
        if text is None:
            return None
        for day in _DAYS:
            for time in _TIMES:
                try:
                    at = datetime.strptime(text, day + time).replace(tzinfo=VIETNAM)
                except (ValueError, OverflowError):
                    continue
                return at + timedelta(days=1) if end and not time else at
        raise ParameterError(name=name, reason="a day such as 30/09/2026 or 2026-09-30")
