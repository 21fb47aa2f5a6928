"""What the agent must not forget, in SQLite: jobs to send, deliveries that came, what is kept.

Every change is one transaction, on the disk when it returns (``synchronous = FULL``). More than one
process may use it: the agent that runs, and commands beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import msgspec

from axis.structs import ready

#: ``taken``: kept as it came from the eOffice beside us, and to be signed.
JobState = Literal["taken", "ready", "accepted", "refused", "done"]
#: ``offered``: the eOffice beside us has still to say ``agreed`` or ``declined``; ``stored``: done,
#: and its bytes are still there for it.
DeliveryState = Literal[
    "known", "kept", "shown", "offered", "agreed", "declined",
    "confirmed", "stored", "done", "suspect", "refused", "gone",
]  # fmt: skip

_TABLES: Final = """
create table if not exists job (
    id text primary key, state text not null, due real not null, value blob not null
) strict;
create index if not exists job_open on job (state, due);
create table if not exists delivery (
    id text primary key, state text not null, due real not null, value blob not null
) strict;
create index if not exists delivery_open on delivery (state, due);
create table if not exists kept (name text primary key, value text not null) strict;
"""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was dropped: it is taken away only while it is still this one."""

    path: str  #: under the agent's folder
    sha256: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was refused."""

    code: str
    text: str
    hint: str
    more: tuple[str, ...] = ()  #: what else is wrong


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A package to be sent. Its bytes were fixed once and stay the same over every crash."""

    id: str
    state: JobState = "ready"
    name: str  #: for people; the folder in ``sent`` or ``rejected`` is called so
    sources: tuple[Source, ...] = ()
    sha256: str | None = None  #: of the package, in ``.agent/bytes``; None: it could not be made
    parts: tuple[str, ...] = ()  #: SHA-256 of files that travel apart, in ``.agent/bytes``
    made_at: str = ""
    document_id: str | None = None
    package_id: str | None = None
    told: Told | None = None  #: why it was refused, or what is in the way
    target: str | None = None  #: name of the folder where it is shown
    report_of: str | None = None  #: delivery that it is a status about
    tries: int = 0
    door: Literal["folder", "vxp"] = "folder"  #: how it came to us
    came: str | None = None  #: SHA-256 of what came, in ``.agent/bytes``; signed, it is ``sha256``
    about: Mapping[str, str] = {}  #: of what came by VXP: kind, sender, sign, subject
    recipients: tuple[dict[str, Any], ...] = ()  #: how far it is, as the axis said last
    asked_at: float = 0.0  #: when it said so (seconds of the epoch)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that came."""

    id: str
    state: DeliveryState = "known"
    facts: dict[str, Any] = {}  #: as the mailbox gave it
    target: str | None = None  #: name of its folder in ``inbox`` or ``suspect``
    about: dict[str, Any] = {}  #: of a document, what a status must name
    told: Told | None = None
    tries: int = 0
    given_at: str | None = None  #: when the eOffice beside us fetched it


T = TypeVar("T", Job, Delivery)
_TABLE_OF: Final[dict[type, str]] = {Job: "job", Delivery: "delivery"}


class Spool:
    """One connection; each thread and each process has its own."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write everything inside the block, or nothing."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def put(self, value: Job | Delivery, *, due: float = 0.0) -> None:
        """Write a job or a delivery as it is now; it is looked at again from ``due`` on."""
        table = _TABLE_OF[type(value)]
        self._connection.execute(
            f"insert into {table} (id, state, due, value) values (?, ?, ?, ?) "  # noqa: S608
            "on conflict (id) do update set state = excluded.state, due = excluded.due, "
            "value = excluded.value",
            (value.id, value.state, due, msgspec.json.encode(value)),
        )

    def find(self, kind: type[T], id_: str) -> T | None:
        """Return a job or a delivery."""
        row = self._connection.execute(
            f"select value from {_TABLE_OF[kind]} where id = ?",  # noqa: S608  a word of ours
            (id_,),
        ).fetchone()
        return msgspec.json.decode(row[0], type=ready(kind)) if row else None

    def due(self, kind: type[T], states: Sequence[str], now: float) -> list[T]:
        """Return those in these states whose time has come, the longest due first."""
        marks = ", ".join("?" * len(states))
        rows = self._connection.execute(
            f"select value from {_TABLE_OF[kind]} "  # noqa: S608  words of ours
            f"where state in ({marks}) and due <= ? order by due, rowid",
            (*states, now),
        )
        return [msgspec.json.decode(row[0], type=ready(kind)) for row in rows]

    def all(self, kind: type[T], *, limit: int = 1000) -> list[T]:
        """Return all, the newest first."""
        rows = self._connection.execute(
            f"select value from {_TABLE_OF[kind]} order by rowid desc limit ?",  # noqa: S608
            (limit,),
        )
        return [msgspec.json.decode(row[0], type=ready(kind)) for row in rows]

    def newest(
        self, kind: type[T], *, before: int | None = None, limit: int = 200
    ) -> tuple[list[T], int | None]:
        """Return a page of all, the newest first, and where the next one begins."""
        rows = self._connection.execute(
            f"select rowid, value from {_TABLE_OF[kind]} "  # noqa: S608  a word of ours
            "where rowid < ? order by rowid desc limit ?",
            (2**62 if before is None else before, limit),
        ).fetchall()
        found = [msgspec.json.decode(value, type=ready(kind)) for _, value in rows]
        return found, rows[-1][0] if len(rows) == limit else None

    def between(self, kind: type[T], first: str, last: str) -> list[T]:
        """Return those whose ids lie between two, both included; few."""
        rows = self._connection.execute(
            f"select value from {_TABLE_OF[kind]} where id between ? and ? limit 3",  # noqa: S608
            (first, last),
        )
        return [msgspec.json.decode(row[0], type=ready(kind)) for row in rows]

    def count(self, kind: type[T]) -> dict[str, int]:
        """Return how many there are in each state."""
        rows = self._connection.execute(
            f"select state, count(*) from {_TABLE_OF[kind]} group by state"  # noqa: S608
        )
        return dict(rows.fetchall())

    def check(self) -> str:
        """Return ``ok``, or what SQLite finds wrong with the file."""
        return str(self._connection.execute("pragma quick_check").fetchone()[0])

    def word(self, name: str) -> str | None:
        """Return a small thing that was kept."""
        row = self._connection.execute("select value from kept where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_word(self, name: str, value: str | None) -> None:
        """Keep a small thing, or forget it."""
        if value is None:
            self._connection.execute("delete from kept where name = ?", (name,))
        else:
            self._connection.execute(
                "insert into kept (name, value) values (?, ?) "
                "on conflict (name) do update set value = excluded.value",
                (name, value),
            )


class SpoolMemory:
    """The client's memory (:class:`adapters.client.memory.Memory`) in the spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def checkpoint(self, origin: str) -> str | None:
        """Return the last signed checkpoint of a log that was believed."""
        return self._spool.word(f"log {origin}")

    def keep_checkpoint(self, origin: str, note: str) -> None:
        """Keep it; durable on return."""
        self._spool.keep_word(f"log {origin}", note)

    def upload(self, sha256: str) -> str | None:
        """Return the path of an upload that was begun."""
        return self._spool.word(f"upload {sha256}")

    def keep_upload(self, sha256: str, path: str | None) -> None:
        """Keep it, or forget it."""
        self._spool.keep_word(f"upload {sha256}", path)
