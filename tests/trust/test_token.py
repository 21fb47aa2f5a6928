"""A signing key in a PKCS#11 token, here SoftHSM2; skipped where that is not installed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from axis.errors import AxisError
from axis.trust.certificates import Certificate, read_der
from axis.trust.pki import KeyKind, generate_key
from axis.trust.sign import sign
from axis.trust.token import TokenKey, open_token_key, signer_of_token
from axis.trust.verify import verify
from tests.trust.authority import name
from tests.trust.conftest import NOW
from tests.trust.material import package, tree

MODULES = [
    Path(folder) / "libsofthsm2.so"
    for folder in (
        "/usr/lib/softhsm",
        "/usr/lib/x86_64-linux-gnu/softhsm",
        "/usr/lib/aarch64-linux-gnu/softhsm",
        "/usr/lib64/softhsm",
        "/usr/local/lib/softhsm",
        "/opt/homebrew/lib/softhsm",
    )
]
PIN = "834201"


class Token:
    """A SoftHSM2 token in a folder of its own."""

    def __init__(self, folder: Path, module: Path, label: str = "axis-test") -> None:
        self.module, self.folder, self.label = module, folder, label
        self.pin = folder / "pin"
        self.pin.touch(mode=0o600)
        self.pin.write_text(PIN + "\n")
        self._run("--init-token", "--free", "--label", self.label, "--so-pin", PIN, "--pin", PIN)

    def take(self, kind: KeyKind, number: int) -> Certificate:
        """Put a new key into the token and return its certificate."""
        key = generate_key(kind)
        path = self.folder / "key.pem"
        path.touch(mode=0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._run("--import", str(path), "--token", self.label, "--label", kind.value,
                  "--id", f"{number:02x}", "--pin", PIN)  # fmt: skip
        path.unlink()
        builder = (
            x509.CertificateBuilder()
            .subject_name(name("Token"))
            .issuer_name(name("Token"))
            .public_key(key.public_key())
            .serial_number(number + 1)
            .not_valid_before(NOW)
            .not_valid_after(NOW + timedelta(days=9))
        )
        digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return read_der(builder.sign(key, digest).public_bytes(Encoding.DER))

    def open(self, kind: KeyKind) -> TokenKey:
        return open_token_key(self.module, token=self.label, label=kind.value, pin_file=self.pin)

    def _run(self, *words: str) -> None:
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    pytest.importorskip("pkcs11", reason="the extra axis[pkcs11] is not installed")
    module = next((path for path in MODULES if path.exists()), None)
    if module is None:
        pytest.skip("SoftHSM2 is not installed (apt install softhsm2)")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SOFTHSM2_CONF", str(settings))
        yield Token(folder, module)


@pytest.fixture(scope="module")
def certificates(token: Token) -> dict[KeyKind, Certificate]:
    kinds = (KeyKind.RSA2048, KeyKind.P256, KeyKind.P384, KeyKind.ED25519)
    return {kind: token.take(kind, number) for number, kind in enumerate(kinds)}


@pytest.mark.parametrize("kind", [KeyKind.RSA2048, KeyKind.P256, KeyKind.P384, KeyKind.ED25519])
def test_a_key_in_a_token_signs_packages(
    token: Token, certificates: dict[KeyKind, Certificate], kind: KeyKind, shape
) -> None:
    signer = signer_of_token(token.open(kind), certificates[kind])
    verified = verify(tree(sign(package(), signer, shape)))
    assert verified.certificate_sha256 == certificates[kind].sha256


def test_the_axis_s_own_ed25519_key_may_live_in_a_token(
    token: Token, certificates: dict[KeyKind, Certificate]
) -> None:
    key = token.open(KeyKind.ED25519)
    assert isinstance(key.public, ed25519.Ed25519PublicKey)
    key.public.verify(key.sign(b"a checkpoint"), b"a checkpoint")


def test_a_key_of_another_certificate_is_refused(
    token: Token, certificates: dict[KeyKind, Certificate]
) -> None:
    with pytest.raises(AxisError) as caught:
        signer_of_token(token.open(KeyKind.P256), certificates[KeyKind.P384])
    assert caught.value.code == "key.unreadable"


def test_a_key_that_is_not_there_is_named(token: Token) -> None:
    with pytest.raises(AxisError) as caught:
        open_token_key(token.module, token=token.label, label="none", pin_file=token.pin)
    assert caught.value.code == "key.unreadable"


def test_a_wrong_pin_or_token_is_an_outage(token: Token, tmp_path: Path) -> None:
    wrong = tmp_path / "pin"
    wrong.touch(mode=0o600)
    wrong.write_text("000000")
    # A login is the process's: a token that nobody has logged in to shows the wrong PIN.
    fresh = Token(token.folder, token.module, "axis-fresh")
    for label, pin in ((fresh.label, wrong), ("another", token.pin)):
        with pytest.raises(AxisError) as caught:
            open_token_key(token.module, token=label, label="p-256", pin_file=pin)
        assert caught.value.code == "key.token-unavailable"


def test_a_pin_that_others_may_read_is_refused(token: Token, tmp_path: Path) -> None:
    open_to_all = tmp_path / "pin"
    open_to_all.write_text(PIN)
    open_to_all.chmod(0o644)
    with pytest.raises(AxisError) as caught:
        open_token_key(token.module, token=token.label, label="p-256", pin_file=open_to_all)
    assert caught.value.code == "key.permissions"


def test_the_kinds_of_keys_are_those_of_the_profile() -> None:
    for kind in KeyKind:
        key = generate_key(kind)
        assert isinstance(
            key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
        )
