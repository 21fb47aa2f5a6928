"""Unsigned packages for the relay's tests."""

from __future__ import annotations

from datetime import date

from axis.envelope.dates import parse_time, write_date
from axis.envelope.values import (
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
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
    compose_document_id,
)
from axis.envelope.writer import encode

DAY = date(2015, 9, 30)
G22, H41, H14 = "000.00.00.G22", "000.00.00.H41", "000.00.00.H14"


def document(
    number: int | str = 7816,
    *,
    sender: str = G22,
    to: tuple[str, ...] = (H41,),
    priority: int = 0,
    content: bytes = b"%PDF-1.4 content",
    business: BusinessType = BusinessType.NEW,
) -> DocumentEnvelope:
    code = Code(number=str(number), notation="VPCP-TTĐT")
    return DocumentEnvelope(
        sender=Organization(organ_id=OrganId(sender), organ_name="Nơi gửi"),
        recipients=tuple(Organization(organ_id=OrganId(one), organ_name="Nơi nhận") for one in to),
        document_id=compose_document_id(sender, DAY, code),
        code=code,
        promulgation_info=PromulgationInfo(place="Hà Nội", promulgation_date=write_date(DAY)),
        document_type=DocumentType(type=1, type_name="Công văn"),
        subject="V/v thử nghiệm",
        signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
        other_info=OtherInfo(priority=priority),
        business=Business(doc_type=business),
        manifest=(
            ManifestReference(
                content_id="1", attachment_name="van-ban.pdf", content_type="application/pdf"
            ),
        ),
    )


def package(envelope: DocumentEnvelope, content: bytes = b"%PDF-1.4 content") -> bytes:
    return encode(envelope, {"1": content})


def status(code: StatusCode, about: DocumentEnvelope, *, reporter: str, target: str) -> bytes:
    timestamp = parse_time("2015/10/01 08:00:00")
    assert timestamp is not None
    return encode(
        StatusEnvelope(
            sender=Organization(organ_id=OrganId(reporter), organ_name="Nơi báo"),
            response_for=ResponseFor(
                organ_id=OrganId(target),
                code=about.code.sign,
                promulgation_date=about.promulgation_info.promulgation_date,
                document_id=about.document_id,
            ),
            status_code=code,
            description="Đã đến",
            timestamp=timestamp,
        ),
        {},
    )
