"""The directory for systems: who can be addressed, what changed since, and a list to carry away.

A system keeps the version of its last answer and asks for what came after it: offices that are new
or different, and those that ended (``state`` closed). Entries come in the order of the version that
last touched them, so a page that ends early continues where it ended. The whole list is the answer
to ``since=0``.

For systems that are seldom on line the list is sealed: a signed note (C2SP signed-note) over the
version, the day until which it may be relied on and the hash of the entries, then the entries as
JSON Lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from axis.directory.errors import SealBrokenError, SealExpiredError
from axis.directory.records import office_at
from axis.directory.snapshot import Directory
from axis.directory.values import State, micros
from axis.ledger.note import Note, NoteSigner, VerifierKey, parse_note, verify_note
from axis.structs import ready

_TITLE: Final = "axis directory v1"
WITHDRAWN: Final = "withdrawn"  #: forget this office: it was recorded by mistake


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An office as systems see it; the names of the fields are API."""

    office_id: str
    version: int  #: of the directory, when the office last changed
    state: str
    code: str = ""
    name: str = ""
    level: str = ""
    kind: str = ""
    codes: list[str] = []  #: every code ever valid; letters to any of them are resolved
    parent: str | None = None  #: code
    system: str | None = None
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the incremental list."""

    entries: Sequence[Entry]
    version: int  #: ask with this one next time, once ``next`` is None
    next: str | None  #: where the list goes on

    @property
    def etag(self) -> str:
        """The HTTP entity tag of the answer."""
        said = msgspec.json.encode([self.version, self.next, list(self.entries)])
        return f'"{hashlib.sha256(said).hexdigest()[:32]}"'


def entry_of(directory: Directory, office_id: str, version: int, at: datetime) -> Entry:
    """Return an office as systems see it at ``at``; ``withdrawn`` is one recorded by mistake."""
    record = directory.record(office_id)
    if record is None:
        return Entry(office_id=office_id, version=version, state=WITHDRAWN)
    t = micros(at)
    office = office_at(record, t)
    parent = directory.office(office.parent_id, at) if office.parent_id else None
    system = directory.system_of(office_id, at)
    contact = next((c for c in record.contacts if c.start <= t < c.end), None)
    return Entry(
        office_id=office_id,
        version=version,
        code=office.code,
        name=office.name,
        level=office.level.value,
        kind=office.kind.value,
        state=office.state.value,
        codes=sorted({fact.code for fact in record.codes}),
        parent=parent.code if parent else None,
        system=system.system_id if system and office.state != State.CLOSED else None,
        email=contact.email if contact else "",
        phone=contact.phone if contact else "",
        address=contact.address if contact else "",
    )


def page_of(
    directory: Directory,
    touched: Mapping[str, int],
    *,
    at: datetime,
    limit: int,
    after: str | None = None,
) -> Page:
    """Return the next entries of the list.

    Args:
        directory: the snapshot of now.
        touched: the offices to list, with the version that last touched each.
        at: the instant that the entries are of.
        limit: entries on a page.
        after: ``next`` of the page before.
    """
    order = sorted(touched.items(), key=lambda item: (item[1], item[0]))
    if after is not None:
        version, _, office_id = after.partition(".")
        order = [item for item in order if (item[1], item[0]) > (int(version), office_id)]
    entries = [entry_of(directory, office_id, v, at) for office_id, v in order[:limit]]
    last = order[limit - 1] if len(order) > limit else None
    return Page(
        entries=entries,
        version=directory.version,
        next=f"{last[1]}.{last[0]}" if last else None,
    )


def seal(
    entries: Iterable[Entry],
    signer: NoteSigner,
    *,
    version: int,
    made_at: datetime,
    valid_until: datetime,
) -> bytes:
    """Return the list as signed bytes that can be carried anywhere."""
    body = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
    lines = [
        _TITLE,
        str(version),
        hashlib.sha256(body).hexdigest(),
        made_at.isoformat(),
        valid_until.isoformat(),
    ]
    text = "\n".join(lines) + "\n"
    note = Note(text=text, signatures=(signer.sign(text),))
    return f"{note}\n".encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A list that was opened: its seal is whole and it may still be relied on."""

    version: int
    made_at: datetime
    valid_until: datetime
    entries: Sequence[Entry]


def open_seal(data: bytes, keys: Sequence[VerifierKey], now: datetime) -> Sealed:
    """Return the list in signed bytes.

    Raises:
        SealBrokenError: not a sealed list, not signed by one of ``keys``, or changed since.
        SealExpiredError: it may not be relied on any more.
    """
    text, _, rest = data.partition(b"\n\n")
    signatures, _, body = rest.partition(b"\n\n")
    note: Any = parse_note(text + b"\n\n" + signatures + b"\n")
    verify_note(note, keys)
    words = note.text.splitlines()
    if len(words) != 5 or words[0] != _TITLE:
        raise SealBrokenError(reason="it is no list of the directory")
    if hashlib.sha256(body).hexdigest() != words[2]:
        raise SealBrokenError(reason="the entries are not those that were signed")
    valid_until = datetime.fromisoformat(words[4])
    if now >= valid_until:
        raise SealExpiredError(valid_until=words[4])
    decoder = msgspec.json.Decoder(ready(Entry))
    return Sealed(
        version=int(words[1]),
        made_at=datetime.fromisoformat(words[3]),
        valid_until=valid_until,
        entries=[decoder.decode(line) for line in body.splitlines()],
    )
