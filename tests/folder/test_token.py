"""An office whose key is in a token: the agent signs with it, and never sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.folder.compose import make_job
from adapters.folder.drops import Drop
from adapters.folder.run import Agent
from axis.trust.certificates import Certificate
from axis.trust.pki import KeyKind
from axis.trust.verify import verify
from tests.relay.papers import document, package
from tests.trust import test_token as tokens
from tests.trust.material import tree

token, certificates = tokens.token, tokens.certificates


@pytest.mark.parametrize("kind", [KeyKind.RSA2048, KeyKind.P256])
def test_a_package_is_signed_in_the_token(
    tmp_path: Path,
    token: tokens.Token,
    certificates: dict[KeyKind, Certificate],
    kind: KeyKind,
) -> None:
    settings = {
        "url": "https://truc.example.vn",
        "office": "000.00.00.G22",
        "pkcs11": {
            "module": str(token.module),
            "token": token.label,
            "label": kind.value,
            "pin_file": str(token.pin),
        },
    }
    (tmp_path / "agent.toml").write_bytes(msgspec.toml.encode(settings))
    (tmp_path / "keys").mkdir()
    pem = certificates[kind].x509.public_bytes(Encoding.PEM)
    (tmp_path / "keys/office.pem").write_bytes(pem)
    agent = Agent(tmp_path)
    path = tmp_path / "outbox/a.edxml"
    path.write_bytes(package(document(1)))
    drop = Drop(name="a", paths=(path,), package=path)
    job = make_job(drop, agent.settings, agent.places, agent.signer, now=datetime.now(UTC))
    assert job.sha256 is not None
    signed = (tmp_path / ".agent/bytes" / job.sha256).read_bytes()
    assert verify(tree(signed)).certificate_sha256 == certificates[kind].sha256
    assert not list((tmp_path / "keys").glob("*.key"))
