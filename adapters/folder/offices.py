"""The axis's list of offices, kept at the office: also without a line it can be asked for."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec

from adapters.client import Client
from axis.directory.listing import WITHDRAWN, Entry
from axis.directory.office_rows import scheme_of
from axis.directory.values import Scheme, State
from axis.errors import AxisError
from axis.structs import ready

log = logging.getLogger(__name__)

_TABLES: Final = """
create table if not exists office (
    id text primary key, code text not null, parent text, version integer not null,
    value blob not null
) strict;
create index if not exists office_code on office (code);
create index if not exists office_version on office (version);
create table if not exists kept (name text primary key, value text not null) strict;
"""
#: Codes of the axis itself, which nobody can be addressed by.
_PSEUDO: Final = "W00"


class OfficeList:
    """A copy in a file of its own, which may be lost: it is fetched again."""

    def __init__(self, path: Path, *, fresh_s: float) -> None:
        self._path = path
        self._fresh_s = fresh_s
        self._looked_at = float("-inf")
        self._one_at_once = Lock()

    @property
    def is_old(self) -> bool:
        """Whether it is time to ask for what changed."""
        return time.monotonic() - self._looked_at > self._fresh_s

    def refresh(self, client: Client) -> None:
        """Fetch what changed, where the copy is old; without a line the copy stays as it is.

        Raises:
            AxisError: there is no copy yet, and it cannot be fetched now.
        """
        with self._one_at_once:
            if not self.is_old:
                return
            with closing(self._open()) as connection:
                since = self._version(connection)
                try:
                    for page in client.offices(since or 0):
                        self._keep(connection, page.items, None if page.next else page.version)
                except AxisError as error:
                    if since is None:
                        raise
                    log.warning("the list of offices is old", extra={"code": error.code})
                    return
            self._looked_at = time.monotonic()

    def entries(self, since: int = 0) -> Iterator[tuple[Entry, str]]:
        """Yield offices that changed after a version, each with its parent's id."""
        with closing(self._open()) as connection:
            rows = connection.execute(
                "select o.value, (select p.id from office p where p.code = o.parent limit 1) "
                "from office o where o.version > ? order by o.version, o.id",
                (since,),
            )
            for value, parent_id in rows:
                yield msgspec.json.decode(value, type=ready(Entry)), parent_id or ""

    def name_of(self, code: str) -> str | None:
        """Return the name of the office with a code."""
        with closing(self._open()) as connection:
            row = connection.execute("select value from office where code = ?", (code,)).fetchone()
        return msgspec.json.decode(row[0], type=ready(Entry)).name if row else None

    def _open(self) -> sqlite3.Connection:
        # A list is read page by page, each in whichever thread is free; never in two at once.
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("pragma journal_mode = wal")
        connection.executescript(_TABLES)
        return connection

    def _version(self, connection: sqlite3.Connection) -> int | None:
        row = connection.execute("select value from kept where name = 'version'").fetchone()
        return int(row[0]) if row else None

    def _keep(
        self, connection: sqlite3.Connection, items: list[dict[str, Any]], version: int | None
    ) -> None:
        connection.execute("begin immediate")
        for item in items:
            connection.execute(
                "insert or replace into office (id, code, parent, version, value) "
                "values (?, ?, ?, ?, ?)",
                (
                    item["office_id"],
                    item.get("code", ""),
                    item.get("parent"),
                    item["version"],
                    msgspec.json.encode(item),
                ),
            )
        if version is not None:  # only now is the copy whole
            connection.execute(
                "insert or replace into kept (name, value) values ('version', ?)", (str(version),)
            )
        connection.execute("commit")


Rows = Iterator[dict[str, Any]]


def agencies(entries: Iterator[tuple[Entry, str]]) -> Rows:
    """Yield every office that can be addressed, as clients of the VXP API read it."""
    for entry, parent_id in entries:
        if _is_addressable(entry):
            others = [code for code in entry.codes if code != entry.code]
            old = next((one for one in others if scheme_of(one) is Scheme.QCVN102), "")
            old = old or (others[-1] if others else "")
            yield {**_named(entry, entry.code), "pid": parent_id, "oldCode": old}


def agencies_qd20(entries: Iterator[tuple[Entry, str]], level: int | None) -> Rows:
    """Yield the offices that have a code of QĐ 20/2020, of one level of it or of all."""
    for entry, _ in entries:
        if not _is_addressable(entry):
            continue
        code = _of_scheme([entry.code, *entry.codes], Scheme.QD20)
        if code and (level is None or code.count(".") + 1 == level):
            yield {**_named(entry, code), "code102": _of_scheme(entry.codes, Scheme.QCVN102)}


def units(entries: Iterator[tuple[Entry, str]]) -> Rows:
    """Yield every office, closed ones marked."""
    for entry, parent_id in entries:
        if _PSEUDO in entry.code:
            continue
        yield {
            **_named(entry, entry.code),
            "pid": parent_id,
            "centerCode": entry.system or "",
            "version": entry.version,
            "deleted": entry.state in (State.CLOSED.value, WITHDRAWN),
            "isAgency": entry.system is not None,
            "modifyDate": "",  # the axis tells versions, not days
        }


def _is_addressable(entry: Entry) -> bool:
    works = entry.state in (State.ACTIVE.value, State.SUSPENDED.value)
    return works and _PSEUDO not in entry.code


def _of_scheme(codes: list[str], scheme: Scheme) -> str:
    return next((code for code in codes if scheme_of(code) is scheme), "")


def _named(entry: Entry, code: str) -> dict[str, Any]:
    return {"id": entry.office_id, "code": code, "name": entry.name, "mail": entry.email}
