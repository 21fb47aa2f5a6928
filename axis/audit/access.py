"""Who may take lists home, and the entry that says that somebody did.

Three things are asked before a row is read, each where the operator set it: that the account of
the machine is one of ``[audit] people``, that the database user has the role ``[audit] role``, and
that this user is no superuser, whom nothing would bind. The role reads; the one thing it may write
is the record of an export, through a function of the database that takes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa

from axis.audit.errors import AuditorUnknownError, ReasonAbsentError
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.settings import AuditSettings
from axis.store.exports import record_export
from axis.store.rights import Right, right_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """Who takes a list home, and why."""

    who: str  #: the account of the machine, seen and not claimed
    why: str
    user: str  #: of the database; empty on SQLite


def admit_auditor(
    connection: sa.Connection, settings: AuditSettings, *, who: str, why: str
) -> Auditor:
    """Return who asks, if they may have what they ask for.

    Raises:
        AuditorUnknownError: the account, or the database user, is not one that may.
        ReasonAbsentError: they do not say why.
    """
    if not why.strip():
        raise ReasonAbsentError
    if settings.people and who not in settings.people:
        raise AuditorUnknownError(who=who, due="[audit] people")
    if not settings.role:
        return Auditor(who=who, why=why, user="")
    right: Right = right_of(connection, settings.role)
    if not right.has_role or right.is_superuser:
        raise AuditorUnknownError(who=right.user, due=settings.role)
    return Auditor(who=who, why=why, user=right.user)


def record(
    connection: sa.Connection,
    sealer: Sealer,
    auditor: Auditor,
    *,
    digest: bytes,
    facts: Mapping[str, str | int],
    now: datetime,
) -> None:
    """Put into the ledger that somebody was given something; the same again is the same entry.

    Args:
        connection: the records.
        sealer: makes the entry.
        auditor: who was given it.
        digest: SHA-256 of the manifest, or of the report.
        facts: what else anyone may know, such as the count of rows.
        now: when.
    """
    name = f"{digest.hex()}{auditor.who}\0{auditor.why}"
    entry = Entry(
        event=Event.LEDGER_EXPORT,
        at=now,
        package_id=uuid5(NAMESPACE_URL, name),
        system=auditor.user or None,
        who=auditor.who,
        why=auditor.why,
        facts={"sha256": digest.hex(), **facts},
    )
    record_export(connection, sealer.seal(entry))
