"""Collects everything about one document for the courtroom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from axis.bodies import Bodies, open_bodies
from axis.errors import AxisError
from axis.evidence.container import media_type, write_container
from axis.evidence.errors import SealMissingError
from axis.evidence.readme import README
from axis.evidence.xades import sign_files
from axis.ledger.timestamp import token_of
from axis.notary.cosigning import parse_witness
from axis.notary.office import signer_of as log_signer
from axis.notary.receipts import Receipt, receipts_for
from axis.notary.timestamping import ask_authority, roots_of
from axis.settings import Settings
from axis.store.checkpoints import last_checkpoint, timestamp_covering
from axis.store.engine import transaction
from axis.store.trust import find_certificate
from axis.trace.gather import Story, gather_one
from axis.trust.certificates import read_der, read_one
from axis.trust.keys import load_key
from axis.trust.sign import Signer, signer_of

#: Bytes of attachments that came apart which one container holds, at most.
PARTS_BYTES: Final = 128 * 1024 * 1024


def make_evidence(
    engine: sa.Engine, settings: Settings, document: str, *, now: Callable[[], datetime]
) -> bytes:
    """Return the container for a document by DocumentId, number/notation or package id.

    Raises:
        DocumentUnknownError: nothing goes by this name.
        DocumentAmbiguousError: several documents have this number.
        SealMissingError: no seal is configured.
        AxisError: a body, a key or the tiles cannot be read.
    """
    seal = load_seal(settings)
    story = gather_one(engine, document)
    at = now()
    files = {"README.txt": README.format(document=document, at=at.isoformat()).encode()}
    # 1. The packages themselves, each read by its digest.
    bodies = open_bodies(settings)
    for package in story.packages:
        if bodies.has(package.digest):
            files[f"packages/{package.id}.edxml"] = bodies.read(package.digest)
    files |= _parts(bodies, story)
    # 2. Each step with its proof; only what is signed for can be proved.
    receipts = [
        receipt
        for receipt in receipts_for(engine, settings, story.entries, stamped=True)
        if receipt.proof is not None
    ]
    for receipt in receipts:
        name = receipt.name.removesuffix(".tlog-proof")
        files[f"evidence/{name}.json"] = receipt.entry.leaf
        files[f"evidence/{name}.tlog-proof"] = str(receipt.proof).encode()
    # 3. When it was, and whom one has to believe for all this.
    files |= _timestamps(engine, receipts)
    files |= _trust(engine, settings, story, receipts)
    # 4. The seal over all of it.
    media_types = {name: media_type(name) for name in files}
    signatures = sign_files(files, media_types, seal, at, lambda data: _stamp(settings, data))
    return write_container(files, signatures, at)


def load_seal(settings: Settings) -> Signer:
    """Return the signer of courtroom packages.

    Raises:
        SealMissingError: none is configured.
        AxisError: the key or the certificate cannot be used.
    """
    own = settings.evidence
    if not own.key or not own.certificate:
        raise SealMissingError
    path = settings.path(own.certificate)
    try:
        certificate = read_one(path.read_bytes(), source=str(path))
    except OSError as error:
        raise SealMissingError from error
    return signer_of(load_key(settings.path(own.key)), certificate)


def _parts(bodies: Bodies, story: Story) -> dict[str, bytes]:
    """Return the attachments that came apart: their list, and those that are not too large.

    A large one goes beside the container; its digest is in the list, in the receipt and, signed by
    the sender, in the package.
    """
    files: dict[str, bytes] = {}
    listed = []
    room = PARTS_BYTES
    for package_id, parts in story.parts.items():
        for part in parts:
            inside = part.size_bytes <= room and bodies.has(part.digest)
            name = f"attachments/{part.digest.hex()}.bin"
            if inside and name not in files:
                files[name] = bodies.read(part.digest)
                room -= part.size_bytes
            listed.append(
                {
                    "package": str(package_id),
                    "content_id": part.content_id,
                    "name": part.name,
                    "content_type": part.content_type,
                    "size_bytes": part.size_bytes,
                    "sha256": part.digest.hex(),
                    "file": name if inside else None,
                }
            )
    if listed:
        text = json.dumps(listed, ensure_ascii=False, indent=2)
        files["attachments/index.json"] = f"{text}\n".encode()
    return files


def _timestamps(engine: sa.Engine, receipts: Iterable[Receipt]) -> dict[str, bytes]:
    files = {}
    with transaction(engine) as connection:
        for receipt in receipts:
            log, index = receipt.entry.log, receipt.entry.leaf_index
            if log is None or index is None:
                continue
            timestamp = timestamp_covering(connection, log, index)
            if timestamp is None or timestamp.token is None:
                continue
            checkpoint = last_checkpoint(connection, log, below=timestamp.size)
            if checkpoint is not None:
                name = f"timestamps/{log}-{checkpoint.size}"
                files[f"{name}.tsr"] = timestamp.token
                files[f"{name}.checkpoint"] = checkpoint.note.encode()
    return files


def _trust(
    engine: sa.Engine, settings: Settings, story: Story, receipts: Iterable[Receipt]
) -> dict[str, bytes]:
    logs = sorted({receipt.entry.log for receipt in receipts if receipt.entry.log is not None})
    keys = "".join(f"{log_signer(settings, log).verifier}\n" for log in logs)
    files = {"trust/axis.vkey": keys.encode()}
    if settings.notary.witnesses:
        witnesses = [str(parse_witness(text).key) for text in settings.notary.witnesses]
        files["trust/witnesses.vkey"] = "".join(f"{key}\n" for key in witnesses).encode()
    if settings.notary.tsa_url:
        roots = b"".join(root.public_bytes(Encoding.PEM) for root in roots_of(settings))
        files["trust/tsa-roots.pem"] = roots
    with transaction(engine) as connection:
        for digest in sorted({p.certificate for p in story.packages if p.certificate}):
            try:
                der = find_certificate(connection, digest.hex()).der
            except AxisError:
                continue  # the package itself carries it
            pem = read_der(der).x509.public_bytes(Encoding.PEM)
            files[f"trust/certificates/{digest.hex()[:16]}.pem"] = pem
    for kind in ("anchors", "intermediates", "crls"):
        folder: Path = settings.path(getattr(settings.trust, kind))
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.is_file() and path.suffix in {".pem", ".crt", ".cer", ".der", ".crl"}:
                files[f"trust/{kind}/{path.name}"] = path.read_bytes()
    return files


def _stamp(settings: Settings, data: bytes) -> bytes | None:
    """Return a time stamp token over the seal, or None: an outage delays no court."""
    if not settings.notary.tsa_url:
        return None
    try:
        return token_of(ask_authority(settings, data))
    except (AxisError, OSError, ValueError):
        return None
