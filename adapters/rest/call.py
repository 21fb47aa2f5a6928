"""One request as an operation sees it: who calls, what it asks for, its body in bounded pieces."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from starlette.types import Receive, Scope

from adapters.gateway.errors import HeaderError, MediaTypeError, ParameterError
from adapters.gateway.limits import Limits
from adapters.gateway.reading import length_of, read_pieces
from adapters.gateway.refusals import language_of
from axis.access.values import Caller
from axis.errors import Lang
from axis.gateway import Installation
from axis.structs import ready

#: The largest JSON body.
JSON_BYTES: Final = 256 * 1024

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

T = TypeVar("T")


@dataclass(slots=True)
class Call:
    """A request of a caller that proved itself; ``caller`` is None where a path is public."""

    scope: Scope
    receive: Receive
    installation: Installation
    limits: Limits
    path: Mapping[str, str]
    _caller: Caller | None = None
    _query: dict[str, str] | None = None

    # --- who and how ---

    @property
    def caller(self) -> Caller:
        """Who calls; only operations that demand a scope may ask."""
        assert self._caller is not None  # noqa: S101  the table of operations demands a scope
        return self._caller

    @property
    def lang(self) -> Lang:
        """The language of sentences."""
        return language_of(self.header("accept-language"))

    def header(self, name: str) -> str | None:
        """Return the value of a header; of several, all with commas between."""
        key = name.encode()
        values = [value for found, value in self.scope["headers"] if found == key]
        return b", ".join(values).decode("latin-1") if values else None

    def url(self, path: str) -> str:
        """Return a path of this API as a link."""
        return f"{self.installation.settings.gateway.url.rstrip('/')}{path}"

    # --- parameters ---

    def text(self, name: str, default: str | None = None, *, most: int = 255) -> str | None:
        """Return a parameter of the query.

        Raises:
            ParameterError: it is too long or has control characters.
        """
        if self._query is None:
            raw = self.scope["query_string"].decode("latin-1")
            try:
                pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=50, errors="strict")
            except (ValueError, UnicodeDecodeError) as error:
                raise ParameterError(name="query", reason="not readable") from error
            self._query = dict(pairs)
        value = self._query.get(name)
        return default if value is None else _plain(name, value, most)

    def integer(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        """Return a whole number of the query.

        Raises:
            ParameterError: it is none, or out of bounds.
        """
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) or not least <= int(text) <= most:
            raise ParameterError(name=name, reason=f"a whole number from {least} to {most}")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return a yes or no of the query.

        Raises:
            ParameterError: it is neither ``true`` nor ``false``.
        """
        text = self.text(name, "false")
        if text not in ("true", "false"):
            raise ParameterError(name=name, reason="true or false")
        return text == "true"

    def identifier(self, name: str) -> UUID:
        """Return an id in the path.

        Raises:
            ParameterError: it is none.
        """
        text = self.path[name]
        if not _UUID.fullmatch(text):
            raise ParameterError(name=name, reason="a UUID")
        return UUID(text)

    def digest(self, name: str) -> bytes:
        """Return a SHA-256 in the path.

        Raises:
            ParameterError: it is none.
        """
        return digest_of(name, self.path[name])

    def word(self, name: str, *, most: int = 255) -> str:
        """Return a word in the path.

        Raises:
            ParameterError: it is too long or has control characters.
        """
        return _plain(name, self.path[name], most)

    def wait_s(self, most: float) -> float:
        """Return for how long the caller would wait, by ``wait`` of the query.

        Raises:
            ParameterError: no whole number.
        """
        return float(min(self.integer("wait", 0, most=3600), int(most)))

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.installation.now()

    # --- the body ---

    @property
    def length(self) -> int | None:
        """How many bytes the body is announced to have."""
        return length_of(self.scope)

    def demand_media(self, *expected: str) -> None:
        """Return where the body is of one of these types.

        Raises:
            MediaTypeError: it is of another.
        """
        got = (self.header("content-type") or "").partition(";")[0].strip().lower()
        if got not in expected:
            raise MediaTypeError(expected=" or ".join(expected), got=(got or "nothing")[:60])

    async def pieces(self, *, limit: int, must_end: bool = True) -> AsyncIterator[bytes]:
        """Yield the body in pieces of up to 256 KiB; never more of it is in memory.

        Args:
            limit: bytes, at most.
            must_end: refuse what breaks off; else what came is what there is.

        Raises:
            BodyTooLargeError: there are more; the rest is not read.
            TooSlowError: nothing more came for ``[gateway] body_s``, or too little.
            CutOffError: the caller has gone.
        """
        patience = self.installation.settings.gateway.body_s
        reading = read_pieces(
            self.scope, self.receive, limit=limit, patience_s=patience, must_end=must_end
        )
        async for piece in reading:
            yield piece

    async def body(self, *, limit: int) -> bytes:
        """Return a small body whole.

        Raises:
            BodyTooLargeError, TooSlowError, CutOffError: it does not come.
        """
        return b"".join([piece async for piece in self.pieces(limit=limit)])

    async def json(self, kind: type[T]) -> T:
        """Return the body as a value.

        Raises:
            MediaTypeError, ParameterError: it is no JSON of that form.
        """
        self.demand_media("application/json")
        content = await self.body(limit=JSON_BYTES)
        try:
            return msgspec.json.decode(content, type=ready(kind))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ParameterError(name="body", reason=str(error)[:200]) from error

    def prefers(self, name: str) -> str | None:
        """Return the value of a preference (RFC 7240), ``""`` where it has none.

        Raises:
            HeaderError: the header Prefer is too long.
        """
        header = self.header("prefer") or ""
        if len(header) > 1000:
            raise HeaderError(name="Prefer", reason="too long")
        for item in header.split(","):
            key, _, value = item.strip().partition("=")
            if key.strip().lower() == name:
                return value.partition(";")[0].strip().strip('"')
        return None


def digest_of(name: str, text: str) -> bytes:
    """Read a SHA-256 in hex.

    Raises:
        ParameterError: it is none.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text, re.ASCII):
        raise ParameterError(name=name, reason="a SHA-256 as 64 hex digits")
    return bytes.fromhex(text)


def _plain(name: str, value: str, most: int) -> str:
    if len(value) > most:
        raise ParameterError(name=name, reason=f"at most {most} characters")
    if _CONTROL.search(value) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ParameterError(name=name, reason="no control characters")
    return value
