"""A witness: it answers as tlog-witness says, and no log can make it cosign two stories."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledger.material import sealed

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import consistency_proof, leaf_hash, levels_of, root_hash
from axis.ledger.note import Note, NoteSigner, parse_note
from axis.notary.attendance import attend, demand_cosigned
from axis.notary.office import folder_of, memory_of, signer_of
from axis.notary.process import sequence_pending
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.checkpoints import last_checkpoint, last_cosigned, note_of
from axis.store.engine import transaction
from axis.witness.judge import encode_request
from axis.witness.records import followed, suspects
from witness.served import SIGNER, Served

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ORIGIN = "axis.example/ledger/2026"
LOG = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
LEVELS = levels_of([leaf_hash(bytes([n])) for n in range(100)])


def nodes(level: int, index: int) -> bytes:
    return LEVELS[level][index]


def note(size: int, root: bytes | None = None, signer: NoteSigner = LOG) -> str:
    found = root_hash(nodes, size) if root is None else root
    text = str(Checkpoint(origin=signer.verifier.name, size=size, root=found))
    return str(Note(text=text, signatures=(signer.sign(text),)))


def request(old: int, new: int) -> bytes:
    return encode_request(old, consistency_proof(nodes, old, new), note(new))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with closing(Served(tmp_path, logs=[LOG])) as witness:
        yield witness


def test_growth_is_cosigned_and_anyone_can_verify_it(served: Served) -> None:
    for old, new in ((0, 3), (3, 8), (8, 8), (8, 99)):
        answer = served.ask(request(old, new))
        assert answer.status_code == 200
        verified = verify_checkpoint(note(new) + answer.text, LOG.verifier, [SIGNER.verifier])
        assert [(c.key, c.at) for c in verified.cosigners] == [(SIGNER.verifier, AT)]
    assert httpx.get(served.url).text.strip() == str(SIGNER.verifier)
    with transaction(served.records) as connection:
        assert followed(connection) == [(ORIGIN, 99, AT)]


def test_each_refusal_has_the_answer_of_the_specification(served: Served) -> None:
    stranger = NoteSigner("stranger.example", Ed25519PrivateKey.generate())
    impostor = NoteSigner(ORIGIN, Ed25519PrivateKey.generate())
    assert served.ask(request(0, 50)).status_code == 200
    proof = consistency_proof(nodes, 50, 60)
    for body, status in (
        (b"", 400),
        (b"old x\n\n" + note(60).encode(), 400),
        (b"old 050\n\n" + note(60).encode(), 400),
        (b"old 50\nAAAA\n\n" + note(60).encode(), 400),
        (b"old 50\n" + b"A" * 43 + b"=\n" * 70 + b"\n" + note(60).encode(), 400),
        (b"old 50\n\nno note", 400),
        (b"\xff", 400),
        (encode_request(70, [], note(60)), 400),
        (encode_request(50, proof, note(60, signer=stranger)), 404),
        (encode_request(50, proof, note(60, signer=impostor)), 403),
        (encode_request(0, [], note(60)), 409),
        (encode_request(49, proof, note(60)), 409),
        (encode_request(50, [], note(50, root=bytes(32))), 409),
        (encode_request(50, proof[1:], note(60)), 422),
        (encode_request(50, proof, note(60, root=bytes(32))), 422),
        (b"x" * 200_000, 413),
    ):
        answer = served.ask(body)
        assert answer.status_code == status, body[:60]
        if status == 409:
            assert answer.headers["content-type"].split(";")[0] == "text/x.tlog.size"
            assert answer.text == "50\n"
    assert httpx.get(f"{served.url}/add-checkpoint").status_code == 405
    assert served.ask(request(50, 60)).status_code == 200


def test_what_the_log_signed_against_itself_is_kept_as_evidence(served: Served) -> None:
    served.ask(request(0, 50))
    forged = note(50, root=bytes(32))
    served.ask(encode_request(50, [], forged))
    with transaction(served.records) as connection:
        assert suspects(connection) == [("witness.split-view", note(50), forged)]


def test_of_many_requests_at_once_one_goes_on_from_a_checkpoint(served: Served) -> None:
    served.ask(request(0, 10))
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda size=size: answers.append(served.ask(request(10, size)).status_code)
        )
        for size in range(20, 30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 9


# The notary and its witnesses


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=str(tmp_path / "home"))
    make_notary_key(settings.path(settings.notary.key))
    return settings


def grow(engine: sa.Engine, settings: Settings, start: int, stop: int) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), stop - start, start))
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)


def watched(home: Settings, served: Served, **rest: object) -> Settings:
    notary = NotarySettings(witnesses=(f"{served.url} {SIGNER.verifier}",), **rest)  # type: ignore[arg-type]
    return Settings(home=home.home, notary=notary)


def test_the_notary_has_each_checkpoint_cosigned_and_receipts_can_show_it(
    engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[signer_of(home, 2026)])) as served:
        settings = watched(home, served, witness_quorum=1)
        for start, stop in ((0, 40), (40, 300)):
            grow(engine, settings, start, stop)
            attend(engine, settings, lambda: AT)
        with transaction(engine) as connection:
            cosigned = last_cosigned(connection, 2026, at_least=1)
            assert cosigned is not None
            assert cosigned.size == 300
            whole = note_of(connection, cosigned)
            assert last_cosigned(connection, 2026, at_least=2) is None
    verified = verify_checkpoint(whole, signer_of(home, 2026).verifier, [SIGNER.verifier])
    assert len(verified.cosigners) == 1


def test_what_is_shown_carries_the_cosignatures_and_a_notary_takes_up_from_there(
    sqlite_engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[signer_of(home, 2026)])) as served:
        settings = watched(home, served)
        grow(sqlite_engine, settings, 0, 40)
        attend(sqlite_engine, settings, lambda: AT)
        folder = folder_of(settings, 2026)
        key = signer_of(home, 2026).verifier
        for _ in range(2):  # each is a new term of office, which begins with what is shown
            sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
            shown = folder.read_checkpoint()
            assert shown is not None
            verified = verify_checkpoint(shown, key, [SIGNER.verifier])
            assert [cosigner.key for cosigner in verified.cosigners] == [SIGNER.verifier]
            assert len(verified.note.signatures) == 2
        with transaction(sqlite_engine) as connection:
            last = last_checkpoint(connection, 2026)
            assert last is not None
            assert note_of(connection, last) == shown
        memory_of(settings, 2026).unlink()
        grow(sqlite_engine, settings, 40, 41)
    larger = folder.read_checkpoint()
    assert larger is not None
    assert not verify_checkpoint(larger, key, [SIGNER.verifier]).cosigners


def test_a_checkpoint_that_only_the_folder_knows_is_recorded_without_the_lines_of_others(
    sqlite_engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[signer_of(home, 2026)])) as served:
        settings = watched(home, served)
        grow(sqlite_engine, settings, 0, 40)
        attend(sqlite_engine, settings, lambda: AT)
        sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
        with sqlite_engine.begin() as connection:  # as after a crash before it was recorded
            for table in ("ledger_cosignature", "ledger_checkpoint"):
                connection.exec_driver_sql(f"drop trigger {table}_no_delete")
                connection.exec_driver_sql(f"delete from {table}")
        memory_of(settings, 2026).unlink()
        sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    with transaction(sqlite_engine) as connection:
        last = last_checkpoint(connection, 2026)
    assert last is not None
    assert len(parse_note(last.note).signatures) == 1


def test_a_witness_that_is_ahead_of_our_memory_is_asked_from_where_it_is(
    sqlite_engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[signer_of(home, 2026)])) as served:
        settings = watched(home, served)
        grow(sqlite_engine, settings, 0, 40)
        attend(sqlite_engine, settings, lambda: AT)
        with sqlite_engine.begin() as connection:  # as after a crash before it was recorded
            connection.exec_driver_sql("drop trigger ledger_cosignature_no_delete")
            connection.exec_driver_sql("delete from ledger_cosignature")
        grow(sqlite_engine, settings, 40, 50)
        attend(sqlite_engine, settings, lambda: AT)
        with transaction(served.records) as connection:
            assert followed(connection)[0][1] == 50


def test_a_witness_that_knows_a_larger_log_makes_the_notary_stop(
    sqlite_engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[signer_of(home, 2026)])) as served:
        settings = watched(home, served)
        grow(sqlite_engine, settings, 0, 40)
        signer = signer_of(home, 2026)
        text = str(Checkpoint(origin=signer.verifier.name, size=99, root=bytes(32)))
        ahead = str(Note(text=text, signatures=(signer.sign(text),)))
        assert served.ask(encode_request(0, [], ahead)).status_code == 200
        with pytest.raises(AxisError) as refused:
            attend(sqlite_engine, settings, lambda: AT)
        assert refused.value.code == "notary.rolled-back"


def test_witnesses_that_are_away_are_an_alarm_and_delay_nothing(
    sqlite_engine: sa.Engine, home: Settings, tmp_path: Path
) -> None:
    with closing(Served(tmp_path, logs=[])) as served:
        settings = watched(home, served, witness_quorum=1, witness_within_s=30.0)
        grow(sqlite_engine, settings, 0, 40)
        attend(sqlite_engine, settings, lambda: AT)  # it answers 404: it does not know us
    attend(sqlite_engine, settings, lambda: AT)  # it does not answer at all
    demand_cosigned(sqlite_engine, settings, log=2026, now=AT + timedelta(seconds=29))
    with pytest.raises(AxisError) as refused:
        demand_cosigned(sqlite_engine, settings, log=2026, now=AT + timedelta(seconds=31))
    assert refused.value.code == "notary.cosigners-overdue"
    with transaction(sqlite_engine) as connection:
        assert last_checkpoint(connection, 2026) is not None
    assert folder_of(settings, 2026).read_checkpoint() is not None
