"""One request as a page sees it: who asks, in which language, with which fields; bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

from starlette.types import Receive, Scope

from adapters.gateway.errors import (
    MediaTypeError,
    ParameterError,
)
from adapters.gateway.reading import read_whole
from axis.delivery.workdays import VIETNAM
from axis.errors import Lang
from axis.gateway import Installation
from axis.signin.accounts import Kind
from axis.signin.errors import PageForbiddenError, SessionOverError
from axis.signin.sessions import Person

#: The largest form: some hundred deliveries that were marked.
FORM_BYTES: Final = 128 * 1024
_FIELDS: Final = 2000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

Fields = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Visit:
    """A request; ``person`` is None on the pages for who is not signed in."""

    installation: Installation
    method: str
    path: str  #: below the mount, such as ``/search``
    now: datetime
    lang: Lang
    address: str
    secure: bool  #: came over TLS
    cookies: Mapping[str, str]
    query: Fields
    form: Fields = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  #: what the path names
    signed_in: Person | None = None
    request_id: str = ""

    @property
    def person(self) -> Person:
        """Who is signed in.

        Raises:
            SessionOverError: nobody.
        """
        if self.signed_in is None:
            raise SessionOverError
        return self.signed_in

    def demand(self, *kinds: Kind) -> Person:
        """Return who is signed in, where the console shows them this.

        Raises:
            SessionOverError: nobody is.
            PageForbiddenError: it does not.
        """
        person = self.person
        if person.kind not in kinds:
            raise PageForbiddenError(account=person.name, kind=person.kind.value)
        return person

    # --- fields ---

    def text(self, name: str, *, most: int = 200) -> str:
        """Return a field of the form, else of the query; empty where there is none.

        Raises:
            ParameterError: it is too long, or has characters that nobody types.
        """
        values = self.form.get(name) or self.query.get(name) or [""]
        return plain(name, values[-1], most).strip()

    def secret(self, name: str) -> str:
        """Return a field as it was typed, blanks too.

        Raises:
            ParameterError: as :meth:`text`.
        """
        return plain(name, (self.form.get(name) or [""])[-1], 256)

    def day(self, name: str) -> date | None:
        """Return a day, or None.

        Raises:
            ParameterError: it is no day.
        """
        text = self.text(name, most=10)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError as error:
            raise ParameterError(name=name, reason="YYYY-MM-DD") from error
        if not 1990 <= found.year <= 2200:
            raise ParameterError(name=name, reason="YYYY-MM-DD")
        return found

    def instant(self, name: str, *, after: bool = False) -> datetime | None:
        """Return when a day begins in Vietnam, or with ``after`` when it is over; None: no day."""
        day = self.day(name)
        if day is None:
            return None
        begins = datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)
        return begins + timedelta(days=1) if after else begins

    def choice(self, name: str, known: Sequence[str]) -> str:
        """Return one of the known words, or the empty one.

        Raises:
            ParameterError: it is another.
        """
        text = self.text(name, most=64)
        if text and text not in known:
            raise ParameterError(name=name, reason=", ".join(known))
        return text

    def integer(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 0 to ``most``.

        Raises:
            ParameterError: it is none.
        """
        text = self.text(name, most=20)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) > most:
            raise ParameterError(name=name, reason=f"0 … {most}")
        return int(text)

    def ids(self, name: str, *, most: int) -> tuple[UUID, ...]:
        """Return the ids in fields of one name, each once.

        Raises:
            ParameterError: one is none, or there are too many.
        """
        values = self.form.get(name) or self.query.get(name) or []
        if len(values) > most:
            raise ParameterError(name=name, reason=f"≤ {most}")
        return tuple(dict.fromkeys(uuid_of(name, value) for value in values))

    def identifier(self, name: str) -> UUID:
        """Return an id that the path names.

        Raises:
            ParameterError: it is none.
        """
        return uuid_of(name, self.names[name])

    def link(self, path: str, **changes: str | int | None) -> str:
        """Return a page of the console with fields; those that are empty are left out."""
        said = {name: str(value) for name, value in changes.items() if value not in (None, "")}
        return f"/console{quote(path)}" + (f"?{urlencode(said)}" if said else "")

    def here(self, **changes: str | int | None) -> str:
        """Return this page with other fields in the query."""
        now = {name: values[-1] for name, values in self.query.items() if name != "lang"}
        return self.link(self.path, **(now | changes))


def plain(name: str, value: str, most: int) -> str:
    """Return a value that people type.

    Raises:
        ParameterError: it is too long, or has characters that nobody types.
    """
    if len(value) > most:
        raise ParameterError(name=name, reason=f"≤ {most}")
    if _CONTROL.search(value) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ParameterError(name=name, reason="a control character")
    return value


def uuid_of(name: str, text: str) -> UUID:
    """Return an id.

    Raises:
        ParameterError: it is none.
    """
    if not _UUID.fullmatch(text):
        raise ParameterError(name=name, reason="a UUID")
    return UUID(text)


def fields_of(raw: bytes) -> dict[str, list[str]]:
    """Return the fields of a query or form.

    Raises:
        ParameterError: it cannot be read, or has too many.
    """
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise ParameterError(name="form", reason="not readable") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request; what cannot be read is none."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            jar: SimpleCookie = SimpleCookie()
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                continue
            found |= {key: morsel.value for key, morsel in jar.items()}
    return found


async def form_of(scope: Scope, receive: Receive, *, patience_s: float) -> dict[str, list[str]]:
    """Return the fields of a form.

    Raises:
        MediaTypeError, BodyTooLargeError, TooSlowError, CutOffError, ParameterError: there is none.
    """
    kind = next((v for n, v in scope["headers"] if n == b"content-type"), b"")
    media = kind.decode("latin-1").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise MediaTypeError(expected="application/x-www-form-urlencoded", got=media[:60])
    body = await read_whole(scope, receive, limit=FORM_BYTES, patience_s=patience_s)
    return fields_of(body)
