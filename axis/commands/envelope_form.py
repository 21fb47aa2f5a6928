"""A form that a person or a script fills in, and the envelope that it becomes.

The form is TOML or JSON with the keys below; every key that is not known is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from axis.envelope.dates import VIETNAM, WrittenDate, parse_date, write_date, write_time
from axis.envelope.errors import FormError, RetiredStatusError
from axis.envelope.values import (
    Attachment,
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    Envelope,
    ManifestReference,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    Replacement,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusEnvelope,
    TraceHeader,
    compose_document_id,
)
from axis.envelope.writer import attach
from axis.structs import ready

_BUSINESS: Final = {
    "new": BusinessType.NEW,
    "recall": BusinessType.RECALL,
    "update": BusinessType.UPDATE,
    "replace": BusinessType.REPLACE,
}
#: What the standard's own samples write.
_NEW_REASON: Final = "Văn bản điện tử mới"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a form; unknown keys are refused."""


class OfficeForm(_Part, frozen=True):
    """An office: its code, and whatever else is known."""

    organ_id: str
    organization_in_charge: str | None = None
    organ_name: str | None = None
    organ_add: str | None = None
    email: str | None = None
    telephone: str | None = None
    fax: str | None = None
    website: str | None = None


class AboutForm(_Part, frozen=True):
    """An earlier document that the package answers or concerns."""

    organ_id: str | None = None
    code: str | None = None
    promulgation_date: str | None = None
    document_id: str | None = None


class ReplacementForm(_Part, frozen=True):
    """A document that is replaced, and for whom."""

    document_id: str
    organ_ids: list[str] = []


class StaffForm(_Part, frozen=True):
    """The official who sends the package."""

    department: str | None = None
    staff: str | None = None
    mobile: str | None = None
    email: str | None = None


class Form(_Part, frozen=True):
    """Everything that a new package can say. Offices are codes or tables with ``organ_id``."""

    sender: OfficeForm | str
    type: Literal["new", "recall", "update", "replace", "status"] = "new"
    recipients: list[OfficeForm | str] = []
    number: str | None = None
    notation: str | None = None
    subject: str | None = None
    signer: str | None = None
    document_id: str | None = None
    date: str | None = None
    place: str | None = None
    document_type: int = 18
    type_name: str = "Công văn"
    competence: str | None = None
    position: str | None = None
    content: str | None = None
    due_date: str | None = None
    priority: int = 0
    sphere: str | None = None
    pages: int | None = None
    copies: int | None = None
    appendixes: list[str] = []
    steering_type: int | None = None
    to_places: list[str] = []
    about: list[AboutForm] = []
    reason: str | None = None
    added: list[str] = []
    removed: list[str] = []
    replaces: list[ReplacementForm] = []
    paper: bool | None = None
    status_code: str | None = None
    description: str | None = None
    staff: StaffForm | None = None


def parse_form(text: str, overrides: Mapping[str, object], *, source: str) -> Form:
    """Read a form from TOML or JSON (which begins with a brace); overrides win.

    Raises:
        FormError: it cannot be read, a key is unknown, or a value is of the wrong kind.
    """
    try:
        decoder = msgspec.json if text.lstrip().startswith("{") else msgspec.toml
        values: dict[str, Any] = decoder.decode(text, type=dict)
        return msgspec.convert(values | dict(overrides), ready(Form))
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FormError(source=source, got=str(error)) from error


def compose(
    form: Form, files: Sequence[tuple[str, str | None, bytes]], *, now: datetime
) -> tuple[Envelope, dict[str, bytes]]:
    """Return the envelope that a form describes, and the attachments' bytes by content id.

    Args:
        form: what to say; the date defaults to today and the DocumentId to the standard's form.
        files: name, declared type and bytes of each attachment.
        now: the instant of sending.

    Raises:
        FormError: a key that this type of package needs is missing or is no date or status.
    """
    if form.type == "status":
        if files:
            raise FormError(source="type = status", got="attachments")
        return _status(form, now), {}
    bytes_by_id: dict[str, bytes] = {}
    manifest: list[ManifestReference] = []
    attachments: list[Attachment] = []
    for index, (name, content_type, data) in enumerate(files, start=1):
        content_id = f"{index:03d}-{hashlib.sha256(data).hexdigest()[:24]}"
        reference, attachment = attach(
            content_id, name, data, content_type=content_type, description=name
        )
        bytes_by_id[content_id] = data
        manifest.append(reference)
        attachments.append(attachment)
    return _document(form, tuple(manifest), tuple(attachments), now), bytes_by_id


