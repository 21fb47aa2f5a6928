"""Statuses about documents that came: by a small file in their folder, or by a command.

A clerk makes a file ``03.txt`` in the folder of the document in ``inbox``; what is written in it is
what the status says. The agent takes it, and leaves ``trang-thai-03-da-gui.txt`` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from adapters.client.measuring import measure
from adapters.folder.compose import keep_package
from adapters.folder.errors import ItemUnknownError, NotADocumentError
from adapters.folder.places import Places
from adapters.folder.spool import Delivery, Job, Source, Spool
from axis.envelope.dates import parse_date, write_time
from axis.envelope.values import (
    DocumentEnvelope,
    DocumentId,
    OrganId,
    Organization,
    ResponseFor,
    StatusCode,
    StatusEnvelope,
)
from axis.envelope.writer import encode
from axis.trust.sign import Signer, sign

_FILE: Final = re.compile(r"(0[1-6]|13|15|16)\.txt", re.IGNORECASE)
_MOST_TEXT: Final = 2000


def about_of(envelope: DocumentEnvelope, *, reporter: str) -> dict[str, Any]:
    """Return what a status about a document must name, to be kept in the spool."""
    date = envelope.promulgation_info.promulgation_date
    return {
        "reporter": reporter,
        "to": str(envelope.sender.organ_id),
        "sign": envelope.code.sign,
        "date": date.raw if date else None,
        "document_id": str(envelope.document_id),
    }


def report_job(
    delivery: Delivery,
    code: StatusCode,
    places: Places,
    signer: Signer,
    *,
    now: datetime,
    said: str | None = None,
    source: Source | None = None,
    job_id: str | None = None,
) -> Job:
    """Return the job of a status, its package signed and on the disk.

    Raises:
        NotADocumentError: the delivery is a status itself.
        TokenUnavailableError: it cannot be signed now.
        UnwritableTextError: the text holds a character that XML has not.
    """
    about = delivery.about
    if not about:
        raise NotADocumentError(name=delivery.target or delivery.id)
    envelope = StatusEnvelope(
        sender=Organization(organ_id=OrganId(about["reporter"])),
        response_for=ResponseFor(
            organ_id=OrganId(about["to"]),
            code=about["sign"],
            promulgation_date=parse_date(about["date"]) if about["date"] else None,
            document_id=DocumentId(about["document_id"]),
        ),
        status_code=code,
        description=said or None,
        timestamp=write_time(now),
    )
    return Job(
        id=job_id or uuid4().hex,
        name=code.value,
        sources=(source,) if source else (),
        sha256=keep_package(sign(encode(envelope), signer), places),
        made_at=now.isoformat(),
        report_of=delivery.id,
    )


def find_delivery(spool: Spool, name: str) -> Delivery:
    """Return what came, by its folder's name, its id, or the number and notation of the document.

    Raises:
        ItemUnknownError: nothing goes by this name, or more than one thing does.
    """
    wanted = name.strip().rstrip("/").rpartition("/")[2] if "inbox/" in name else name.strip()
    found = [
        one
        for one in spool.all(Delivery, limit=100_000)
        if wanted in (one.id, one.target, one.about.get("sign"), one.about.get("document_id"))
    ]
    if len(found) != 1:
        raise ItemUnknownError(name=name)
    return found[0]


def report_files(
    places: Places, spool: Spool, *, now_s: float, settle_s: float
) -> Iterator[tuple[Delivery, StatusCode, str, Source]]:
    """Yield what clerks have asked to report by files, each that is not on its way yet."""
    busy = {
        source.path
        for job in spool.due(Job, ("ready", "accepted", "refused"), float("inf"))
        for source in job.sources
    }
    for delivery in spool.all(Delivery):
        folder = places.inbox / delivery.target if delivery.target and delivery.about else None
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            found = _FILE.fullmatch(path.name)
            if found is None or not path.is_file() or path.is_symlink():
                continue
            if now_s - path.stat().st_mtime < settle_s:
                continue
            source = Source(
                path=str(path.relative_to(places.home)), sha256=measure(path).sha256.hex()
            )
            if source.path not in busy:
                yield delivery, StatusCode(found[1]), _read(path), source


def _read(path: Path) -> str:
    """Return what a clerk wrote, by whatever editor."""
    data = path.read_bytes()[: _MOST_TEXT * 4]
    for encoding in ("utf-8-sig", "utf-16"):
        try:
            return data.decode(encoding).strip()[:_MOST_TEXT]
        except UnicodeError:
            continue
    return data.decode("cp1258", "replace").strip()[:_MOST_TEXT]
