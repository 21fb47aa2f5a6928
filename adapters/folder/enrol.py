"""One-command enrolment: from a bundle to a folder that works.

The key is made at the office and never leaves it. What a crash leaves is used by the next call: the
key and the request are the same, and the axis takes the same request for the same.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import stamina
import tomli_w
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from adapters.client.errors import ProblemError, UnreachableError
from adapters.client.problem import parse_problem
from adapters.client.setup import Setup
from adapters.folder.beside import secret_of
from adapters.folder.errors import BundleError, EnrolledError, WaitsForApprovalError
from adapters.folder.places import Places, keep
from adapters.folder.settings import FILE, AgentSettings, TokenSettings
from axis.enrollment.request import fingerprint_of, statement
from axis.errors import Lang
from axis.structs import ready
from axis.trust.algorithms import ECDSA_SHA256, ED25519, RSA_SHA256
from axis.trust.certificates import read_one
from axis.trust.keys import PrivateKey, load_key, write_key
from axis.trust.pki import KeyKind, generate_key
from axis.trust.sign import Signer, signer_of
from axis.trust.token import open_token_key, signer_of_token


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator of an axis hands to an office."""

    url: str
    office: str
    code: str
    log_key: str
    ca: str = ""
    crl_urls: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    intermediates: tuple[str, ...] = ()


class _Standing(msgspec.Struct, frozen=True):
    state: str
    fingerprint: str = ""
    certificate: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A certificate that the office has already, with its key in a file or a token."""

    certificate: Path
    key: Path | None = None
    pkcs11: TokenSettings | None = None


def read_bundle(path: Path) -> Bundle:
    """Read a bundle.

    Raises:
        BundleError: it is none.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ready(Bundle))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BundleError(path=str(path), reason=str(error)) from error


def enroll(home: Path, bundle: Bundle, *, own: Own | None = None, lang: Lang = "vi") -> Places:
    """Ask for the office's place, and lay down what a working folder needs.

    Raises:
        EnrolledError: the folder belongs to an office already.
        WaitsForApprovalError: nobody has approved the request yet; call again.
        ProblemError: the axis refused it.
        UnreachableError: the axis does not answer; call again.
    """
    places = Places(home.absolute())
    if (places.home / FILE).exists():
        raise EnrolledError(path=str(places.home), office=bundle.office)
    places.home.mkdir(parents=True, exist_ok=True)
    keys = places.home / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    # 1. The key: made once, kept at the office.
    if own is None:
        key = _own_key(keys / "office.key")
        asking = _asking_for_certificate(key, bundle)
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        signer = _signer_of(own)
        pem = signer.certificate.x509.public_bytes(Encoding.PEM).decode()
        asking = _asking(bundle, signer) | {"certificate": pem}
        spki = signer.certificate.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # 2. The axis: the same call asks, asks again, and collects.
    standing = _ask(bundle, asking, lang)
    if not standing.token:
        raise WaitsForApprovalError(fingerprint=standing.fingerprint or fingerprint_of(spki))
    # 3. What a working folder needs; the settings come last, and only then is it enrolled.
    _lay_down(places, bundle, standing, own)
    places.prepare()
    return places


def _own_key(path: Path) -> PrivateKey:
    if not path.exists():
        write_key(path, generate_key(KeyKind.P256))
    return load_key(path)


def _asking_for_certificate(key: PrivateKey, bundle: Bundle) -> dict[str, str]:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, bundle.office[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, bundle.office[:64]),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    made = builder.sign(
        key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    )
    return _asking(bundle, _Unnamed(key)) | {"request": made.public_bytes(Encoding.PEM).decode()}


class _Unnamed:
    """A key without a certificate yet, that signs as packages are signed."""

    def __init__(self, key: PrivateKey) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        self._key = key
        match key:
            case ec.EllipticCurvePrivateKey():
                self.algorithm = ECDSA_SHA256

                def sign(data: bytes) -> bytes:
                    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
                    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
            case rsa.RSAPrivateKey():
                self.algorithm = RSA_SHA256

                def sign(data: bytes) -> bytes:
                    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case ed25519.Ed25519PrivateKey():
                self.algorithm = ED25519
                sign = key.sign
        self.sign_bytes = sign


def _signer_of(own: Own) -> Signer:
    certificate = read_one(own.certificate.read_bytes(), source=str(own.certificate))
    if own.pkcs11 is not None:
        token = own.pkcs11
        found = open_token_key(
            Path(token.module),
            token=token.token,
            label=token.label,
            pin_file=Path(token.pin_file),
        )
        return signer_of_token(found, certificate)
    if own.key is None:
        raise BundleError(path=str(own.certificate), reason="its key is not named")
    return signer_of(load_key(own.key), certificate)


def _asking(bundle: Bundle, signer: Signer | _Unnamed) -> dict[str, str]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    proof = signer.sign_bytes(statement(bundle.code, at))
    return {
        "code": bundle.code,
        "at": at,
        "algorithm": signer.algorithm,
        "proof": base64.b64encode(proof).decode(),
    }


def _ask(bundle: Bundle, asking: dict[str, str], lang: Lang) -> _Standing:
    setup = Setup(url=bundle.url, token="-", lang=lang)  # noqa: S106  no secret: it demands https
    options = dict(setup.options())
    options["headers"] = {"Accept-Language": lang}
    if bundle.ca:
        import ssl

        options["verify"] = ssl.create_default_context(cadata=bundle.ca)
    try:
        with httpx.Client(**options) as http:
            for attempt in stamina.retry_context(on=httpx.TransportError, timeout=20):
                with attempt:
                    response = http.post("/enroll", content=json.dumps(asking))
    except httpx.TransportError as error:
        raise UnreachableError(url=bundle.url, reason=str(error)) from error
    if response.status_code not in (200, 202):
        raise ProblemError(parse_problem(response.status_code, response.content))
    try:
        return msgspec.json.decode(response.content, type=ready(_Standing))
    except msgspec.MsgspecError as error:
        raise BundleError(path=bundle.url, reason="this is no axis") from error


def _lay_down(places: Places, bundle: Bundle, standing: _Standing, own: Own | None) -> None:
    home = places.home
    for name, texts in (("anchors", bundle.anchors), ("intermediates", bundle.intermediates)):
        folder = home / "trust" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(texts):
            keep(folder / f"{number}.pem", text.encode())
    (home / "trust/crls").mkdir(exist_ok=True)
    keep(home / "trust/axis.vkey", f"{bundle.log_key}\n".encode())
    if bundle.ca:
        keep(home / "trust/ca.pem", bundle.ca.encode())
    token = home / "keys/token"
    token.touch(mode=0o600)
    token.chmod(0o600)
    token.write_text(standing.token, encoding="utf-8")
    keep(home / "keys/office.pem", standing.certificate.encode())
    defaults = AgentSettings(url=bundle.url, office=bundle.office)
    settings: dict[str, object] = {
        "url": bundle.url,
        "office": bundle.office,
        "crl_urls": list(bundle.crl_urls),
        "ca": "trust/ca.pem" if bundle.ca else "",
        "log_key": defaults.log_key,
    }
    if own is not None and own.key is not None:
        settings["key"] = str(own.key.absolute())
    if own is not None and own.pkcs11 is not None:
        settings["pkcs11"] = msgspec.to_builtins(own.pkcs11)
    secret_of(defaults, home)  # for the eOffice beside the agent, if there is one
    keep(home / FILE, tomli_w.dumps(settings).encode())
