"""The country: the Government Office, a province and three of its communes, with their systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from axis.directory.importing import plan_import
from axis.directory.values import ReceivesBy
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.directory_systems import connect_system
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.pki import init_authority, issue
from axis.trust.sign import Signer, signer_of

CENTRE: Final = "000.00.00.G22"
PROVINCE: Final = "000.00.00.H41"
COMMUNES: Final = ("000.01.01.H41", "000.02.01.H41", "000.03.01.H41")

OFFICES: Final = f"""\
code,name,level,parent_code,kind
{CENTRE},Văn phòng Chính phủ,central,,central-body
{PROVINCE},UBND tỉnh Nghệ An,provincial,,committee
{COMMUNES[0]},UBND xã Kim Liên,commune,{PROVINCE},committee
{COMMUNES[1]},UBND xã Đại Huệ,commune,{PROVINCE},committee
{COMMUNES[2]},UBND xã Vạn An,commune,{PROVINCE},committee
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSystem:
    """An eOffice installation of the country."""

    system_id: str
    name: str
    receives_by: ReceivesBy
    offices: tuple[str, ...]


SYSTEMS: Final = (
    DemoSystem(
        system_id="vpcp",
        name="eOffice Văn phòng Chính phủ",
        receives_by=ReceivesBy.POLL,
        offices=(CENTRE,),
    ),
    DemoSystem(
        system_id="nghean",
        name="eOffice tỉnh Nghệ An",
        receives_by=ReceivesBy.AMQP,
        offices=(PROVINCE, COMMUNES[0], COMMUNES[1]),
    ),
    DemoSystem(
        system_id="vanan",
        name="eOffice xã Vạn An",
        receives_by=ReceivesBy.POLL,
        offices=(COMMUNES[2],),
    ),
)


def name_of(code: str) -> str:
    """Return the name of an office of the country."""
    return next(
        line.split(",")[1] for line in OFFICES.splitlines()[1:] if line.startswith(f"{code},")
    )


def system_of(code: str) -> DemoSystem:
    """Return the system that acts for an office of the country."""
    return next(system for system in SYSTEMS if code in system.offices)


def build_country(
    engine: sa.Engine,
    authority: Path,
    *,
    now: datetime,
    receives_by: ReceivesBy | None = None,
    systems: Sequence[DemoSystem] = SYSTEMS,
    name: str = "Demo",
) -> dict[str, Signer]:
    """Record the offices and their systems, certify each office, and return their signers by code.

    Args:
        engine: the records.
        authority: folder of the authority that certifies.
        now: the instant.
        receives_by: how all systems receive; None: each as the country says.
        systems: those that are joined to this axis; all offices are known to it in any case.
        name: of the authority.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    by = "demo"
    change_directory(
        engine,
        lambda directory: plan_import(directory, OFFICES.encode(), now, source="demo"),
        kind="import",
        by=by,
        at=now,
    )
    for system in systems:
        connect_system(
            engine,
            system.system_id,
            system.offices,
            name=system.name,
            receives_by=receives_by or system.receives_by,
            by=by,
            at=now,
        )
    init_authority(authority, now=now, name=name)
    signers = {}
    with transaction(engine) as connection:
        directory = load_directory(connection)
        for system in systems:
            for code in system.offices:
                office = directory.find(code, now)
                assert office is not None  # noqa: S101  it was imported above
                key, certificate = issue(authority, name=office.name, code=code, now=now)
                register_certificate(connection, certificate, at=now)
                bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
                signers[code] = signer_of(key, certificate)
    return signers
