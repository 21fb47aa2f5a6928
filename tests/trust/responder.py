"""OpenSSL's own OCSP responder on a private port, over an index that the test writes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from axis.sandbox.ports import free_ports
from tests.trust.authority import Made


def write_index(folder: Path, states: Mapping[str, tuple[Made, str]], now: datetime) -> None:
    """Write what the responder knows: V valid, R revoked; who is not in it is unknown."""
    lines = []
    for name, (made, state) in states.items():
        ends = f"{made.certificate.not_valid_after_utc:%y%m%d%H%M%SZ}"
        revoked = f"{now - timedelta(hours=1):%y%m%d%H%M%SZ},keyCompromise" if state == "R" else ""
        serial = f"{made.certificate.serial_number:X}"
        serial = serial if len(serial) % 2 == 0 else f"0{serial}"
        lines.append(f"{state}\t{ends}\t{revoked}\t{serial}\tunknown\t/CN={name}\n")
    (folder / "index.txt").write_text("".join(lines))


@contextmanager
def responding(
    folder: Path, authority: Made, *, signer: Made | None = None, minutes: int | None = 60
) -> Iterator[str]:
    """Run the responder of an authority and yield its address."""
    signing = signer or authority
    (folder / "ca.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    (folder / "signer.pem").write_bytes(signing.certificate.public_bytes(Encoding.PEM))
    key = signing.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(key)
    (port,) = free_ports(1)
    words = [
        *("openssl", "ocsp", "-port", str(port), "-index", str(folder / "index.txt")),
        *("-CA", str(folder / "ca.pem"), "-rsigner", str(folder / "signer.pem")),
        *("-rkey", str(folder / "signer.key"), "-rmd", "sha256"),
        *(("-nmin", str(minutes)) if minutes else ()),
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:  # until it listens
            if "ACCEPT" in line or "waiting for OCSP" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
