"""A clerk signs with attachments apart, brings them, sends, and another takes them as files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from axis.envelope.filenames import file_name
from axis.relay.run import work
from axis.serve.supervise import Supervisor
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.pki import KeyKind, issue
from tests.commands.test_send import axis_command
from tests.relay.conftest import _now
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, document, package

CONTENT = b"%PDF-1.4 " + bytes(range(256)) * 500


def test_attachments_travel_apart_from_file_to_file(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    home = Path(axis.settings.home)
    key, pem = certify(axis, home)
    (home / "new.edxml").write_bytes(package(document(to=(H14,)), CONTENT))
    signed, parts = home / "signed.edxml", home / "attachments"
    signing = ("envelope", "sign", str(home / "new.edxml"), "--key", str(key), "--cert", str(pem))
    apart = (*signing, "--shape", "manifest", "--apart")
    assert axis_command(axis, *apart).returncode == 2  # where would they go?
    assert axis_command(axis, *signing, "--apart").returncode == 2  # the whole shape holds all
    done = axis_command(axis, *apart, "--parts", str(parts), "--out", str(signed))
    assert done.returncode == 0, done.stderr
    (attachment,) = parts.iterdir()
    assert attachment.read_bytes() == CONTENT
    assert b"AttachmentEncoded" not in signed.read_bytes()

    given = ("--attachment", f"1={attachment}")
    verify = ("envelope", "verify", str(signed), "--pin", str(pem), "--json")
    without = json.loads(axis_command(axis, *verify).stdout)
    assert without["code"] is None, without
    assert (without["verdict"], without["apart"]) == ("passed", ["1"])
    beside = json.loads(axis_command(axis, *verify, *given).stdout)
    assert (beside["verdict"], beside["apart"]) == ("passed", [])
    (home / "other.pdf").write_bytes(b"other")
    other = axis_command(axis, *verify, "--attachment", f"1={home / 'other.pdf'}")
    assert (other.returncode, json.loads(other.stdout)["code"]) == (1, "signature.digest-mismatch")

    supervisor = Supervisor(axis.settings, {"relay": work})
    supervisor.start()
    try:
        early = axis_command(axis, "send", str(signed), "--json")
        sent = axis_command(axis, "send", str(signed), "--attachment", str(attachment), "--json")
    finally:
        supervisor.stop()
    refused = json.loads(early.stdout)
    assert (early.returncode, refused["code"]) == (1, "attachment.missing")
    assert (sent.returncode, json.loads(sent.stdout)["verdict"]) == (0, "accepted"), sent.stderr

    (waits,) = map(json.loads, axis_command(axis, "inbox", "khac", "--json").stdout.splitlines())
    folder = home / "taken"
    fetched = axis_command(
        axis,
        *("fetch", waits["delivery_id"], "--as", "khac", "--json"),
        *("-o", str(home / "taken.edxml"), "--parts", str(folder)),
    )
    (part,) = json.loads(fetched.stdout)["parts"]
    assert (home / "taken.edxml").read_bytes() == signed.read_bytes()
    assert Path(part["file"]).read_bytes() == CONTENT
    assert part["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert [path.name for path in folder.iterdir()] == ["001-van-ban.pdf"]
    again = axis_command(axis, "envelope", "verify", str(home / "taken.edxml"), "--pin", str(pem),
                         "--attachment", f"1={part['file']}")  # fmt: skip
    assert again.returncode == 0

    story = json.loads(axis_command(axis, "trace", waits["package_id"], "--json").stdout)
    assert [one["sha256"] for one in story["parts"]] == [part["sha256"]]
    told = axis_command(axis, "trace", waits["package_id"])
    assert "van-ban.pdf" in told.stdout


def certify(axis: Installation, home: Path) -> tuple[Path, Path]:
    """A certificate of the sender with its key in files, registered."""
    now = _now()
    key, certificate = issue(home / "certs", name="Clerk", code=G22, now=now, kind=KeyKind.P256)
    with transaction(axis.engine) as connection:
        from axis.store.directory import load_directory

        office = load_directory(connection).find(G22, now)
        assert office is not None
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    pem, path = home / "clerk.pem", home / "clerk.key"
    pem.write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, pem


def test_a_name_becomes_one_component_of_a_path() -> None:
    for name, expected in {
        "Công văn 7816/VPCP-TTĐT.pdf": "001-Công văn 7816_VPCP-TTĐT.pdf",
        "../../etc/passwd": "001-_.._etc_passwd",
        "..": "001-attachment",
        "": "001-attachment",
        None: "001-attachment",
        "con.pdf": "001-_con.pdf",
        "a\x00b\u202egpj.exe": "001-a_b_gpj.exe",
        ".bashrc": "001-bashrc",
        "C:\\Windows\\x.dll": "001-C__Windows_x.dll",
        "\ud800": "001-_",
    }.items():
        if name != "\ud800":
            assert file_name(name, 1) == expected
        assert "/" not in file_name(name, 1)
    long = file_name("ộ" * 500 + ".pdf", 2)
    assert len(long.encode()) <= 160
    assert long.endswith(".pdf")
