"""Checks of the database: is it there, does it keep what it committed, who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from axis.doctor.errors import (
    ChecksumsOffError,
    ConnectionsError,
    DatabaseOldError,
    GrantsError,
    PlaceError,
    SuperuserError,
    TriggerAbsentError,
)
from axis.doctor.places import LOSES, file_system_of, is_remote
from axis.doctor.values import Findings, Patient
from axis.store.checks import Server, right_gaps, server_of, unguarded
from axis.store.engine import durability, transaction
from axis.store.errors import SchemaOutdatedError, UnsafeDatabaseError
from axis.store.migrate import current_revision, head_revision
from axis.store.unsafe import UNSAFE

_OLDEST: Final = 150000
_FULL: Final = 0.85


def database(patient: Patient, found: Findings) -> None:
    """The database answers, has the tables of this version, and room for connections."""
    _demand_file(patient)
    with transaction(patient.engine) as connection:
        server = server_of(connection)
        revision = current_revision(connection) or "empty"
    expected = head_revision()
    found.note(server="SQLite" if server is None else f"PostgreSQL {server.shown}", tables=revision)
    if revision != expected:
        found.add(SchemaOutdatedError(got=revision, expected=expected))
    if server is not None:
        judge_server(server, found)


def judge_server(server: Server, found: Findings) -> None:
    """Write down what of a PostgreSQL is too old or too little."""
    found.note(connections=server.connections, most=server.most)
    if server.version < _OLDEST:
        found.add(DatabaseOldError(got=f"PostgreSQL {server.shown}", expected="PostgreSQL 15"))
    if server.connections > server.most * _FULL:
        found.add(ConnectionsError(used=server.connections, most=server.most))


def durable(patient: Patient, found: Findings) -> None:
    """What was committed survives a power cut."""
    with transaction(patient.engine) as connection:
        values = durability(connection)
        server = server_of(connection)
    found.note(**values)
    for setting, value in values.items():
        if value in UNSAFE.get(setting, ()):
            found.add(UnsafeDatabaseError(setting=setting, got=value))
    if server is not None:
        if not server.checksums:
            found.add(ChecksumsOffError())
        return
    path = Path(patient.settings.database_url.removeprefix("sqlite:///"))
    kind = file_system_of(path)
    if is_remote(kind):
        found.add(PlaceError(path=str(path), got=kind, reason="SQLite cannot lock files there"))
    elif kind in LOSES:
        found.add(PlaceError(path=str(path), got=kind, reason="forgets everything at a restart"))


def grants(patient: Patient, found: Findings) -> None:
    """Who uses the database has the rights that are needed, and no more."""
    with transaction(patient.engine) as connection:
        server = server_of(connection)
        gaps = right_gaps(connection)
        bare = unguarded(connection)
    for table in bare:
        found.add(TriggerAbsentError(table=table))
    if server is None:
        return
    found.note(user=server.user, roles="none" if gaps is None else "there")
    for gap in gaps or ():
        got = "lacks" if gap.lacks else "must not have"
        found.add(GrantsError(role=gap.role, got=got, right=gap.right, table=gap.table))
    if server.is_superuser:
        found.add(SuperuserError(user=server.user))


def _demand_file(patient: Patient) -> None:
    url = patient.settings.database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        raise SchemaOutdatedError(got="empty", expected=head_revision())
