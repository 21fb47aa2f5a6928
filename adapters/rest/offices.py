"""The directory for systems: the list and its changes, search, codes of any time, a signed copy."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from adapters.gateway.errors import ParameterError
from adapters.rest.answer import Answer, as_json, is_known
from adapters.rest.call import Call
from adapters.rest.operation import BYTES, Content, Operation, Parameter, flag, integer
from adapters.rest.shapes import Shape
from adapters.rest.types import accepts
from axis.access.values import Scope
from axis.directory.errors import OfficeUnknownError, RecipientNotYetError, RecipientUnknownError
from axis.directory.listing import Entry, entry_of, page_of, seal
from axis.directory.snapshot import Directory
from axis.directory.values import Held, Served, parse_moment
from axis.gateway.offices import Listed
from axis.notary.signing import signer_named

LINES: Final = "application/jsonl"
#: Entries that one thread makes before others have their turn.
AT_ONCE: Final = 1000
#: A signed copy is made anew after this, even where nothing changed: its term begins again.
COPY_FOR: Final = timedelta(hours=1)


class OfficeList(Shape, frozen=True):
    """A page of the list, or of what changed."""

    items: list[Entry]
    version: int  #: ask with it as ``since`` next time, once ``next`` is null
    next: str | None  #: give it as ``after``, with the same ``since``


class Found(Shape, frozen=True):
    """Offices that fit, the best first."""

    items: list[Entry]


class Way(Shape, frozen=True, omit_defaults=True):
    """Who is served for a letter to a code now, or why a person must decide."""

    served: Entry | None = None
    held: str | None = None
    candidates: list[Entry] = msgspec.field(default_factory=list)


class Lookup(Shape, frozen=True):
    """The office that has or had a code."""

    at: datetime
    office: Entry
    now: Way
    accepts: list[str]  #: the message types that who is served takes now, such as ``dossier/1``


async def changes(call: Call) -> Answer:
    """Answer with a page of the list, or of what changed since a version."""
    since = call.integer("since", 0, most=2**53)
    limit = call.integer("limit", 1000, least=1, most=10_000)
    after = call.text("after")
    if after is not None and not after.partition(".")[0].isdecimal():
        raise ParameterError(name="after", reason="`next` of the page before")

    def read() -> tuple[OfficeList, str]:
        directory, touched = call.installation.offices.changed(since)
        page = page_of(directory, touched, at=call.now, limit=limit, after=after)
        return OfficeList(items=list(page.entries), version=page.version, next=page.next), page.etag

    page, etag = await call.installation.in_thread(read)
    if is_known(call, etag):
        return Answer(status=304, headers={"etag": etag})
    return as_json(page, headers={"etag": etag, "cache-control": "private, no-cache"})


async def lines(call: Call) -> Answer:
    """Give all offices, a line for each, however many there are."""
    installation, now = call.installation, call.now
    listed = await installation.in_thread(installation.offices.current)
    tag = f"{listed.directory.version}.{listed.directory.period(now)}"
    headers = {
        "etag": f'"{hashlib.sha256(tag.encode()).hexdigest()[:32]}"',
        "content-type": LINES,
        "cache-control": "private, no-cache",
        "axis-directory-version": str(listed.directory.version),
    }
    if is_known(call, headers["etag"]):
        return Answer(status=304, headers=headers)
    return Answer(headers=headers, body=_lines(call, listed, now))


async def search(call: Call) -> Answer:
    """Answer with the offices that a text fits."""
    text = call.text("q", most=200)
    limit = call.integer("limit", 20, least=1, most=200)
    at, closed = _at(call), call.flag("closed")
    if text is None or not text.strip():
        raise ParameterError(name="q", reason="words of a name, or a code")

    def read() -> Found:
        listed = call.installation.offices.current()
        offices = listed.names.search(text, at, limit=limit, closed=closed)
        return Found(items=[_entry(listed, office.office_id, at) for office in offices])

    return as_json(await call.installation.in_thread(read))


async def lookup(call: Call) -> Answer:
    """Answer whose a code is or was, and who is served for it now."""
    code, at, now = call.word("code", most=64), _at(call), call.now

    def read() -> Lookup:
        listed = call.installation.offices.current()
        directory = listed.directory
        office = directory.find(code, at)
        office_id = office.office_id if office else _last_holder(directory, code, at)
        book = call.installation.types.current()
        served = _served(directory, code, now)
        return Lookup(
            at=at,
            office=_entry(listed, office_id, at),
            now=_way(listed, code, now),
            accepts=accepts(book, directory, served, call) if served else [],
        )

    return as_json(await call.installation.in_thread(read))


async def snapshot(call: Call) -> Answer:
    """Give the list as signed bytes that can be carried anywhere."""
    path, version = await call.installation.in_thread(_copy, call)
    etag = f'"{path.name}"'
    headers = {
        "etag": etag,
        "content-type": "application/octet-stream",
        "content-disposition": f'attachment; filename="directory-{version}.axis"',
    }
    if is_known(call, etag):
        return Answer(status=304, headers=headers)
    size = path.stat().st_size
    return Answer(headers=headers, body=_file(call, path), length=size)


async def _lines(call: Call, listed: Listed, now: datetime) -> AsyncIterator[bytes]:
    ids = list(listed.touched.items())

    def piece(start: int) -> bytes:
        return b"".join(
            msgspec.json.encode(entry_of(listed.directory, office_id, version, now)) + b"\n"
            for office_id, version in ids[start : start + AT_ONCE]
        )

    for start in range(0, len(ids), AT_ONCE):
        yield await call.installation.in_thread(piece, start)


async def _file(call: Call, path: Path) -> AsyncIterator[bytes]:
    file = await call.installation.in_thread(path.open, "rb")
    with file:
        while piece := await call.installation.in_thread(file.read, 256 * 1024):
            yield piece


def _copy(call: Call) -> tuple[Path, int]:
    """Return the signed copy of now; one is kept on the disk and made anew when it is old."""
    settings, now = call.installation.settings, call.now.replace(microsecond=0)
    listed = call.installation.offices.current()
    version = listed.directory.version
    folder = settings.path("gateway")
    folder.mkdir(parents=True, exist_ok=True)
    hour = int(now.timestamp()) // int(COPY_FOR.total_seconds())
    path = folder / f"directory-{version}-{listed.directory.period(now)}-{hour}.axis"
    if not path.exists():
        entries = (
            entry_of(listed.directory, office_id, at, now)
            for office_id, at in listed.touched.items()
        )
        data = seal(
            entries,
            signer_named(settings, settings.notary.origin),
            version=version,
            made_at=now,
            valid_until=now + timedelta(days=settings.directory.snapshot_days),
        )
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(path)
        for old in folder.glob("directory-*.axis"):
            if old != path:
                old.unlink(missing_ok=True)
    return path, version


def _entry(listed: Listed, office_id: str, at: datetime) -> Entry:
    return entry_of(listed.directory, office_id, listed.touched.get(office_id, 0), at)


def _last_holder(directory: Directory, code: str, at: datetime) -> str:
    """Return who had a code last before an instant."""
    try:
        return directory.resolve(code, at).written_office_id
    except (RecipientUnknownError, RecipientNotYetError) as error:
        raise OfficeUnknownError(code=code, at=f"{at:%Y-%m-%d}") from error


def _way(listed: Listed, code: str, now: datetime) -> Way:
    try:
        found: Served | Held = listed.directory.resolve(code, now)
    except (RecipientUnknownError, RecipientNotYetError) as error:
        return Way(held=error.code)
    if isinstance(found, Served):
        return Way(served=_entry(listed, found.office_id, now))
    return Way(
        held=found.reason.value,
        candidates=[_entry(listed, one, now) for one in found.candidates],
    )


def _served(directory: Directory, code: str, now: datetime) -> str | None:
    """Return the office that is served for a letter to a code, where one is."""
    try:
        found = directory.resolve(code, now)
    except (RecipientUnknownError, RecipientNotYetError):
        return None
    return found.office_id if isinstance(found, Served) else None


def _at(call: Call) -> datetime:
    text = call.text("at")
    if text is None:
        return call.now
    try:
        return parse_moment(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ParameterError(name="at", reason="a day such as 2025-06-30, or an instant") from error


_AT: Final = Parameter(name="at", meaning="A day or an instant; default: now", example="2025-06-30")

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/offices",
        name="listOffices",
        group="Directory",
        summary="List all offices, or those that changed since a version",
        handler=changes,
        scope=Scope.DIRECTORY,
        query=(
            integer("since", "`version` of the last answer; 0: all", most=2**53, default=0),
            Parameter(name="after", meaning="`next` of the page before"),
            integer("limit", "Offices on a page", least=1, most=10_000, default=1000),
        ),
        answers={
            200: Content(meaning="A page", shape=OfficeList),
            304: Content(meaning="Nothing changed", media=()),
        },
    ),
    Operation(
        method="GET",
        path="/offices.jsonl",
        name="streamOffices",
        group="Directory",
        summary="Give all offices in one answer, a line for each",
        handler=lines,
        scope=Scope.DIRECTORY,
        answers={
            200: Content(meaning="JSON Lines", media=(LINES,)),
            304: Content(meaning="Nothing changed", media=()),
        },
    ),
    Operation(
        method="GET",
        path="/offices/search",
        name="searchOffices",
        group="Directory",
        summary="Find offices by words of a name, with or without diacritics, or by any code",
        handler=search,
        scope=Scope.DIRECTORY,
        query=(
            Parameter(name="q", meaning="The text", required=True, example="xa hoa tien"),
            integer("limit", "Offices at most", least=1, most=200, default=20),
            flag("closed", "Offices that have ended, too"),
            _AT,
        ),
        answers={200: Content(meaning="The best first", shape=Found)},
    ),
    Operation(
        method="GET",
        path="/offices/snapshot",
        name="takeDirectory",
        group="Directory",
        summary="Take the signed list of all offices, to be relied on off line for a while",
        handler=snapshot,
        scope=Scope.DIRECTORY,
        answers={
            200: Content(meaning="A signed note, then JSON Lines", media=(BYTES,)),
            304: Content(meaning="The caller has it already", media=()),
        },
    ),
    Operation(
        method="GET",
        path="/offices/{code}",
        name="lookUpOffice",
        group="Directory",
        summary="Tell whose a code is or was, and who is served for it now",
        handler=lookup,
        scope=Scope.DIRECTORY,
        path_examples={"code": "H41"},
        query=(_AT,),
        answers={200: Content(meaning="The office", shape=Lookup)},
    ),
)
