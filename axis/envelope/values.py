"""What a package says, as values: the words of QCVN 102:2016 in snake_case.

A value fits the schema; nothing here says that it can be trusted. Texts are without surrounding
white space; an optional element that is absent or empty is None. The standard's misspellings
(``Bussiness``) stand only where XML is read and written.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum
from typing import ClassVar

import msgspec

from axis.envelope.basics import (
    DOCUMENT,
    EDXML_VERSION,
    STATUS,
    TASK,
    Attachment,
    DocumentId,
    ManifestReference,
    OrganId,
    Organization,
    SignatureKind,
    SystemId,
)
from axis.envelope.dates import WrittenDate, WrittenTime
from axis.envelope.message import Message

__all__ = [
    "DOCUMENT",
    "EDXML_VERSION",
    "STATUS",
    "TASK",
    "Attachment",
    "Business",
    "BusinessType",
    "Code",
    "DocumentEnvelope",
    "DocumentId",
    "DocumentType",
    "Envelope",
    "ManifestReference",
    "Message",
    "OrganId",
    "Organization",
    "OtherInfo",
    "PromulgationInfo",
    "Receiver",
    "ReceiverType",
    "Replacement",
    "ResponseFor",
    "ResponseForTask",
    "SignatureKind",
    "SignerInfo",
    "StaffInfo",
    "StatusCode",
    "StatusEnvelope",
    "SystemId",
    "TraceHeader",
    "compose_document_id",
]


class BusinessType(IntEnum):
    """What a document package does (BussinessDocType)."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACE = 3


class StatusCode(StrEnum):
    """What a status package reports; 13 is the sender's, all others are the receiver's."""

    ARRIVED = "01"  #: đã đến
    REFUSED = "02"  #: từ chối tiếp nhận
    REGISTERED = "03"  #: đã tiếp nhận, vào sổ
    ASSIGNED = "04"  #: phân công
    PROCESSING = "05"  #: đang xử lý
    COMPLETED = "06"  #: hoàn thành
    RECALL_REQUESTED = "13"  #: yêu cầu lấy lại
    CHANGE_AGREED = "15"  #: đồng ý cập nhật, lấy lại
    CHANGE_REFUSED = "16"  #: từ chối cập nhật, lấy lại


class ReceiverType(IntEnum):
    """What an update does to a receiver."""

    REMOVED = 0
    ADDED = 1


