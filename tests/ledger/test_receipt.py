"""Receipts: valid by our verifier and by the other one, and by neither after any change."""

from __future__ import annotations

import base64
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint
from axis.ledger.entry import LoggedEntry, Sealer
from axis.ledger.events import Event
from axis.ledger.merkle import inclusion_proof, levels_of, root_hash
from axis.ledger.note import Note, NoteSigner
from axis.ledger.receipt import make_receipt, verify_about, verify_receipt
from ledger.material import entry, sealed

SIZE = 300
LOG = NoteSigner("axis.example/ledger/2026", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
SCRIPT = Path(__file__).parents[2] / "docs" / "verify_receipt.py"
ENTRIES = sealed(Sealer(b"k" * 32), SIZE)
ENTRIES[8] = Sealer(b"k" * 32).seal(
    entry(8, Event.CONTENT_CONSIGNMENT, body_sha256=None, document='„7816"\\\b\x7f\u2028 Đ')
)
ENTRIES[9] = Sealer(b"k" * 32).seal(entry(8, Event.SUBMISSION_ACCEPTANCE))
LEVELS = levels_of([e.leaf_hash for e in ENTRIES])


def receipt(index: int, **rest: list[str]) -> bytes:
    def nodes(level: int, at: int) -> bytes:
        return LEVELS[level][at]

    sealed_entry = ENTRIES[index]
    logged = LoggedEntry(
        log=2026,
        leaf_index=index,
        **{name: getattr(sealed_entry, name) for name in sealed_entry.__struct_fields__},
    )
    text = str(Checkpoint(origin=LOG.verifier.name, size=SIZE, root=root_hash(nodes, SIZE)))
    note = str(Note(text=text, signatures=(LOG.sign(text),)))
    return str(make_receipt(logged, inclusion_proof(nodes, index, SIZE), note, **rest)).encode()


@pytest.fixture(scope="session")
def other() -> ModuleType:
    """The verifier that needs only the standard library and cryptography."""
    spec = importlib.util.spec_from_file_location("verify_receipt", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refused_by_both(content: bytes, other: ModuleType) -> bool:
    try:
        verify_receipt(content, LOG.verifier)
        ours = False
    except AxisError:
        ours = True
    try:
        other.verify(content, str(LOG.verifier))
        theirs = False
    except (other.InvalidError, KeyError, TypeError, ValueError, AttributeError):
        theirs = True
    assert ours == theirs, content
    return ours


@pytest.mark.parametrize("index", [0, 8, 77, 255, 256, 299])
def test_a_receipt_is_valid_by_both_verifiers(index: int, other: ModuleType) -> None:
    content = receipt(index)
    ours = verify_receipt(content, LOG.verifier)
    theirs = other.verify(content, str(LOG.verifier))
    assert ours.index == theirs["index"] == index
    assert ours.values.items() <= theirs["entry"].items()
    assert ours.values["from"] == "000.00.00.G22"


def test_a_receipt_may_open_only_some_of_the_commitments(other: ModuleType) -> None:
    content = receipt(7, only=["doc"])
    assert verify_receipt(content, LOG.verifier).values == {"doc": "7/VPCP-TTĐT"}
    assert other.verify(content, str(LOG.verifier))["entry"]["from"].startswith("sha256:")
    assert b"G22" not in base64.b64decode(content.split(b"\n")[1].removeprefix(b"extra "))


def test_2000_changed_bits_are_refused_by_both_verifiers(other: ModuleType) -> None:
    whole = receipt(77)
    for bit in random.Random(1).sample(range(len(whole) * 8), 2000):
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        assert refused_by_both(bytes(content), other), (bit, bytes(content))


def test_what_the_extra_data_say_is_not_believed_unhashed(other: ModuleType) -> None:
    whole = receipt(77)
    lines = whole.split(b"\n")
    extra = json.loads(base64.b64decode(lines[1].removeprefix(b"extra ")))
    lies = [
        extra | {"entry": extra["entry"].replace("Acceptance", "Rejection")},
        extra | {"open": extra["open"] | {"doc": [extra["open"]["doc"][0], "8/VPCP"]}},
        extra | {"open": extra["open"] | {"to": extra["open"]["from"]}},
        extra | {"open": extra["open"] | {"event": ["", "x"]}},
        {"entry": extra["entry"]},
        {"open": extra["open"]},
        [],
        "x",
    ]
    for lie in lies:
        lines[1] = b"extra " + base64.b64encode(json.dumps(lie, ensure_ascii=False).encode())
        assert refused_by_both(b"\n".join(lines), other)
    assert refused_by_both(b"\n".join(lines[:1] + lines[2:]), other)


def test_a_receipt_is_about_its_package_and_no_other() -> None:
    import hashlib

    body = b"the package"
    sealer = Sealer(b"k" * 32)
    ENTRIES[20] = sealer.seal(entry(20, body_sha256=hashlib.sha256(body).digest()))
    ENTRIES[21] = sealer.seal(entry(20, Event.CONTENT_HANDOVER, body_sha256=None))
    # What the receiver said about it is a package of its own.
    said = hashlib.sha256(b"the status").digest()
    ENTRIES[22] = sealer.seal(entry(20, Event.BUSINESS_STATUS, body_sha256=said, status="05"))
    LEVELS[:] = levels_of([e.leaf_hash for e in ENTRIES])
    accepted, handed, status = (
        verify_receipt(receipt(index), LOG.verifier) for index in (20, 21, 22)
    )
    verify_about(accepted, body)
    verify_about(handed, body, [accepted])
    verify_about(status, body, [status, accepted])
    verify_about(status, b"the status")
    for lonely, claimed, together in (
        (handed, body, []),
        (status, body, [status]),
        (status, b"another", [status, accepted]),
        (accepted, b"another", [accepted]),
        (handed, b"another", [accepted]),
        (verify_receipt(receipt(30), LOG.verifier), body, [accepted]),
    ):
        with pytest.raises(AxisError) as refused:
            verify_about(lonely, claimed, together)
        assert refused.value.code == "ledger.body-mismatch"


def test_the_other_verifier_runs_by_itself_and_says_yes_or_no(tmp_path: Path) -> None:
    file, key = tmp_path / "a.tlog-proof", tmp_path / "axis.vkey"
    file.write_bytes(receipt(5))
    key.write_text(f"{LOG.verifier}\n")
    for words, code in (
        ([str(key), str(file)], 0),
        ([str(LOG.verifier), str(file)], 0),
        ([str(key), str(file), str(key)], 1),
        ([str(key)], 2),
    ):
        done = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), *words], capture_output=True, check=False
        )
        assert done.returncode == code, done


def test_the_other_verifier_uses_nothing_of_ours() -> None:
    assert "axis" not in {
        line.split()[1].split(".")[0]
        for line in SCRIPT.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