def _document(
    form: Form,
    manifest: tuple[ManifestReference, ...],
    attachments: tuple[Attachment, ...],
    now: datetime,
) -> DocumentEnvelope:
    sender = _office(form.sender)
    code = Code(number=_need(form, "number"), notation=_need(form, "notation"))
    today = now.astimezone(VIETNAM).date()
    issued = _date(form.date, "date") or write_date(today)
    named = form.document_id or compose_document_id(sender.organ_id, issued.date or today, code)
    if not form.recipients:
        raise FormError(source=f"type = {form.type}", got="recipients = []")
    return DocumentEnvelope(
        sender=sender,
        recipients=tuple(map(_office, form.recipients)),
        document_id=DocumentId(named),
        code=code,
        promulgation_info=PromulgationInfo(place=form.place, promulgation_date=issued),
        document_type=DocumentType(type=form.document_type, type_name=form.type_name),
        subject=_need(form, "subject"),
        signer_info=SignerInfo(
            full_name=_need(form, "signer"), competence=form.competence, position=form.position
        ),
        content=form.content,
        due_date=_date(form.due_date, "due_date"),
        other_info=OtherInfo(
            priority=form.priority,
            sphere_of_promulgation=form.sphere,
            promulgation_amount=form.copies,
            page_amount=form.pages,
            appendixes=tuple(form.appendixes),
        ),
        response_for=tuple(map(_about, form.about)),
        steering_type=form.steering_type,
        to_places=tuple(form.to_places),
        trace=(TraceHeader(organ_id=sender.organ_id, timestamp=write_time(now)),),
        business=_business(form),
        manifest=manifest,
        attachments=attachments,
    )


def _business(form: Form) -> Business:
    changes = [(code, ReceiverType.REMOVED) for code in form.removed]
    changes += [(code, ReceiverType.ADDED) for code in form.added]
    update = form.type == "update"
    about = next((one.document_id for one in form.about if one.document_id), None)
    return Business(
        doc_type=_BUSINESS[form.type],
        reason=form.reason or (_NEW_REASON if form.type == "new" else _need(form, "reason")),
        document_id=DocumentId(about) if about and form.type in {"recall", "update"} else None,
        document_info=not changes if update else None,
        document_receiver=bool(changes) if update else None,
        receivers=tuple(
            Receiver(organ_id=OrganId(code), receiver_type=kind) for code, kind in changes
        ),
        replacements=tuple(
            Replacement(
                document_id=DocumentId(one.document_id),
                organ_ids=tuple(map(OrganId, one.organ_ids)),
            )
            for one in form.replaces
        ),
        paper=form.paper,
        staff_info=_staff(form),
    )


def _status(form: Form, now: datetime) -> StatusEnvelope:
    written = _need(form, "status_code")
    if written == "14":
        raise RetiredStatusError(expected="15 | 16", got=written)
    try:
        code = StatusCode(written)
    except ValueError as error:
        raise FormError(source="status_code", got=written) from error
    if len(form.about) != 1:
        raise FormError(source="about", got=f"{len(form.about)} ≠ 1")
    return StatusEnvelope(
        sender=_office(form.sender),
        response_for=_about(form.about[0]),
        status_code=code,
        description=form.description or form.reason,
        timestamp=write_time(now),
        staff_info=_staff(form),
    )


def _office(written: OfficeForm | str) -> Organization:
    if isinstance(written, str):
        return Organization(organ_id=OrganId(written))
    known: dict[str, Any] = msgspec.structs.asdict(written)
    return Organization(**known)


def _about(written: AboutForm) -> ResponseFor:
    return ResponseFor(
        organ_id=OrganId(written.organ_id) if written.organ_id else None,
        code=written.code,
        promulgation_date=_date(written.promulgation_date, "promulgation_date"),
        document_id=DocumentId(written.document_id) if written.document_id else None,
    )


def _staff(form: Form) -> StaffInfo | None:
    return None if form.staff is None else StaffInfo(**msgspec.structs.asdict(form.staff))


def _date(text: str | None, key: str) -> WrittenDate | None:
    if text is None:
        return None
    written = parse_date(text)
    if written is None or written.date is None:
        raise FormError(source=key, got=text)
    return write_date(written.date)


def _need(form: Form, key: str) -> str:
    value: str | None = getattr(form, key)
    if not value:
        raise FormError(source=f"type = {form.type}", got=f"{key} = –")
    return value
