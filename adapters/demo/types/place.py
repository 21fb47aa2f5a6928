"""An axis with its country, its types, and the settings files of three example systems."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.demo.country import CENTRE, PROVINCE, DemoSystem, build_country
from adapters.demo.door_rest import until_there
from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.directory.importing import plan_import
from axis.directory.values import ReceivesBy
from axis.sandbox.ports import free_ports
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, processes_of
from axis.settings import AmqpSettings, GatewaySettings, RelaySettings, Settings
from axis.store.access import add_token
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.engine import open_engine, transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.store.types import save_type, set_state, take
from axis.trust.pki import KeyKind, issue
from axis.types.book import SYSTEM, State
from axis.types.check import check
from axis.types.folder import files_of, folder_of

TYPES: Final = ("dossier", "report", "task")
NEEDED: Final = ("notary", "gateway")
EXAMPLES: Final = Path(__file__).parent.parent.parent.parent / "examples"
START_S: Final = 120.0

#: An office that the country of the other demos does not need.
PORTAL: Final = "000.00.00.G99"
_OFFICES: Final = (
    f"code,name,level,kind\n{PORTAL},Cổng Dịch vụ công quốc gia,central,central-body\n"
)

SYSTEMS: Final = (
    DemoSystem(
        system_id="vpcp", name="Thu thập báo cáo", receives_by=ReceivesBy.POLL, offices=(CENTRE,)
    ),
    DemoSystem(
        system_id="mot-cua",
        name="Hệ thống một cửa tỉnh Nghệ An",
        receives_by=ReceivesBy.POLL,
        offices=(PROVINCE,),
    ),
    DemoSystem(
        system_id="cong-dvc",
        name="Cổng dịch vụ công",
        receives_by=ReceivesBy.POLL,
        offices=(PORTAL,),
    ),
)
#: The program of each system, with the office that it acts for.
PROGRAMS: Final = {
    "report_collector": ("vpcp", CENTRE),
    "procedure_system": ("mot-cua", PROVINCE),
    "portal": ("cong-dvc", PORTAL),
}


@dataclass(slots=True, kw_only=True)
class Place:
    """What the story happens at."""

    home: Path
    settings: Settings
    engine: sa.Engine
    _supervisor: Supervisor | None = None

    def start(self) -> None:
        """Start the processes that the story needs, and wait until the door answers.

        Raises:
            TimeoutError: it does not.
        """
        wanted = processes_of(self.settings)
        own = {
            name: target
            for name, target in wanted.items()
            if name in NEEDED or name.startswith("relay-")
        }
        self._supervisor = Supervisor(self.settings, own, before=_be_quiet)
        self._supervisor.start()
        asyncio.run(self._ready())

    def stop(self) -> None:
        """End the processes."""
        if self._supervisor is not None:
            self._supervisor.stop()
        self.engine.dispose()

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an example system to its end."""
        return subprocess.run(
            [
                sys.executable,
                str(EXAMPLES / f"{program}.py"),
                str(self.home / f"{program}.toml"),
                *words,
            ],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    async def _ready(self) -> None:
        own = self.settings.gateway
        url = f"http://{own.host}:{own.port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            async with asyncio.timeout(START_S):
                await until_there(client)


def build_place(home: Path, amqp_url: str, *, now: datetime) -> Place:
    """Make the axis, its country and types, and a settings file for each example system."""
    settings = Settings(
        home=str(home),
        amqp=AmqpSettings(url=amqp_url),
        relay=RelaySettings(workers=1, examiners=0),  # for these few messages
        gateway=GatewaySettings(port=free_ports(1)[0]),
    )
    prepare(settings)
    (home / "axis.toml").write_bytes(msgspec.toml.encode(settings))
    engine = open_engine(settings.database_url)
    change_directory(
        engine,
        lambda directory: plan_import(directory, _OFFICES.encode(), now, source="demo"),
        kind="import",
        by="demo",
        at=now,
    )
    build_country(engine, settings.path("certs"), now=now, systems=SYSTEMS)
    add_types(engine, TYPES, [system.system_id for system in SYSTEMS], now=now)
    for program, (system_id, code) in PROGRAMS.items():
        _equip(home, settings, engine, program, system_id, code, now=now)
    return Place(home=home, settings=settings, engine=engine)


def add_types(
    engine: sa.Engine, names: Sequence[str], systems: Sequence[str], *, now: datetime
) -> None:
    """Check, add and activate types that come with the program, and let systems take them."""
    for name in names:
        files = files_of(folder_of(name, "1"))
        _, problems = check(files, name=name, version="1")
        assert not problems, problems  # noqa: S101  a test holds it
        with transaction(engine) as connection:
            save_type(connection, name, "1", files, at=now)
            set_state(connection, name, "1", State.ACTIVE, at=now)
            for system_id in systems:
                take(connection, SYSTEM, system_id, name, "1", at=now)


def _equip(
    home: Path,
    settings: Settings,
    engine: sa.Engine,
    program: str,
    system_id: str,
    code: str,
    *,
    now: datetime,
) -> None:
    """Give a system a key, a certificate, a token and a settings file."""
    key, certificate = issue(
        settings.path("certs"), name=program, code=code, now=now, kind=KeyKind.P256
    )
    minted = mint()
    token = Token(
        id=minted.id,
        system_id=system_id,
        digest=minted.digest,
        scopes=ALL_SCOPES,
        term=Term(created_at=now, expires_at=now + timedelta(days=1)),
        note="demo",
        created_by="demo",
    )
    with transaction(engine) as connection:
        office = load_directory(connection).find(code, now)
        assert office is not None  # noqa: S101  it is of the country
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
        add_token(connection, token)
    secrets = {
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "pem": certificate.x509.public_bytes(Encoding.PEM),
        "token": minted.text.encode("ascii"),
    }
    for suffix, data in secrets.items():
        path = home / f"{program}.{suffix}"
        path.touch(mode=0o600)
        path.write_bytes(data)
    own = settings.gateway
    said = {
        "url": f"http://{own.host}:{own.port}",
        "code": code,
        "token_file": f"{program}.token",
        "key": f"{program}.key",
        "certificate": f"{program}.pem",
        "anchors": "certs",
        "folder": program,
    }
    (home / f"{program}.toml").write_bytes(msgspec.toml.encode(said))


def _be_quiet(_settings: Settings, _process: str) -> None:
    """Leave the telling to the story."""
    logging.disable(logging.ERROR)


def today() -> datetime:
    """Return an instant of now, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
