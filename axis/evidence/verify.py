"""Verifies a courtroom package offline; its seal by a library that did not write it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration
from signxml.xades import XAdESVerifier  # type: ignore[attr-defined]

from axis.errors import AxisError
from axis.evidence.container import MANIFEST, SIGNATURES, read_container
from axis.evidence.errors import (
    ContainerMalformedError,
    EvidenceForeignError,
    EvidenceSignatureError,
)
from axis.evidence.xades import DS
from axis.ledger.note import VerifierKey
from axis.ledger.receipt import VerifiedReceipt, verify_receipt
from axis.ledger.timestamp import verify_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A courtroom package of which every part was verified."""

    seal_sha256: str  #: fingerprint of the certificate that sealed it
    seal_subject: str
    receipts: Mapping[str, VerifiedReceipt]  #: by file name
    packages: Mapping[str, str]  #: file name of each package to its SHA-256 in hexadecimal
    stamped: Mapping[str, datetime]  #: file name of each time stamp to its time


def verify_evidence(
    content: bytes,
    log_keys: Iterable[VerifierKey],
    *,
    witnesses: Iterable[VerifierKey] = (),
    seal_sha256: str | None = None,
    tsa_roots: Iterable[x509.Certificate] = (),
) -> Evidence:
    """Verify a container.

    Args:
        content: the file.
        log_keys: of the logs, each year's.
        witnesses: keys of witnesses that are known.
        seal_sha256: fingerprint (hexadecimal) that the seal's certificate must have; without it the
            seal says only that nothing was changed since, and the caller compares the fingerprint.
        tsa_roots: where time stamps must lead; without any, time stamps are not looked at.

    Raises:
        ContainerMalformedError: it is no such container.
        EvidenceSignatureError: the seal does not cover everything that is in it.
        EvidenceForeignError: it is sealed by somebody else.
        AxisError: a receipt or time stamp in it is not valid.
    """
    # 1. The container and its seal: every file is signed for, and nothing else is in it.
    files = read_container(content)
    certificate = _verify_seal(files)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    if seal_sha256 is not None and fingerprint != seal_sha256.lower().replace(":", ""):
        raise EvidenceForeignError(expected=seal_sha256, got=fingerprint)
    # 2. Each receipt, by the key of its log.
    keys = {key.name: key for key in log_keys}
    receipts = {
        name: _verify_receipt(file, keys, witnesses)
        for name, file in files.items()
        if name.endswith(".tlog-proof")
    }
    # 3. Each package is one that a receipt names.
    packages = {
        name: hashlib.sha256(file).hexdigest()
        for name, file in files.items()
        if name.startswith("packages/")
    }
    named = {receipt.values.get("body") for receipt in receipts.values()}
    for name, digest in packages.items():
        if f"sha256:{digest}" not in named:
            raise ContainerMalformedError(reason=f"no receipt is about {name}")
    # 4. Each attachment that came apart is one that a receipt names, and is what its name says.
    signed_for = {part for receipt in receipts.values() for part in _parts_of(receipt)}
    for name, file in files.items():
        if name.startswith("attachments/") and name.endswith(".bin"):
            digest = hashlib.sha256(file).hexdigest()
            if name != f"attachments/{digest}.bin" or f"sha256:{digest}" not in signed_for:
                raise ContainerMalformedError(reason=f"no receipt is about {name}")
    # 5. Each time stamp, over the checkpoint beside it.
    roots = list(tsa_roots)
    stamped = {
        name: verify_token(file, _beside(files, name), roots)
        for name, file in files.items()
        if roots and name.endswith(".tsr")
    }
    return Evidence(
        seal_sha256=fingerprint,
        seal_subject=certificate.subject.rfc4514_string(),
        receipts=receipts,
        packages=packages,
        stamped=stamped,
    )


def _verify_seal(files: Mapping[str, bytes]) -> x509.Certificate:
    signatures = files.get(SIGNATURES)
    if signatures is None:
        raise ContainerMalformedError(reason=f"{SIGNATURES} is missing")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(signatures, parser)
    except etree.XMLSyntaxError as error:
        raise EvidenceSignatureError(reason="not XML") from error
    if b"<!DOCTYPE" in signatures:
        raise EvidenceSignatureError(reason="a document type")
    found = root.findall(f".//{{{DS}}}X509Certificate")
    references = root.findall(f".//{{{DS}}}Reference")
    names = [unquote(r.get("URI", "")) for r in references if r.get("Type") is None]
    if len(found) != 1 or sorted(names) != sorted(files.keys() - {SIGNATURES, MANIFEST}):
        raise EvidenceSignatureError(reason="it does not cover exactly the files")
    pem = f"-----BEGIN CERTIFICATE-----\n{found[0].text}\n-----END CERTIFICATE-----\n"
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        XAdESVerifier().verify(
            signatures,
            x509_cert=certificate,
            uri_resolver=lambda uri: files.get(unquote(uri)),
            expect_config=SignatureConfiguration(expect_references=len(references)),
        )
    except (SignXMLException, ValueError, TypeError, etree.LxmlError, KeyError) as error:
        raise EvidenceSignatureError(reason=str(error) or type(error).__name__) from error
    return certificate


def _verify_receipt(
    file: bytes, keys: Mapping[str, VerifierKey], witnesses: Iterable[VerifierKey]
) -> VerifiedReceipt:
    refusal: AxisError | None = None
    for key in keys.values():
        try:
            return verify_receipt(file, key, witnesses)
        except AxisError as error:
            refusal = error
    raise refusal or ContainerMalformedError(reason="no key of a log was given")


def _parts_of(receipt: VerifiedReceipt) -> list[str]:
    return str(receipt.values.get("parts") or "").split(",")


def _beside(files: Mapping[str, bytes], name: str) -> bytes:
    checkpoint = files.get(name.removesuffix(".tsr") + ".checkpoint")
    if checkpoint is None:
        raise ContainerMalformedError(reason=f"no checkpoint beside {name}")
    return checkpoint
