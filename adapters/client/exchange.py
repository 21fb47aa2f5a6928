"""Requests and answers as values: what a flow asks for, and what the network gives back.

A flow is a generator that yields requests and is sent answers. It holds all that the client knows
of the API; :mod:`.synchronous` and :mod:`.asynchronous` only carry.
"""

from __future__ import annotations

import email.utils
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final, Generic, TypeAlias, TypeVar

import httpx
import msgspec

from adapters.client.errors import AnswerUnreadableError, ProblemError, UnreachableError
from adapters.client.problem import parse_problem
from axis.errors import AxisError
from axis.structs import ready

T = TypeVar("T")

#: An answer that is not streamed into a file is no longer than this.
MOST_BYTES: Final = 64 * 1024 * 1024
PIECE: Final = 256 * 1024
#: No Retry-After is obeyed beyond this; who asks earlier is told again.
WAIT_MOST: Final = timedelta(minutes=5)
#: Answers that say: the same again, later.
BUSY: Final = frozenset({429, 502, 503, 504})


@dataclass(slots=True)
class Sink:
    """A file that an answer's body is written to; an interrupted one is resumed where it broke."""

    file: IO[bytes]
    etag: str | None = None
    size_bytes: int = 0

    def headers(self) -> dict[str, str]:
        """Return what asks for the rest, where there is something already."""
        if not self.size_bytes or self.etag is None:
            return {}
        return {"Range": f"bytes={self.size_bytes}-", "If-Range": self.etag}

    def begin(self, response: httpx.Response) -> None:
        """Take the head of an answer: the rest, or the whole from its beginning."""
        if response.status_code != 206:
            self.file.seek(0)
            self.file.truncate()
            self.size_bytes = 0
        self.etag = response.headers.get("etag")

    def write(self, piece: bytes) -> None:
        """Take bytes."""
        self.file.write(piece)
        self.size_bytes += len(piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Bytes to be sent: a file from a place on, or what is in memory."""

    what: Path | bytes
    start: int = 0
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    json: object | None = None
    sink: Sink | None = None
    wait_s: float = 0  #: the axis may take so long by agreement
    again: bool = True  #: after a broken line it may be carried again; else a flow decides
    expected: frozenset[int] = frozenset()  #: statuses beyond 2xx that the flow understands

    @property
    def call(self) -> str:
        """What is asked, for messages."""
        return f"{self.method} {self.path}"

    def content(self) -> bytes | None:
        """Return a body that is in memory, if it is."""
        if self.json is not None:
            return msgspec.json.encode(self.json)
        if self.source is not None and isinstance(self.source.what, bytes):
            return self.source.what[self.source.start :][: self.source.length]
        return None

    def all_headers(self) -> dict[str, str]:
        """Return the headers of an attempt."""
        found = dict(self.headers)
        if self.json is not None:
            found["Content-Type"] = "application/json"
        elif self.source is not None:
            found["Content-Length"] = str(self.source.length)
        if self.sink is not None:
            found |= self.sink.headers()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  #: names in any letter case
    content: bytes  #: empty where it went into a sink
    call: str

    def read(self, kind: type[T]) -> T:
        """Return the JSON of the answer.

        Raises:
            AnswerUnreadableError: it is not what the API says.
        """
        try:
            return msgspec.json.decode(self.content, type=ready(kind))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise AnswerUnreadableError(call=self.call, reason=str(error)[:200]) from error


Flow: TypeAlias = Generator[Request, Answer, T]


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A flow has ended."""

    value: T


def step(flow: Flow[T], news: Answer | AxisError | None = None) -> Request | Done[T]:
    """Give a flow an answer, or why there is none, and return what it asks for next."""
    try:
        if isinstance(news, AxisError):
            return flow.throw(news)
        return next(flow) if news is None else flow.send(news)
    except StopIteration as end:
        return Done(end.value)


class BusyError(Exception):
    """The axis says: later. Inside the client only."""

    def __init__(self, answer: Answer, wait: timedelta | None) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.wait = wait


def demand(request: Request, answer: Answer) -> Answer:
    """Return the answer where it is one that the flow understands.

    Raises:
        BusyError: the same again, later.
        ProblemError: the axis refused.
    """
    if 200 <= answer.status < 300 or answer.status in request.expected:
        return answer
    if answer.status in BUSY:
        raise BusyError(answer, retry_after(answer.headers))
    raise ProblemError(parse_problem(answer.status, answer.content))


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long Retry-After says to wait: seconds, or an HTTP date (RFC 9110 §10.2.3)."""
    text = (headers.get("retry-after") or "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        wait = timedelta(seconds=int(text))
    else:
        try:
            wait = email.utils.parsedate_to_datetime(text) - datetime.now(UTC)
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta(0)), WAIT_MOST)


def may_help(request: Request) -> Any:
    """Return what decides whether and when a call is carried again (a hook of stamina)."""

    def hook(error: Exception) -> bool | float:
        if isinstance(error, BusyError):  # nothing was taken
            return True if error.wait is None else error.wait.total_seconds()
        return request.again and isinstance(error, httpx.TransportError)

    return hook


def given_up(url: str, error: Exception) -> Exception:
    """Return how a call ends that was carried often enough."""
    if isinstance(error, BusyError):
        return ProblemError(parse_problem(error.answer.status, error.answer.content))
    return UnreachableError(url=url, reason=f"{type(error).__name__} {error}".strip()[:200])
