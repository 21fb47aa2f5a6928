"""Packages of our own, of the shapes that circulate: what the tests begin from."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import replace

from axis.envelope.dates import WrittenDate, write_date, write_time
from axis.envelope.values import (
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    Replacement,
    ResponseFor,
    ResponseForTask,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusEnvelope,
    TraceHeader,
)
from axis.envelope.writer import Order, attach, encode

PDF = b"%PDF-1.4 an example, not a real document\n"
ZIP = b"PK\x03\x04" + bytes(40)
EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

OFFICE = Organization(
    organ_id=OrganId("000.00.00.G22"),
    organization_in_charge="Văn phòng Chính phủ",
    organ_name="Văn phòng Chính phủ",
    organ_add="Số 1 Hoàng Hoa Thám, Quận Ba Đình, Hà Nội",
    email="mau@example.gov.vn",
    telephone="0000000",
    fax="(00)0000000",
    website="example.gov.vn",
)
PROVINCE = Organization(organ_id=OrganId("000.00.00.H41"), organ_name="UBND Tỉnh Nghệ An")
COMMUNE = Organization(organ_id=OrganId("H14.12"), organ_name="UBND xã Mẫu")
STAFF = StaffInfo(department="Văn thư", staff="Nguyễn Thị Mẫu", mobile="0000", email="a@example.vn")
EARLIER = DocumentId("000.00.00.G22,2015/09/30,7806/VPCP-TTĐT")
_REFERENCE, _ATTACHMENT = attach(
    "209", "7816 công văn.pdf", PDF, content_type="application/pdf", description="bản chính"
)


def document(kind: BusinessType = BusinessType.NEW) -> DocumentEnvelope:
    """Return a document package with everything in it, of one of the four types."""
    return DocumentEnvelope(
        sender=OFFICE,
        recipients=(PROVINCE, COMMUNE),
        document_id=DocumentId("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"),
        code=Code(number="7816", notation="VPCP-TTĐT"),
        promulgation_info=PromulgationInfo(
            place="Hà Nội", promulgation_date=write_date(date(2015, 9, 30))
        ),
        document_type=DocumentType(type=1, type_detail=0, type_name="Công văn"),
        subject="V/v kết nối, liên thông phần mềm quản lý văn bản",
        signer_info=SignerInfo(
            full_name="Nguyễn Văn Mẫu", competence="TL. BỘ TRƯỞNG", position="Cục trưởng"
        ),
        content="Nội dung & <ghi chú>",
        due_date=write_date(date(2015, 10, 30)),
        other_info=OtherInfo(
            priority=2,
            sphere_of_promulgation="Lưu hành nội bộ",
            typer_notation="TVC",
            promulgation_amount=2,
            page_amount=22,
            direction=False,
            appendixes=("Phụ lục I", "Phụ lục II"),
        ),
        response_for=(
            ResponseFor(organ_id=OrganId("000.00.00.H14"), code="267/UBND", document_id=EARLIER),
            ResponseFor(),
        ),
        steering_type=1,
        to_places=("Các bộ", "UBND các tỉnh"),
        response_for_task=ResponseForTask(task_codes=("T1", "T2"), application_type="1"),
        trace=(
            TraceHeader(
                organ_id=OrganId("000.00.00.G22"),
                timestamp=write_time(datetime(2015, 9, 30, 1, 2, 3, tzinfo=UTC)),
            ),
        ),
        business=business(kind),
        manifest=(_REFERENCE,),
        attachments=(_ATTACHMENT,),
    )


def business(kind: BusinessType) -> Business:
    """Return the business of a package of one of the four types."""
    common = Business(doc_type=kind, reason="Lý do", paper=False, staff_info=STAFF)
    if kind is BusinessType.RECALL:
        return replace(common, document_id=EARLIER)
    if kind is BusinessType.UPDATE:
        return replace(
            common,
            document_id=EARLIER,
            document_info=True,
            document_receiver=True,
            receivers=(
                Receiver(organ_id=OrganId("H14"), receiver_type=ReceiverType.REMOVED),
                Receiver(organ_id=OrganId("H17"), receiver_type=ReceiverType.ADDED),
            ),
        )
    if kind is BusinessType.REPLACE:
        return replace(
            common,
            replacements=(
                Replacement(document_id=EARLIER, organ_ids=(OrganId("H14"), OrganId("H17"))),
                Replacement(document_id=DocumentId("9fbfbad2-f1f8-4256-a2eb-50fb1061cddb")),
            ),
        )
    return common


def status(code: StatusCode = StatusCode.ARRIVED) -> StatusEnvelope:
    """Return a status package."""
    return StatusEnvelope(
        sender=PROVINCE,
        response_for=ResponseFor(
            organ_id=OrganId("000.00.00.G22"),
            code="7816/VPCP-TTĐT",
            promulgation_date=WrittenDate("2015/09/30", date(2015, 9, 30)),
            document_id=DocumentId("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"),
        ),
        status_code=code,
        description="Văn thư: đã đến",
        timestamp=write_time(datetime(2015, 10, 1, 1, 2, 3, tzinfo=UTC)),
        staff_info=STAFF,
    )


def document_bytes(
    kind: BusinessType = BusinessType.NEW, *, order: Order = Order.STANDARD
) -> bytes:
    """Return the bytes of :func:`document`."""
    return encode(document(kind), {"209": PDF}, order=order)


def status_bytes(code: StatusCode = StatusCode.ARRIVED) -> bytes:
    """Return the bytes of :func:`status`."""
    return encode(status(code))


def signature(*references: str) -> bytes:
    """Return a ds:Signature of the right shape that holds for nothing."""
    ds = "http://www.w3.org/2000/09/xmldsig#"
    written = "".join(
        f'<Reference URI="{uri}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        "<DigestValue>AAAA</DigestValue></Reference>"
        for uri in references or ("",)
    )
    return (
        f'<Signature xmlns="{ds}"><SignedInfo>'
        '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{written}</SignedInfo><SignatureValue>AAAA</SignatureValue></Signature>"
    ).encode()


def put(body: bytes, before: str, inserted: bytes | str) -> bytes:
    """Return a package with something inserted before the first occurrence of a text."""
    return swap(
        body, before, (inserted if isinstance(inserted, str) else inserted.decode()) + before
    )


def swap(body: bytes, old: str, new: str, *, times: int = 1) -> bytes:
    """Return a package with a text replaced, which must be there."""
    assert old.encode() in body, old
    return body.replace(old.encode(), new.encode(), times)
