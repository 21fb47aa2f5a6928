"""Makes the package of what was dropped: read, composed from its form, signed, and written down.

A signature is made once. The bytes and the job go to the disk before anything is sent, so that
after a crash the same bytes go out, which the axis takes for the same package.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from adapters.client.errors import words
from adapters.client.measuring import measure
from adapters.folder.drops import Drop
from adapters.folder.errors import DroppedUnreadableError, FileNamedError
from adapters.folder.places import Places, keep, sync_folder
from adapters.folder.settings import AgentSettings
from adapters.folder.spool import Job, Source, Told
from axis.commands.envelope_form import Form, compose, parse_form
from axis.envelope.diagnosis import diagnose
from axis.envelope.errors import FormError
from axis.envelope.limits import Limits
from axis.envelope.package import parse
from axis.envelope.values import DocumentEnvelope, SignatureKind
from axis.envelope.writer import encode
from axis.errors import AxisError, Fault, Lang
from axis.trust.sign import Signer, sign
from axis.trust.values import Shape

#: What a form is answered with where it does not fit is said by the axis's own limits later.
LIMITS: Final = Limits(package_bytes=256 * 1024 * 1024)


def make_job(
    drop: Drop, settings: AgentSettings, places: Places, signer: Signer, *, now: datetime
) -> Job:
    """Return the job of a drop, its package on the disk; one that can never pass is refused.

    Raises:
        AxisError: it cannot be made now (fault OUTAGE), such as without the token.
    """
    sources: list[Source] = []
    try:
        sources = [_source(path, places) for path in drop.paths]
        package, parts = _package(drop, settings, signer, now)
    except AxisError as error:
        if error.fault is not Fault.INPUT:
            raise
        told = told_of(error, settings.lang, _all_that_is_wrong(drop, error))
        return Job(
            id=uuid4().hex,
            state="refused",
            name=drop.name,
            sources=tuple(sources),
            told=told,
            made_at=now.isoformat(),
        )
    for part in parts:
        _keep_part(part, places)
    return Job(
        id=uuid4().hex,
        name=drop.name,
        sources=tuple(sources),
        sha256=keep_package(package, places),
        parts=tuple(measure(part).sha256.hex() for part in parts),
        made_at=now.isoformat(),
        document_id=document_id_of(package),
    )


def keep_package(package: bytes, places: Places) -> str:
    """Write a package's bytes durably under their SHA-256, and return it."""
    digest = hashlib.sha256(package).hexdigest()
    keep(places.bytes / digest, package)
    return digest


def signed_package(data: bytes, signer: Signer, *, apart: bool | None = None) -> bytes:
    """Return a package signed by the office; one that is signed goes as it is.

    Raises:
        AxisError: it is no package, or it cannot be signed now (fault OUTAGE).
    """
    found = parse(data, LIMITS, attachments_apart=apart)
    return data if found.envelope.signature is SignatureKind.XMLDSIG else sign(data, signer)


def document_id_of(package: bytes) -> str | None:
    """Return what statuses about a package will name; None for a status."""
    envelope = parse(package, LIMITS, attachments_apart=True).envelope
    return str(envelope.document_id) if isinstance(envelope, DocumentEnvelope) else None


def told_of(error: AxisError, lang: Lang, more: Sequence[str] = ()) -> Told:
    """Return why something was refused, in the clerk's language."""
    text, hint = words(error, lang)
    return Told(code=error.code, text=text, hint=hint, more=tuple(more))


def _package(
    drop: Drop, settings: AgentSettings, signer: Signer, now: datetime
) -> tuple[bytes, list[Path]]:
    if drop.package is not None:
        data = _read(drop.package)
        signed = signed_package(data, signer, apart=bool(drop.others) or None)
        return signed, list(drop.others)
    assert drop.form is not None  # noqa: S101  a drop is one of both
    form = _form(drop.form, settings)
    if form.type != "status" and not drop.others:
        raise FileNamedError(name=drop.form.name)
    files = [(path.name, mimetypes.guess_type(path.name)[0], _read(path)) for path in drop.others]
    envelope, by_id = compose(form, files, now=now)
    large = {key: data for key, data in by_id.items() if len(data) > settings.apart_bytes}
    if not large:
        return sign(encode(envelope, by_id), signer), []
    inside = {key: data for key, data in by_id.items() if key not in large}
    digests = {key: hashlib.sha256(data).digest() for key, data in large.items()}
    package = sign(encode(envelope, inside), signer, Shape.MANIFEST, apart=digests)
    apart = [
        path
        for path, data in zip(drop.others, by_id.values(), strict=True)
        if data in large.values()
    ]
    return package, apart


def _form(path: Path, settings: AgentSettings) -> Form:
    """Read a form; who sends is the office where nothing else is said."""
    try:
        text = _read(path).decode("utf-8-sig")
        decoder = msgspec.json if text.lstrip().startswith("{") else msgspec.toml
        given = decoder.decode(text, type=dict)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FormError(source=path.name, got=str(error)) from error
    overrides = {} if "sender" in given else {"sender": settings.office}
    if "status_code" in given and "type" not in given:
        overrides["type"] = "status"
    return parse_form(text, overrides, source=path.name)


def _all_that_is_wrong(drop: Drop, error: AxisError) -> list[str]:
    """Return what else is wrong with a package, so that it can be mended in one go."""
    if drop.package is None:
        return []
    try:
        found = diagnose(drop.package.read_bytes(), LIMITS)
    except (OSError, AxisError):
        return []
    return [f"{one.text('vi')} → {one.hint('vi')}" for one in found if one != error.refusal]


def _source(path: Path, places: Places) -> Source:
    try:
        digest = measure(path).sha256.hex()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise DroppedUnreadableError(name=path.name, reason=reason) from error
    return Source(path=str(path.relative_to(places.home)), sha256=digest)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise DroppedUnreadableError(name=path.name, reason=reason) from error


def _keep_part(path: Path, places: Places) -> None:
    """Copy what travels apart, so that nobody takes it away while it is on its way."""
    target = places.bytes / measure(path).sha256.hex()
    if not target.exists():
        part = target.with_suffix(".part")
        shutil.copyfile(path, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