class Code(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Number and notation of a document."""

    number: str
    notation: str

    @property
    def sign(self) -> str:
        """The full sign, such as ``7816/VPCP-TTĐT``."""
        return f"{self.number}/{self.notation}" if self.notation else self.number


class PromulgationInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where and when the document was issued."""

    place: str | None
    promulgation_date: WrittenDate


class DocumentType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The kind of document; the number list is not enforced."""

    type: int
    type_detail: int | None = None
    type_name: str | None = None


class SignerInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who signed the document on paper or in the PDF."""

    full_name: str
    competence: str | None = None  #: such as ``KT.`` or ``TL. BỘ TRƯỞNG``
    position: str | None = None


class OtherInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Urgency, circulation, amounts and appendixes."""

    priority: int = 0  #: 0 normal, 1 urgent, 2 very urgent, 3 express, 4 express at a set hour
    sphere_of_promulgation: str | None = None
    typer_notation: str | None = None
    promulgation_amount: int | None = None
    page_amount: int | None = None
    direction: bool | None = None
    reply_fors: str | None = None
    reference_codes: str | None = None
    appendixes: tuple[str, ...] = ()


class ResponseFor(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The document that a package answers or concerns; all four may be empty in a document."""

    organ_id: OrganId | None = None
    code: str | None = None  #: the full sign
    promulgation_date: WrittenDate | None = None
    document_id: DocumentId | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it names no document at all."""
        return not (self.organ_id or self.code or self.document_id or self.promulgation_date)


class StaffInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The official who did it."""

    department: str | None = None
    department_id: str | None = None
    staff: str | None = None
    staff_id: str | None = None
    mobile: str | None = None
    email: str | None = None


class TraceHeader(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One hop as an earlier system wrote it; proves nothing."""

    organ_id: OrganId | None
    timestamp: WrittenTime | None


class Receiver(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A receiver that an update adds or removes."""

    organ_id: OrganId
    receiver_type: ReceiverType


class Replacement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A document that is replaced, and for whom; no organ_ids means for all its receivers."""

    document_id: DocumentId
    organ_ids: tuple[OrganId, ...] = ()


class Business(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the package does (Bussiness); an absent element means a new document."""

    doc_type: BusinessType = BusinessType.NEW
    reason: str | None = None
    document_id: DocumentId | None = None  #: of the document recalled or updated
    document_info: bool | None = None  #: an update changes the document's content
    document_receiver: bool | None = None  #: an update changes the list of receivers
    receivers: tuple[Receiver, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    paper: bool | None = None  #: a paper copy is sent too
    staff_info: StaffInfo | None = None


class ResponseForTask(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The tasks that a document answers (an extension of the Java SDK)."""

    task_codes: tuple[str, ...] = ()
    application_type: str | None = None


class DocumentEnvelope(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="said", tag=DOCUMENT
):
    """A document package: new, recall, update or replace."""

    type: ClassVar[str] = DOCUMENT
    version: ClassVar[str] = EDXML_VERSION
    is_status: ClassVar[bool] = False
    order_key: ClassVar[str | None] = None
    sender: Organization
    recipients: tuple[Organization, ...]  #: one at least, in the order written
    document_id: DocumentId
    code: Code
    promulgation_info: PromulgationInfo
    document_type: DocumentType
    subject: str
    signer_info: SignerInfo
    content: str | None = None
    due_date: WrittenDate | None = None
    other_info: OtherInfo = OtherInfo()
    response_for: tuple[ResponseFor, ...] = ()
    steering_type: int | None = None  #: 0 no directive, 1 directive, 2 report on a directive
    to_places: tuple[str, ...] = ()
    response_for_task: ResponseForTask | None = None
    trace: tuple[TraceHeader, ...] = ()
    business: Business = Business()
    manifest: tuple[ManifestReference, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    signature: SignatureKind = SignatureKind.NONE

    @property
    def priority(self) -> int:
        """0 normal … 4 express at a set hour."""
        return self.other_info.priority

    @property
    def does(self) -> str:
        """What it does, as policies name it: new, recall, update, replace."""
        return self.business.doc_type.name.lower()

    @property
    def is_change(self) -> bool:
        """Whether it is about a document that was sent before."""
        return self.business.doc_type is not BusinessType.NEW

    @property
    def addresses(self) -> tuple[OrganId, ...]:
        """Whom it is for, each once, in the order written."""
        return tuple(dict.fromkeys(recipient.organ_id for recipient in self.recipients))

    @property
    def added(self) -> tuple[OrganId, ...]:
        """The receivers that it adds to those of an earlier document."""
        return tuple(
            receiver.organ_id
            for receiver in self.business.receivers
            if receiver.receiver_type is ReceiverType.ADDED
        )

    @property
    def named(self) -> str:
        """What the records keep it under."""
        return self.document_id

    @property
    def sign(self) -> str:
        """The number that people call it by."""
        return self.code.sign

    @property
    def title(self) -> str:
        """What it is about, in words."""
        return self.subject

    @property
    def due_on(self) -> date | None:
        """The day by which it is to be answered."""
        return self.due_date.date if self.due_date else None

    @property
    def answers(self) -> frozenset[str]:
        """The DocumentIds that it answers; a change names in ResponseFor what it changes."""
        if self.is_change:
            return frozenset()
        return frozenset(one.document_id for one in self.response_for if one.document_id)

    @property
    def stories(self) -> frozenset[tuple[str, str]]:
        """What it belongs to beyond its own DocumentId: the tasks that it answers."""
        if self.response_for_task is None:
            return frozenset()
        return frozenset((TASK, code) for code in self.response_for_task.task_codes if code)


class StatusEnvelope(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="said", tag=STATUS
):
    """A status package: how far a document got at its receiver, or a request about it."""

    type: ClassVar[str] = STATUS
    version: ClassVar[str] = EDXML_VERSION
    does: ClassVar[str] = STATUS  #: as policies name it
    is_status: ClassVar[bool] = True
    is_change: ClassVar[bool] = False
    due_on: ClassVar[date | None] = None
    added: ClassVar[tuple[OrganId, ...]] = ()
    answers: ClassVar[frozenset[str]] = frozenset()
    stories: ClassVar[frozenset[tuple[str, str]]] = frozenset()
    manifest: ClassVar[tuple[ManifestReference, ...]] = ()
    attachments: ClassVar[tuple[Attachment, ...]] = ()
    sender: Organization
    response_for: ResponseFor  #: its organ_id is the office that the status is for
    status_code: StatusCode
    description: str | None
    timestamp: WrittenTime
    staff_info: StaffInfo | None = None
    trace: tuple[TraceHeader, ...] = ()
    signature: SignatureKind = SignatureKind.NONE

    @property
    def addresses(self) -> tuple[OrganId, ...]:
        """Whom it is for: the office that sent the document."""
        return (self.response_for.organ_id or OrganId(""),)

    @property
    def named(self) -> str:
        """What the records keep it under: the DocumentId that it is about."""
        return self.response_for.document_id or ""

    @property
    def sign(self) -> str | None:
        """The number of the document that it is about."""
        return self.response_for.code

    @property
    def title(self) -> str | None:
        """What happened, in words."""
        return self.description


Envelope = DocumentEnvelope | StatusEnvelope | Message


def compose_document_id(organ_id: str, day: date, code: Code) -> DocumentId:
    """Return the standard's form ``OrganId,yyyy/MM/dd,Number/Notation``."""
    return DocumentId(f"{organ_id},{day.year:04d}/{day.month:02d}/{day.day:02d},{code.sign}")
