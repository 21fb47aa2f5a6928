"""The papers of the demo: the real sample packages readdressed, or ones of the same shapes.

The samples that come with today's client are used where they are at hand: their texts and their
attachment, with the country's offices as sender and addressees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from adapters.demo.country import name_of
from axis.envelope.dates import write_date, write_time
from axis.envelope.reader import attachment_bytes, read
from axis.envelope.tree import parse_tree
from axis.envelope.values import (
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    ManifestReference,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    ResponseFor,
    SignerInfo,
    StatusCode,
    StatusEnvelope,
    TraceHeader,
    compose_document_id,
)
from axis.envelope.writer import encode

DIRECTIVE_CODE: Final = Code(number="7816", notation="VPCP-TTĐT")
REPORT_CODE: Final = Code(number="12", notation="BC-UBND")
DAY: Final = date(2015, 9, 30)

_TEXT: Final = (
    "Văn phòng Chính phủ yêu cầu Ủy ban nhân dân tỉnh chỉ đạo kết nối phần mềm quản lý văn bản "
    "của tỉnh và các xã với trục liên thông văn bản quốc gia.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An unsigned package and what it says."""

    envelope: DocumentEnvelope | StatusEnvelope
    package: bytes


class Papers:
    """Writes packages in the shapes of the samples."""

    def __init__(self, samples: Path | None, *, now: datetime) -> None:
        self.samples = samples if samples and samples.is_dir() else None
        self._now = now

    def directive(
        self, sender: str, recipients: tuple[str, ...], *, code: Code = DIRECTIVE_CODE
    ) -> Paper:
        """Return a new document, urgent (Priority 1), with one attachment."""
        template, files = self._document("edoc_new.edxml")
        envelope = replace(
            template,
            sender=_office(sender),
            recipients=tuple(_office(code) for code in recipients),
            code=code,
            document_id=compose_document_id(sender, DAY, code),
            promulgation_info=PromulgationInfo(place="Hà Nội", promulgation_date=write_date(DAY)),
            other_info=replace(template.other_info, priority=1),
            trace=(self._hop(sender),),
            business=Business(doc_type=BusinessType.NEW),
        )
        return self._paper(envelope, files)

    def recall(self, sender: str, recipients: tuple[str, ...]) -> Paper:
        """Return a recall of the directive (BussinessDocType 1)."""
        template, files = self._document("edoc_revocation.edxml")
        document_id = compose_document_id(sender, DAY, DIRECTIVE_CODE)
        envelope = replace(
            template,
            sender=_office(sender),
            recipients=tuple(_office(code) for code in recipients),
            code=DIRECTIVE_CODE,
            document_id=document_id,
            response_for=(
                ResponseFor(
                    organ_id=OrganId(sender),
                    code=DIRECTIVE_CODE.sign,
                    promulgation_date=write_date(DAY),
                    document_id=document_id,
                ),
            ),
            trace=(self._hop(sender),),
            business=Business(
                doc_type=BusinessType.RECALL,
                reason="Thu hồi văn bản điện tử",
                document_id=document_id,
            ),
        )
        return self._paper(envelope, files)

    def report(self, sender: str, recipient: str, *, code: Code = REPORT_CODE) -> Paper:
        """Return a commune's report that answers the directive."""
        template, files = self._document("edoc_new.edxml")
        today = self._now.date()
        envelope = replace(
            template,
            sender=_office(sender),
            recipients=(_office(recipient),),
            code=code,
            document_id=compose_document_id(sender, today, code),
            promulgation_info=PromulgationInfo(
                place="Nghệ An", promulgation_date=write_date(today)
            ),
            document_type=DocumentType(type=14, type_name="Báo cáo"),
            subject="Báo cáo kết quả kết nối phần mềm quản lý văn bản",
            content=None,
            due_date=None,
            other_info=OtherInfo(),
            steering_type=2,
            trace=(self._hop(sender),),
            business=Business(),
        )
        return self._paper(envelope, files)

    def status(
        self,
        code: StatusCode,
        *,
        reporter: str,
        about: DocumentEnvelope,
        target: str | None = None,
        text: str,
    ) -> Paper:
        """Return a status package about a document; it goes to ``target``, else to its sender."""
        envelope = StatusEnvelope(
            sender=_office(reporter),
            response_for=ResponseFor(
                organ_id=OrganId(target or about.sender.organ_id),
                code=about.code.sign,
                promulgation_date=about.promulgation_info.promulgation_date,
                document_id=about.document_id,
            ),
            status_code=code,
            description=text,
            timestamp=write_time(self._now),
        )
        return self._paper(envelope, {})

    def _document(self, name: str) -> tuple[DocumentEnvelope, dict[str, bytes]]:
        if self.samples is not None:
            tree = parse_tree((self.samples / name).read_bytes())
            envelope = read(tree)
            assert isinstance(envelope, DocumentEnvelope)  # noqa: S101  so are these samples
            files = {
                one.content_id: b"".join(attachment_bytes(tree, one.content_id))
                for one in envelope.attachments
            }
            return envelope, files
        content = (_TEXT * 40).encode()
        return (
            DocumentEnvelope(
                sender=Organization(organ_id=OrganId("")),
                recipients=(),
                document_id=DocumentId(""),
                code=DIRECTIVE_CODE,
                promulgation_info=PromulgationInfo(
                    place="Hà Nội", promulgation_date=write_date(DAY)
                ),
                document_type=DocumentType(type=1, type_name="Công văn"),
                subject="V/v kết nối, liên thông phần mềm quản lý văn bản",
                signer_info=SignerInfo(
                    competence="TL. BỘ TRƯỞNG", position="Cục trưởng", full_name="Nguyễn Văn Mẫu"
                ),
                content="V/v kết nối, liên thông phần mềm quản lý văn bản",
                steering_type=1,
                to_places=("Ủy ban nhân dân các tỉnh, thành phố",),
                manifest=(
                    ManifestReference(
                        content_id="209",
                        attachment_name="7816_VPCP-TTĐT.txt",
                        content_type="text/plain",
                    ),
                ),
            ),
            {"209": content},
        )

    def _hop(self, code: str) -> TraceHeader:
        return TraceHeader(organ_id=OrganId(code), timestamp=write_time(self._now))

    @staticmethod
    def _paper(envelope: DocumentEnvelope | StatusEnvelope, files: dict[str, bytes]) -> Paper:
        return Paper(envelope=envelope, package=encode(envelope, files))


def _office(code: str) -> Organization:
    return Organization(organ_id=OrganId(code), organ_name=name_of(code))
