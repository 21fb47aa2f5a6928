"""The courtroom package: whole, sealed, provable offline, and worthless after any change."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from axis.bodies import DiskBodies
from axis.errors import AxisError
from axis.evidence.container import MANIFEST, SIGNATURES, read_container, write_container
from axis.evidence.gather import load_seal, make_evidence
from axis.evidence.verify import verify_evidence
from axis.evidence.xades import sign_files
from axis.intake.identity import package_id_of
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.ledger.keys import make_notary_key
from axis.ledger.note import VerifierKey
from axis.notary.office import signer_of
from axis.notary.process import sequence_pending
from axis.notary.timestamping import stamp
from axis.sandbox.tsa import DevelopmentTsa
from axis.settings import EvidenceSettings, NotarySettings, Settings
from axis.store.engine import open_engine, transaction
from axis.store.ledger import append
from axis.store.packages import PackageRecord, add_packages
from axis.store.tables import METADATA
from cli import axis

BODY = b"<edXML>\xc4\x90</edXML>"
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PACKAGE = package_id_of("vpcp", hashlib.sha256(BODY).digest())
SIGN = "7816/VPCP-TTĐT"
SCRIPT = Path(__file__).parents[2] / "docs" / "verify_receipt.py"


def make_seal(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trục liên thông (thử nghiệm)")])
    begin = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seal.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "seal.key").write_bytes(private)
    (folder / "seal.key").chmod(0o600)


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentTsa]:
    with DevelopmentTsa(tmp_path_factory.mktemp("tsa")) as authority:
        yield authority


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tsa: DevelopmentTsa) -> Settings:
    """An installation that accepted one package, signed for it and had it time stamped."""
    folder = tmp_path_factory.mktemp("home")
    settings = Settings(
        home=str(folder),
        notary=NotarySettings(tsa_url=tsa.url, tsa_roots=str(tsa.roots)),
        evidence=EvidenceSettings(key="seal.key", certificate="seal.pem"),
    )
    make_notary_key(settings.path(settings.notary.key))
    make_seal(folder, ec.generate_private_key(ec.SECP256R1()))
    (folder / "certs/crls").mkdir(parents=True)
    (folder / "certs/crls/ca.crl").write_bytes(b"a list")
    DiskBodies(settings.path(settings.bodies.path)).put(BODY)
    digest = hashlib.sha256(BODY).digest()
    accepted = Entry(
        event=Event.SUBMISSION_ACCEPTANCE,
        at=AT,
        package_id=PACKAGE,
        body_sha256=digest,
        sender="000.00.00.G22",
        document=SIGN,
    )
    record = PackageRecord(
        id=PACKAGE,
        system_id="vpcp",
        digest=digest,
        size_bytes=len(BODY),
        door="test",
        received_at=AT,
        decided_at=AT,
        accepted=True,
        kind="document",
        document_id=f"000.00.00.G22,2026/11/21,{SIGN}",
        sign=SIGN,
        sender="000.00.00.G22",
    )
    engine = open_engine(settings.database_url)
    METADATA.create_all(engine)
    with transaction(engine) as connection:
        add_packages(connection, [record])
        append(connection, [Sealer(b"k" * 32).seal(accepted)])
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    assert stamp(engine, settings, log=2026, now=lambda: AT) is not None
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def container(home: Settings) -> bytes:
    engine = open_engine(home.database_url)
    content = make_evidence(engine, home, SIGN, now=lambda: AT)
    engine.dispose()
    return content


@pytest.fixture(scope="module")
def key(home: Settings) -> VerifierKey:
    return signer_of(home, 2026).verifier


def roots(tsa: DevelopmentTsa) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(tsa.roots.read_bytes())


def test_the_container_is_as_asic_e_wants_it(container: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        names = archive.namelist()
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")
    assert container[30:69] == b"mimetypeapplication/vnd.etsi.asic-e+zip"
    assert {SIGNATURES, MANIFEST, "README.txt", f"packages/{PACKAGE}.edxml"} <= set(names)
    assert {"trust/axis.vkey", "trust/tsa-roots.pem", "trust/crls/ca.crl"} <= set(names)


def test_everything_in_it_verifies_offline(
    container: bytes, key: VerifierKey, tsa: DevelopmentTsa
) -> None:
    evidence = verify_evidence(container, [key], tsa_roots=roots(tsa))
    assert list(evidence.packages.values()) == [hashlib.sha256(BODY).hexdigest()]
    (receipt,) = evidence.receipts.values()
    assert receipt.leaf.event == Event.SUBMISSION_ACCEPTANCE
    assert len(evidence.stamped) == 1
    again = verify_evidence(container, [key], seal_sha256=evidence.seal_sha256)
    assert again.stamped == {}


def test_other_peoples_tools_verify_its_parts(
    container: bytes, key: VerifierKey, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        archive.extractall(tmp_path)
    (proof,) = tmp_path.glob("evidence/*.tlog-proof")
    (package,) = tmp_path.glob("packages/*")
    words = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "trust/axis.vkey"), str(proof)]
    assert subprocess.run([*words, str(package)], capture_output=True, check=False).returncode == 0
    assert (tmp_path / "trust/axis.vkey").read_text().strip() == str(key)
    (token,) = tmp_path.glob("timestamps/*.tsr")
    words = ["openssl", "ts", "-verify", "-data", str(token.with_suffix(".checkpoint"))]
    words += ["-in", str(token), "-CAfile", str(tmp_path / "trust/tsa-roots.pem")]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_the_seal_itself_carries_a_time_stamp(container: bytes) -> None:
    signatures = read_container(container)[SIGNATURES]
    assert b"EncapsulatedTimeStamp" in signatures
    assert b"SigningCertificateV2" in signatures


def test_xmlsec1_agrees_on_the_signature_where_it_is_installed(
    container: bytes, tmp_path: Path
) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("no xmlsec1 on this machine")
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [program, "--verify", "--insecure", "--id-attr:Id", "SignedProperties", SIGNATURES],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done


def repacked(container: bytes, **changes: bytes | None) -> bytes:
    files = read_container(container)
    signatures = files.pop(SIGNATURES)
    files.pop(MANIFEST)
    for name, content in changes.items():
        if content is None:
            del files[name]
        else:
            files[name] = content
    return write_container(files, signatures, AT)


def code_of(content: bytes, key: VerifierKey, **rest: object) -> str:
    with pytest.raises(AxisError) as refused:
        verify_evidence(content, [key], **rest)  # type: ignore[arg-type]
    return refused.value.code


def test_what_is_changed_added_or_taken_out_breaks_the_seal(
    container: bytes, key: VerifierKey
) -> None:
    assert verify_evidence(repacked(container), [key])
    for name, content in read_container(container).items():
        if name in (SIGNATURES, MANIFEST):
            continue
        changed = bytes([content[0] ^ 1]) + content[1:]
        assert code_of(repacked(container, **{name: changed}), key) == "evidence.signature"
        assert code_of(repacked(container, **{name: None}), key) == "evidence.signature"
    assert code_of(repacked(container, **{"more.txt": b"x"}), key) == "evidence.signature"


def test_no_changed_bit_of_the_signed_parts_of_the_signature_passes(
    container: bytes, key: VerifierKey
) -> None:
    files = read_container(container)
    signatures = files.pop(SIGNATURES)
    files.pop(MANIFEST)
    end = signatures.index(b"</ds:SignatureValue>")
    start = signatures.index(b"<ds:SignedInfo")
    for bit in random.Random(3).sample(range(start * 8, end * 8), 200):
        content = bytearray(signatures)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(AxisError):
            verify_evidence(write_container(files, bytes(content), AT), [key])


def test_a_seal_of_somebody_else_and_a_package_without_a_proof_are_refused(
    home: Settings, container: bytes, key: VerifierKey
) -> None:
    assert code_of(container, key, seal_sha256="00" * 32) == "evidence.foreign"
    seal = load_seal(home)
    files = {"packages/other.edxml": b"other"}
    content = write_container(
        files, sign_files(files, {"packages/other.edxml": "text/xml"}, seal, AT), AT
    )
    assert code_of(content, key) == "evidence.container-malformed"


def test_an_rsa_seal_verifies_too(tmp_path: Path, key: VerifierKey) -> None:
    make_seal(tmp_path, rsa.generate_private_key(65537, 2048))
    settings = Settings(
        home=str(tmp_path), evidence=EvidenceSettings(key="seal.key", certificate="seal.pem")
    )
    files = {"đơn vị & số.txt": b"text"}
    signatures = sign_files(files, {"đơn vị & số.txt": "text/plain"}, load_seal(settings), AT)
    assert verify_evidence(write_container(files, signatures, AT), [key]).receipts == {}


def test_without_a_seal_there_is_no_courtroom_package(home: Settings, tmp_path: Path) -> None:
    for own in (EvidenceSettings(), EvidenceSettings(key="absent", certificate="absent")):
        with pytest.raises(AxisError) as refused:
            load_seal(Settings(home=str(tmp_path), evidence=own))
        assert refused.value.code == "evidence.no-seal"


def test_what_is_no_container_is_refused_as_such(container: bytes, key: VerifierKey) -> None:
    def zipped(*files: tuple[str, bytes]) -> bytes:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, content in files:
                archive.writestr(name, content)
        return written.getvalue()

    good = b"application/vnd.etsi.asic-e+zip"
    for content in (
        b"",
        b"no zip",
        container[:-30],
        zipped(("a", b"x"), ("mimetype", good)),
        zipped(("mimetype", b"text/plain")),
        zipped(("mimetype", good)),
        zipped(("mimetype", good), ("../out", b"x")),
        zipped(("mimetype", good), ("/out", b"x")),
    ):
        assert code_of(content, key) == "evidence.container-malformed"
    assert code_of(zipped(("mimetype", good), (SIGNATURES, b"<x")), key) == "evidence.signature"


def test_the_commands_make_and_verify(
    home: Settings, tsa: DevelopmentTsa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("AXIS_HOME", home.home),
        ("AXIS_EVIDENCE_KEY", "seal.key"),
        ("AXIS_EVIDENCE_CERTIFICATE", "seal.pem"),
        ("AXIS_NOTARY_TSA_URL", tsa.url),
        ("AXIS_NOTARY_TSA_ROOTS", str(tsa.roots)),
    ):
        monkeypatch.setenv(name, value)
    out, vkey = tmp_path / "7816.asice", tmp_path / "axis.vkey"
    vkey.write_text(f"{signer_of(home, 2026).verifier}\n")
    made = CliRunner().invoke(axis, ["evidence", "make", SIGN, "--out", str(out)])
    assert made.exit_code == 0, made.output
    words = ["evidence", "verify", str(out), "--key", str(vkey), "--tsa-roots", str(tsa.roots)]
    good = CliRunner().invoke(axis, [*words, "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["good"] is True
    assert CliRunner().invoke(axis, words).exit_code == 0
