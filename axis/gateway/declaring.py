"""A system says which message types its offices take, or take no more; the record says so, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from axis.access.values import Caller
from axis.directory.errors import OfficeUnknownError
from axis.directory.snapshot import Directory
from axis.ledger.entry import Sealer
from axis.people.acts import Order, record_of_system
from axis.people.duties import DUTIES
from axis.store.engine import transaction
from axis.store.types import drop, is_taken, load_types, take
from axis.types.book import OFFICE, SYSTEM
from axis.types.errors import TypeNeedsNoWordError

_COMMANDS: Final = {True: "type accept", False: "type decline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a system has said."""

    type_id: str
    takes: bool
    changed: bool  #: False: it had said so before


def declare(
    engine: sa.Engine,
    sealer: Sealer,
    caller: Caller,
    directory: Directory,
    *,
    name: str,
    version: str,
    takes: bool,
    code: str | None,
    now: datetime,
) -> Declared:
    """Record that a system, or one office that it serves, takes a version of a type, or no more.

    Raises:
        TypeUnknownError: there is no such version.
        TypeNeedsNoWordError: everybody gets it, whoever says what.
        OfficeUnknownError: the system does not serve this office.
    """
    kind, key = SYSTEM, caller.system_id
    if code is not None:
        kind, key = OFFICE, _own_office(directory, caller.system_id, code, now)
    with transaction(engine) as connection:
        rules = load_types(connection, only=[name]).rules(name, version)
        if not rules.receive.declared:
            raise TypeNeedsNoWordError(type=rules.id)
        if is_taken(connection, kind, key, name, version) is takes:
            return Declared(type_id=rules.id, takes=takes, changed=False)
        order = Order(
            who=f"{caller.system_id} ({caller.proof.value} {caller.credential})"[:255],
            role=DUTIES[_COMMANDS[takes]],
            command=_COMMANDS[takes],
            arguments={"type_id": rules.id, kind: code or key},
        )
        # The record comes first, in the same transaction: neither is without the other.
        record_of_system(connection, sealer, order, now=now)
        if takes:
            take(connection, kind, key, name, version, at=now)
        else:
            drop(connection, kind, key, name, version)
    return Declared(type_id=rules.id, takes=takes, changed=True)


def _own_office(directory: Directory, system_id: str, code: str, now: datetime) -> str:
    office = directory.find(code, now)
    system = directory.system_of(office.office_id, now) if office else None
    if office is None or system is None or system.system_id != system_id:
        # Of offices of others nothing is told, not even that they are there.
        raise OfficeUnknownError(code=code, at=f"{now:%Y-%m-%d}")
    return office.office_id
