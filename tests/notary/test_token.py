"""The notary's key in a PKCS#11 token, here SoftHSM2: who verifies need not know of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_p256
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from house.house import CHECKOUT
from ledger.material import sealed
from trust.test_token import MODULES

from axis.errors import AxisError
from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.entry import Sealer
from axis.ledger.note import parse_verifier_key
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tokenuri import TokenUri, parse_token_uri
from axis.notary.office import memory_of
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.engine import transaction

PIN = "834201"
GOOD = "pkcs11:token=axis%20ledger;object=notary?module-path=/m.so&pin-source=file:/p/pin"


class Token:
    """A token of SoftHSM2, and the axis's command as a process that may use it.

    A process of its own: SoftHSM2 reads where its tokens are only once in a process.
    """

    def __init__(self, home: Path, module: Path) -> None:
        self.home, self.module = home, module
        self.pin = home / "pin"
        self.pin.touch(mode=0o600)
        self.pin.write_text(PIN + "\n")
        (home / "tokens").mkdir()
        conf = home / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AXIS_")}
        self.environment = kept | {"SOFTHSM2_CONF": str(conf), "AXIS_HOME": str(home)}
        self.run(
            "softhsm2-util", "--init-token", "--free", "--label", "axis ledger",
            "--so-pin", PIN, "--pin", PIN,
        )  # fmt: skip
        keys = (Ed25519PrivateKey.generate(), generate_p256(SECP256R1()))
        for number, (label, key) in enumerate(zip(("notary", "p-256"), keys, strict=True)):
            path = home / "key.pem"
            path.touch(mode=0o600)
            path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            self.run(
                "softhsm2-util", "--import", str(path), "--token", "axis ledger",
                "--label", label, "--id", f"{number:02}", "--pin", PIN,
            )  # fmt: skip
            path.unlink()

    def uri(self, label: str = "notary") -> str:
        return (
            f"pkcs11:token=axis%20ledger;object={label};type=private"
            f"?module-path={self.module}&pin-source=file:{self.pin}"
        )

    def axis(self, *words: str, key: str, database: str) -> subprocess.CompletedProcess[str]:
        """Run the command as an operator would."""
        return subprocess.run(
            [sys.executable, str(CHECKOUT / "cli.py"), *words],
            env=self.environment | {"AXIS_NOTARY_KEY": key, "AXIS_DATABASE_URL": database},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *words: str) -> None:
        subprocess.run(words, check=True, capture_output=True, env=self.environment)


@pytest.fixture
def token(tmp_path: Path) -> Token:
    pytest.importorskip("pkcs11", reason="the extra axis[pkcs11] is not installed")
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (apt install softhsm2)")
    (tmp_path / "home").mkdir()
    return Token(tmp_path / "home", module)


def test_checkpoints_signed_in_a_token_are_verified_like_any_other(
    token: Token, sqlite_engine: sa.Engine
) -> None:
    database = str(sqlite_engine.url)
    for entries in (slice(0, 20), slice(20, 50)):
        with transaction(sqlite_engine) as connection:
            ledger.append(connection, sealed(Sealer(b"k" * 32), 50)[entries])
        done = token.axis("notary", "--once", key=token.uri(), database=database)
        assert done.returncode == 0, done.stderr
    printed = token.axis("ledger", "key", key=token.uri(), database=database)
    key = parse_verifier_key(printed.stdout.strip())
    folder = next((token.home / "ledger").iterdir())
    shown = TileFolder(folder).read_checkpoint()
    assert shown is not None
    assert verify_checkpoint(shown, key).checkpoint.size == 50
    assert (token.home / "notary.token.signed" / folder.name).read_text() == shown
    verified = token.axis(
        "ledger", "verify", "--tiles", str(folder), "--key", str(key), key=token.uri(),
        database=database,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("a PIN file that others may read", "key.permissions"),
        ("a wrong PIN", "key.token-unavailable"),
        ("no such key", "key.unreadable"),
        ("a key of another kind", "notary.key"),
        ("a URI without a PIN file", "notary.key-uri"),
    ],
)
def test_nothing_is_signed_with_a_token_that_cannot_be_used(
    token: Token, sqlite_engine: sa.Engine, flaw: str, code: str
) -> None:
    key = token.uri()
    match flaw:
        case "a PIN file that others may read":
            token.pin.chmod(0o644)
        case "a wrong PIN":
            token.pin.write_text("000000")
        case "no such key":
            key = token.uri("none")
        case "a key of another kind":
            key = token.uri("p-256")
        case _:
            key = key.partition("&")[0]
    with transaction(sqlite_engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), 1))
    done = token.axis("notary", "--once", key=key, database=str(sqlite_engine.url))
    assert done.returncode in (1, 3)
    assert code in done.stderr
    assert PIN not in done.stderr
    assert not (token.home / "ledger").exists()


def test_a_token_uri_is_read_with_its_escapes() -> None:
    assert parse_token_uri(GOOD) == TokenUri(
        module=Path("/m.so"), token="axis ledger", label="notary", pin_file=Path("/p/pin")
    )


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:",
        GOOD.replace("token=", "serial="),
        GOOD.replace("file:/p/pin", "file:pin"),
        GOOD.replace("file:/p/pin", "|cat /p/pin"),
        GOOD.replace("pin-source=file:/p/pin", "pin-value=834201"),
        GOOD.replace("object=notary", "object=notary;object=other"),
        GOOD.replace("object=notary", "object=notary;type=cert"),
        GOOD.replace("object=notary", "object="),
    ],
)
def test_a_token_uri_that_is_not_complete_is_refused_and_never_repeated(uri: str) -> None:
    with pytest.raises(AxisError) as refused:
        parse_token_uri(uri)
    assert refused.value.code == "notary.key-uri"
    assert PIN not in str(refused.value)


def test_the_memory_of_a_token_is_a_folder_under_home(tmp_path: Path) -> None:
    settings = Settings(home=str(tmp_path), notary=NotarySettings(key=GOOD))
    assert memory_of(settings, 2026) == tmp_path / "notary.token.signed" / "2026"
