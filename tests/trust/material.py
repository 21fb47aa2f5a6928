"""Packages and keys for these tests: written here by hand, not by the code under test."""

# ruff: noqa: E501

from __future__ import annotations

import base64
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from axis.trust.certificates import Certificate
from axis.trust.sign import Signer

Q = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DS = "http://www.w3.org/2000/09/xmldsig#"
CONTENT = "Nội dung của tệp đính kèm – bản gốc.".encode() * 40

_HEADER = """\
<edXML:MessageHeader>
<edXML:From><edXML:OrganId>G22</edXML:OrganId><edXML:OrganName>Văn phòng Chính phủ &amp; các đơn vị</edXML:OrganName></edXML:From>
<edXML:To><edXML:OrganId>H49</edXML:OrganId><edXML:OrganName>UBND tỉnh Quảng Ninh</edXML:OrganName></edXML:To>
<edXML:Code><edXML:CodeNumber>7816</edXML:CodeNumber><edXML:CodeNotation>VPCP-TTĐT</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:Place>Hà Nội</edXML:Place><edXML:PromulgationDate>2026/03/02</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>
<edXML:Subject>V/v triển khai trục liên thông văn bản</edXML:Subject>
<edXML:Content>V/v triển khai</edXML:Content>
<edXML:SignerInfo><edXML:FullName>Nguyễn Văn A</edXML:FullName></edXML:SignerInfo>
<edXML:OtherInfo><edXML:Priority>1</edXML:Priority></edXML:OtherInfo>
<edXML:SteeringType>1</edXML:SteeringType>
<edXML:DocumentId>G22,2026/03/02,7816/VPCP-TTĐT</edXML:DocumentId>
</edXML:MessageHeader>
<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>G22</edXML:OrganId>\
<edXML:Timestamp>2026/03/02 08:00:00</edXML:Timestamp></edXML:TraceHeader></edXML:TraceHeaderList>"""


def package(
    contents: dict[str, bytes] | None = None, *, signature: str = "", prefix: str = "cid:"
) -> bytes:
    """Return an unsigned package; ``contents`` are its attachments by ContentId."""
    files = {"a-1": CONTENT, "a-2": b"%PDF-1.7 \x00\xff"} if contents is None else contents
    listed = "".join(
        f"<edXML:Reference><edXML:ContentId>{prefix}{name}</edXML:ContentId>"
        f"<edXML:ContentType>application/pdf</edXML:ContentType>"
        f"<edXML:AttachmentName>{name}.pdf</edXML:AttachmentName></edXML:Reference>"
        for name in files
    )
    inline = "".join(
        f"<Attachment><ContentId>{name}</ContentId><AttachmentName>{name}.pdf</AttachmentName>"
        f"<ContentType>application/pdf</ContentType><edXML:ContentTransferEncoded "
        f'xmlns:edXML="{Q}">{base64.b64encode(data).decode()}</edXML:ContentTransferEncoded>'
        "</Attachment>"
        for name, data in files.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<edXML xmlns="{Q}">\n<edXML:edXMLEnvelope xmlns:edXML="{Q}">\n<edXML:edXMLHeader>\n'
        f"{_HEADER}\n{signature}</edXML:edXMLHeader>\n<edXML:edXMLBody>"
        f'<edXML:edXMLManifest version="1.0">{listed}</edXML:edXMLManifest></edXML:edXMLBody>\n'
        f"</edXML:edXMLEnvelope>\n<AttachmentEncoded>{inline}</AttachmentEncoded>\n</edXML>\n"
    ).encode()


def tree(body: bytes) -> etree._Element:
    """Return the root of a package."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(body, parser)


def read_fields(root: etree._Element) -> list[tuple[str, str | None]]:
    """Return everything that a reader of a package could read, in order, the signature apart."""
    return [
        (str(each.tag), each.text)
        for each in root.iter()
        if not str(each.tag).startswith(f"{{{DS}}}")
    ]


class Office(NamedTuple):
    """A signer with what belongs to it."""

    signer: Signer
    certificate: Certificate
    authority: Path
