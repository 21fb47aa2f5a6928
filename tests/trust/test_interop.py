"""Signatures that others made: refused by name in our profile, judged rightly by our primitives."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from axis.envelope.limits import Limits
from axis.errors import AxisError, Fault
from axis.examine.inspect import inspect
from tests.trust import engine
from tests.work import least_cpu_s


def refusal(body: bytes) -> str:
    """Return why the axis refuses a package, in under a second of work."""
    codes = []

    def read() -> None:
        try:
            inspect(body, limits=Limits(), second_opinion=True).verified()
        except AxisError as error:
            assert error.fault is Fault.INPUT, error.code  # noqa: PT017
            codes.append(error.code)
        else:
            codes.append("passed")

    assert least_cpu_s(read, enough_s=1) < 1
    return codes[0]


@pytest.mark.parametrize("folder", ["xmldsig-interop", "xsw", "comment-c14n", "xxe-dos"])
def test_no_file_of_the_corpora_is_a_package(
    shared: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Profile mode: every file is refused with a code, quickly, and nothing crashes."""
    counts: Counter[str] = Counter()
    for path in sorted((shared / "data" / "corpora" / folder).rglob("*")):
        if not path.is_file() or path.suffix in {".md", ".pem"} or path.name.startswith("LICENSE"):
            continue
        body = path.read_bytes()
        counts[refusal(body)] += 1
        if folder == "xsw" and not body.lstrip().startswith(b"<"):
            try:
                counts[refusal(base64.b64decode(body, validate=False))] += 1
            except ValueError:
                continue
        if path.suffix == ".txt" and folder == "xxe-dos":  # fuzz lists: a payload on each line
            for line in body.splitlines():
                counts[refusal(line)] += 1
    with capsys.disabled():
        print(f"\n{folder}: {sum(counts.values())} bodies, {dict(counts)}")
    assert counts["passed"] == 0


def test_our_primitives_judge_the_vectors_as_their_makers_do(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Engine mode: what our algorithms cover is judged as the case says; the rest is named."""
    base = shared / "data" / "corpora" / "xmldsig-interop"
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    for case in json.loads((base / "cases-from-xmlsec-testDSig.json").read_text()):
        # The interop set of 2012 is here in W3C's own folder.
        path = base / case["path"]
        if not path.exists():
            path = base / case["path"].replace("xmldsig11-interop-2012", "W3C-TR2012")
        if not path.exists():
            counts[case["expected"], "absent"] += 1
            continue
        try:
            got = "VALID" if engine.verify(path.read_bytes()) else "INVALID"
        except engine.UnsupportedError as error:
            got = re.split(r"[ #]", str(error))[0] + " not supported"
        counts[case["expected"], got] += 1
        if got in ("VALID", "INVALID") and got != case["expected"]:
            wrong.append(case["path"])
    with capsys.disabled():
        print(f"\nengine: {dict(sorted(counts.items()))}")
    assert not wrong
    assert counts["VALID", "VALID"] >= 19


def test_a_changed_vector_is_refused_by_our_primitives(shared: Path) -> None:
    """The negative control of engine mode."""
    folder = shared / "data" / "corpora" / "xmldsig-interop" / "W3C-TR2012"
    path = folder / "signature-enveloping-p256_sha256.xml"
    body = path.read_bytes()
    assert engine.verify(body)
    changed = re.sub(rb"(<(?:\w+:)?Object[^>]*>)", rb"\1x", body, count=1)
    assert changed != body
    assert not engine.verify(changed)


def test_what_openssl_signed_is_accepted(tmp_path: Path, authority: Path) -> None:
    """A positive control by a tool that is not ours: openssl makes the value over SignedInfo."""
    import shutil
    import subprocess

    from cryptography.hazmat.primitives.asymmetric import rsa

    from axis.trust.keys import write_key
    from axis.trust.pki import issue
    from tests.trust.conftest import NOW
    from tests.trust.forge import WHOLE, forge
    from tests.trust.material import package

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the command openssl is not installed")
    key, certificate = issue(authority, name="openssl", now=NOW)
    assert isinstance(key, rsa.RSAPrivateKey)
    write_key(tmp_path / "office.key", key)

    def sign(_key: rsa.RSAPrivateKey, data: bytes) -> bytes:
        command = [openssl, "dgst", "-sha256", "-sign", str(tmp_path / "office.key")]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    body = forge(package(), WHOLE.but(sign=sign), key, certificate.der)
    assert refusal(body) == "passed"
