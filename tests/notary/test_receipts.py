"""Receipts for the parties of a document, through the command line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.errors import AxisError
from axis.intake.identity import delivery_id_of, package_id_of
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.ledger.keys import make_notary_key
from axis.notary.office import signer_of
from axis.notary.process import sequence_pending
from axis.settings import Settings, load_settings
from axis.store.deliveries import DeliveryRecord, add_deliveries
from axis.store.engine import open_engine, transaction
from axis.store.ledger import append
from axis.store.packages import PackageRecord, add_packages, package_by_id
from axis.store.tables import METADATA
from cli import axis

BODY = b"<edXML/>"
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PACKAGE = package_id_of("vpcp", hashlib.sha256(BODY).digest())
SENDER, FIRST, SECOND = "000.00.00.G22", "000.00.00.H41", "000.00.00.H01"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with one document that two offices were sent and one has confirmed."""
    monkeypatch.setenv("AXIS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    engine = open_engine(settings.database_url)
    METADATA.create_all(engine)
    make_notary_key(settings.path(settings.notary.key))
    sealer = Sealer(b"k" * 32)
    digest = hashlib.sha256(BODY).digest()
    accepted = sealer.seal(
        Entry(
            event=Event.SUBMISSION_ACCEPTANCE,
            at=AT,
            package_id=PACKAGE,
            body_sha256=digest,
            sender=SENDER,
            document="7816/VPCP-TTĐT",
        )
    )
    entries, deliveries = [accepted], []
    for position, address in enumerate((FIRST, SECOND)):
        delivery_id = delivery_id_of(PACKAGE, address)
        events = [Event.CONTENT_CONSIGNMENT, Event.CONTENT_HANDOVER][: 2 - position]
        for event in events:
            entries.append(
                sealer.seal(
                    Entry(
                        event=event,
                        at=AT,
                        package_id=PACKAGE,
                        delivery_id=delivery_id,
                        prev=entries[-1].entry_id,
                        recipient=address,
                    )
                )
            )
        deliveries.append(
            DeliveryRecord(
                id=delivery_id,
                package_id=PACKAGE,
                position=position,
                address=address,
                office_id=address,
                system_id="s",
                lane=Lane.NORMAL,
                state=State.ROUTED,
                held_reason=None,
                routed_at=AT,
                last_entry=entries[-1].entry_id,
            )
        )
    package = PackageRecord(
        id=PACKAGE,
        system_id="vpcp",
        digest=digest,
        size_bytes=len(BODY),
        door="test",
        received_at=AT,
        decided_at=AT,
        accepted=True,
        kind="document",
        document_id="000.00.00.G22,2026/11/21,7816/VPCP-TTĐT",
        sign="7816/VPCP-TTĐT",
        sender=SENDER,
    )
    with transaction(engine) as connection:
        add_packages(connection, [package])
        add_deliveries(connection, deliveries)
        append(connection, entries)
    engine.dispose()
    return settings


def sign(settings: Settings) -> None:
    engine: sa.Engine = open_engine(settings.database_url)
    sequence_pending(engine, settings)
    engine.dispose()


def call(*words: str) -> Result:
    return CliRunner().invoke(axis, list(words))


def get(office: str) -> list[str]:
    result = call("receipt", "get", "7816/VPCP-TTĐT", "--as", office, "--to", office, "--json")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return [row["event"].rsplit("/", 1)[-1] if row["file"] else "pending" for row in rows]


def test_the_sender_gets_a_receipt_for_every_step_and_a_receiver_for_its_own(
    home: Settings,
) -> None:
    sign(home)
    accepted, consigned, handed = "SubmissionAcceptance", "ContentConsignment", "ContentHandover"
    assert get(SENDER) == [accepted, consigned, handed, consigned]
    assert get(FIRST) == [accepted, consigned, handed]
    assert get(SECOND) == [accepted, consigned]
    stranger = call("receipt", "get", "7816/VPCP-TTĐT", "--as", "000.00.00.H99")
    assert isinstance(stranger.exception, AxisError)
    assert stranger.exception.code == "ledger.unknown"


def test_a_number_that_others_use_too_means_the_document_of_the_office_that_asks(
    home: Settings,
) -> None:
    sign(home)
    engine = open_engine(home.database_url)
    with transaction(engine) as connection:
        own = package_by_id(connection, PACKAGE)
        assert own is not None
        add_packages(
            connection,
            [
                replace(
                    own,
                    id=package_id_of("vpcp", name.encode() * 32),
                    digest=name.encode() * 32,
                    document_id=f"{sender},2026/11/21,7816/VPCP-TTĐT",
                    sender=sender,
                )
                for name, sender in (("a", "000.00.00.H77"), ("b", SECOND))
            ],
        )
    engine.dispose()
    assert len(get(FIRST)) == 3
    both = call("receipt", "get", "7816/VPCP-TTĐT", "--as", SECOND)
    assert isinstance(both.exception, AxisError)
    assert both.exception.code == "document.ambiguous"


def test_what_is_not_signed_for_yet_is_shown_without_a_file(home: Settings) -> None:
    assert get(FIRST) == ["pending"] * 3


def test_receipts_verify_offline_together_with_the_package(home: Settings, tmp_path: Path) -> None:
    sign(home)
    get(FIRST)
    year = datetime.now(UTC).year
    key, body = tmp_path / "axis.vkey", tmp_path / "package.edxml"
    key.write_text(f"{signer_of(home, year).verifier}\n")
    body.write_bytes(BODY)
    Path(home.database_url.removeprefix("sqlite:///")).unlink()
    files = sorted(str(file) for file in (tmp_path / FIRST).glob("*.tlog-proof"))
    assert len(files) == 3
    words = ("receipt", "verify", *files, "--key", str(key))
    good = call(*words, "--body", str(body), "--json")
    assert good.exit_code == 0, good.output
    assert all(json.loads(line)["valid"] for line in good.stdout.splitlines())
    assert call(*words).exit_code == 0
    body.write_bytes(BODY + b" ")
    wrong = call(*words, "--body", str(body), "--json")
    assert wrong.exit_code == 1
    assert {json.loads(line)["code"] for line in wrong.stdout.splitlines()} == {
        "ledger.body-mismatch"
    }
    lonely = call(*words, "--need", "1", "--json")
    assert lonely.exit_code == 1
    assert {json.loads(line)["code"] for line in lonely.stdout.splitlines()} == {
        "ledger.cosigners-missing"
    }
