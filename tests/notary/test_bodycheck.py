"""The stored bytes of packages, compared with what the log committed to at their acceptance."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import entry, package

from axis.bodies import DiskBodies
from axis.ledger.entry import Sealer
from axis.ledger.events import Event
from axis.ledger.examine import Finding, Wrong
from axis.ledger.keys import make_notary_key
from axis.notary.office import folder_of, signer_of
from axis.notary.process import sequence_pending
from axis.notary.verification import Verdict, verify_log
from axis.settings import Settings
from axis.store import ledger
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from axis.store.retention import Body, record_purge

SIZE = 20
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SEALER = Sealer(b"k" * 32)


def body(number: int) -> bytes:
    return f"<edXML>{number}</edXML>".encode()


def digest(number: int) -> bytes:
    return hashlib.sha256(body(number)).digest()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=str(tmp_path / "home"))
    make_notary_key(settings.path(settings.notary.key))
    return settings


@pytest.fixture
def bodies(engine: sa.Engine, settings: Settings) -> DiskBodies:
    """The bytes of 20 packages whose acceptances are in the log, among other steps."""
    store = DiskBodies(settings.path(settings.bodies.path))
    for number in range(SIZE):
        store.put(body(number))
    records = [
        PackageRecord(
            id=package(number),
            system_id="vpcp",
            digest=digest(number),
            size_bytes=len(body(number)),
            door="test",
            received_at=AT,
            decided_at=AT,
            accepted=True,
        )
        for number in range(SIZE)
    ]
    entries = [entry(number, body_sha256=digest(number)) for number in range(SIZE)]
    entries.append(entry(3, Event.CONTENT_HANDOVER, body_sha256=None))
    entries.append(entry(99, Event.SUBMISSION_REJECTION, body_sha256=bytes(32), reason="x"))
    with transaction(engine) as connection:
        add_packages(connection, records)
        ledger.append(connection, [SEALER.seal(one) for one in entries])
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    return store


def verify(engine: sa.Engine, settings: Settings, *, with_bodies: bool = True) -> Verdict:
    return verify_log(
        engine.url.render_as_string(hide_password=False),
        log=AT.year,
        folder=folder_of(settings, AT.year),
        key=signer_of(settings, AT.year).verifier,
        processes=1,
        bodies=settings if with_bodies else None,
    )


def test_bytes_that_nobody_touched_are_those_that_were_accepted(
    engine: sa.Engine, settings: Settings, bodies: DiskBodies
) -> None:
    assert bodies.has(digest(0))
    assert verify(engine, settings).is_good


def test_changed_and_lost_bytes_are_named_by_the_entry_that_committed_to_them(
    engine: sa.Engine, settings: Settings, bodies: DiskBodies
) -> None:
    bodies.path_of(digest(7)).write_bytes(body(7)[:-1] + b"!")
    bodies.path_of(digest(11)).unlink()
    verdict = verify(engine, settings)
    assert not verdict.is_good
    assert verdict.findings == [Finding(7, Wrong.BODY), Finding(11, Wrong.BODY_MISSING)]
    assert verify(engine, settings, with_bodies=False).is_good


def test_bytes_that_were_purged_are_not_asked_for(
    engine: sa.Engine, settings: Settings, bodies: DiskBodies
) -> None:
    bodies.path_of(digest(5)).unlink()
    gone = Body(package_id=package(5), digest=digest(5), size_bytes=1)
    with transaction(engine) as connection:
        record_purge(connection, [gone], retention="documents", at=AT)
    assert verify(engine, settings).is_good
