"""Time stamps on checkpoints: verified by us and by openssl; an outage is made up for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from ledger.material import sealed

from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.ledger.timestamp import make_request, verify_token
from axis.notary.process import sequence_pending
from axis.notary.timestamping import stamp
from axis.sandbox.tsa import DevelopmentTsa
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.checkpoints import last_checkpoint, last_timestamp, timestamp_covering
from axis.store.engine import transaction

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[DevelopmentTsa]:
    with DevelopmentTsa(tmp_path / "tsa") as authority:
        yield authority


@pytest.fixture
def settings(tmp_path: Path, tsa: DevelopmentTsa) -> Settings:
    settings = Settings(
        home=str(tmp_path / "home"),
        notary=NotarySettings(tsa_url=tsa.url, tsa_roots=str(tsa.roots)),
    )
    make_notary_key(settings.path(settings.notary.key))
    return settings


def grow(engine: sa.Engine, settings: Settings, start: int, stop: int) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), stop - start, start))
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)


def test_a_checkpoint_is_stamped_once_and_openssl_agrees(
    engine: sa.Engine, settings: Settings, tsa: DevelopmentTsa, tmp_path: Path
) -> None:
    grow(engine, settings, 0, 10)
    timestamp = stamp(engine, settings, log=2026, now=lambda: AT)
    assert timestamp is not None
    assert timestamp.token is not None
    assert stamp(engine, settings, log=2026, now=lambda: AT + timedelta(days=1)) is None
    with transaction(engine) as connection:
        checkpoint = last_checkpoint(connection, 2026)
        assert timestamp_covering(connection, 2026, 9) == timestamp
        assert timestamp_covering(connection, 2026, 10) is None
    assert checkpoint is not None
    token, note = tmp_path / "token.tsr", tmp_path / "checkpoint"
    token.write_bytes(timestamp.token)
    note.write_text(checkpoint.note)
    words = ["openssl", "ts", "-verify", "-data", str(note), "-in", str(token)]
    good = subprocess.run(
        [*words, "-CAfile", str(tsa.roots)], capture_output=True, text=True, check=False
    )
    assert good.returncode == 0, good
    note.write_text(checkpoint.note + " ")
    bad = subprocess.run([*words, "-CAfile", str(tsa.roots)], capture_output=True, check=False)
    assert bad.returncode != 0


def test_an_outage_is_recorded_and_the_next_stamp_makes_up_for_it(
    engine: sa.Engine, settings: Settings, tsa: DevelopmentTsa
) -> None:
    tsa.is_out = True
    grow(engine, settings, 0, 10)
    failed = stamp(engine, settings, log=2026, now=lambda: AT)
    assert failed is not None
    assert failed.token is None
    assert "503" in (failed.failure or "")
    assert stamp(engine, settings, log=2026, now=lambda: AT + timedelta(seconds=59)) is None
    tsa.is_out = False
    grow(engine, settings, 10, 20)
    made_up = stamp(engine, settings, log=2026, now=lambda: AT + timedelta(seconds=60))
    assert made_up is not None
    assert made_up.size == 20
    with transaction(engine) as connection:
        covering = timestamp_covering(connection, 2026, 0)
        assert covering is not None
        assert covering.size == 20
        assert last_timestamp(connection, 2026, only_tokens=True) == made_up


def test_stamps_over_something_else_or_by_somebody_else_or_repeated_are_refused(
    tsa: DevelopmentTsa, tmp_path: Path
) -> None:
    roots = x509.load_pem_x509_certificates(tsa.roots.read_bytes())
    request = make_request(b"a note")
    token = tsa.reply(request.body)
    assert abs(verify_token(token, b"a note", roots, nonce=request.nonce) - datetime.now(UTC)) < (
        timedelta(minutes=5)
    )
    other = DevelopmentTsa(tmp_path / "other")
    strangers = x509.load_pem_x509_certificates(other.roots.read_bytes())
    for attempt in (
        lambda: verify_token(token, b"another note", roots),
        lambda: verify_token(token, b"a note", strangers),
        lambda: verify_token(token, b"a note", roots, nonce=(request.nonce or 0) + 1),
        lambda: verify_token(token[:-9], b"a note", roots),
        lambda: verify_token(b"", b"a note", roots),
        lambda: verify_token(token, b"a note", []),
    ):
        with pytest.raises(AxisError) as refused:
            attempt()
        assert refused.value.code == "ledger.timestamp"
