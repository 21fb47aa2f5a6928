"""Makes the malformed packages, named by their flaws: ``python tests/envelope/make_bad.py FOLDER``.

Nothing is stored: tests make them anew. The table says which code each one is refused with. The
expected codes are written here by hand, from the rules; they are not what the reader returned.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from axis.envelope.values import BusinessType
from envelope.papers import (
    EDXML,
    document_bytes,
    put,
    signature,
    status_bytes,
    swap,
)

Make = Callable[[], bytes]

GOOD = document_bytes()
STATUS = status_bytes()
MIB = 1024 * 1024
SUBJECT = "<edXML:Subject>"
HEADER_END = "</edXML:MessageHeader>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def cut(body: bytes, start: str, end: str) -> bytes:
    """Return a package without what stands from one text to the end of another."""
    first = body.index(start.encode())
    last = body.index(end.encode(), first) + len(end.encode())
    return body[:first] + body[last:]


def declared(encoding: str, body: bytes = GOOD) -> bytes:
    return swap(body, 'encoding="UTF-8"', f'encoding="{encoding}"')


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    doctype = f'<!DOCTYPE edXML [<!ENTITY e0 "ha">{entities}]>\n'
    return swap(put(GOOD, "<edXML ", doctype), SUBJECT, f"{SUBJECT}&e9;")


def quadratic_blow_up() -> bytes:
    doctype = f'<!DOCTYPE edXML [<!ENTITY a "{"a" * 50_000}">]>\n'
    return swap(put(GOOD, "<edXML ", doctype), SUBJECT, SUBJECT + "&a;" * 50_000)


def external_entity() -> bytes:
    doctype = '<!DOCTYPE edXML [<!ENTITY file SYSTEM "file:///etc/hostname">]>\n'
    return swap(put(GOOD, "<edXML ", doctype), SUBJECT, f"{SUBJECT}&file;")


def deep(levels: int) -> bytes:
    inside = "<edXML:a>" * levels + "</edXML:a>" * levels
    return put(GOOD, SUBJECT, inside)


def document(kind: BusinessType, start: str, end: str) -> Make:
    return lambda: cut(document_bytes(kind), start, end)


def rename(name: str) -> bytes:
    return swap(GOOD, "7816 công văn.pdf", name, times=2)


#: What the bytes are, before any schema.
BYTES: Final[Mapping[str, tuple[str, Make]]] = {
    "nothing": ("envelope.empty", lambda: b""),
    "white-space-only": ("envelope.empty", lambda: b" \r\n\t"),
    "json": ("envelope.not-xml", lambda: b'{"status": "OK"}'),
    "plain-text": ("envelope.not-xml", "Kính gửi".encode),
    "base64-of-a-package": ("envelope.not-xml", lambda: b"PD94bWwgdmVyc2lvbj0iMS4wIj8+"),
    "binary": ("envelope.not-xml", lambda: b"%PDF-1.4\n" + bytes(range(256))),
    "gzip": ("envelope.compressed", lambda: gzip.compress(GOOD)),
    "zip": ("envelope.compressed", lambda: b"PK\x03\x04" + GOOD),
    "truncated-in-a-tag": ("envelope.truncated", lambda: GOOD[: GOOD.index(b"<edXML:To>") + 6]),
    "truncated-in-a-text": ("envelope.truncated", lambda: GOOD[: GOOD.index(b"V/v") + 5]),
    "truncated-in-an-attachment": (
        "envelope.truncated",
        lambda: GOOD[: GOOD.index(b"JVBERi") + 9],
    ),
    "truncated-before-the-end": ("envelope.truncated", lambda: GOOD.rstrip()[: -len("</edXML>")]),
    "truncated-in-the-last-tag": ("envelope.truncated", lambda: GOOD.rstrip()[:-3]),
    "truncated-in-cdata": (
        "envelope.truncated",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}<![CDATA[")[: GOOD.index(b"V/v") + 20],
    ),
    "utf-16-with-mark": ("envelope.encoding", lambda: GOOD.decode().encode("utf-16")),
    "utf-16-without-mark": ("envelope.encoding", lambda: GOOD.decode().encode("utf-16-le")),
    "utf-16-big-endian": ("envelope.encoding", lambda: GOOD.decode().encode("utf-16-be")),
    "utf-32": ("envelope.encoding", lambda: GOOD.decode().encode("utf-32")),
    "utf-7-declared": (
        "envelope.encoding",
        lambda: declared("UTF-7").decode().encode("utf-7").replace(b"+ADw-", b"<"),
    ),
    "utf-16-declared-only": ("envelope.encoding", lambda: declared("UTF-16")),
    "latin-1-declared": ("envelope.encoding", lambda: declared("ISO-8859-1")),
    "ascii-declared": ("envelope.encoding", lambda: declared("US-ASCII")),
    "unknown-encoding-declared": ("envelope.encoding", lambda: declared("TCVN3")),
    "windows-1258-bytes": (
        "envelope.encoding",
        lambda: swap(GOOD, "V/v", "@@").replace(b"@@", b"V\xecn"),
    ),
    "overlong-utf-8": (
        "envelope.encoding",
        lambda: swap(GOOD, "V/v", "@@").replace(b"@@", b"\xc0\xaf"),
    ),
    "surrogate-in-utf-8": (
        "envelope.encoding",
        lambda: swap(GOOD, "V/v", "@@").replace(b"@@", b"\xed\xa0\x80"),
    ),
    "half-a-character": ("envelope.encoding", lambda: GOOD.replace("ế".encode(), b"\xe1\xba", 1)),
    "xml-1.1": ("envelope.xml-version", lambda: swap(GOOD, 'version="1.0"', 'version="1.1"')),
    "not-well-formed-declaration": (
        "envelope.not-well-formed",
        lambda: swap(GOOD, ' version="1.0" encoding="UTF-8"', ' encoding="UTF-8" version="1.0"'),
    ),
    "end-tag-mismatch": (
        "envelope.tag-mismatch",
        lambda: swap(GOOD, "</edXML:Subject>", "</edXML:Content>"),
    ),
    "end-tag-missing": ("envelope.tag-mismatch", lambda: swap(GOOD, "</edXML:Subject>", "")),
    "duplicate-attribute": (
        "envelope.duplicate-attribute",
        lambda: swap(GOOD, 'version="1.0">\n', 'version="1.0" version="1.0">\n'),
    ),
    "duplicate-attribute-by-namespace": (
        "envelope.duplicate-attribute",
        lambda: swap(GOOD, SUBJECT, '<edXML:Subject xmlns:a="u:x" xmlns:b="u:x" a:n="1" b:n="2">'),
    ),
    "undeclared-prefix": (
        "envelope.undeclared-prefix",
        lambda: swap(GOOD, SUBJECT, '<edXML:Subject xlink:href="">'),
    ),
    "undeclared-element-prefix": (
        "envelope.undeclared-prefix",
        lambda: put(GOOD, SUBJECT, "<ds:Object/>"),
    ),
    "undefined-entity": (
        "envelope.undefined-entity",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}&nbsp;"),
    ),
    "bare-ampersand": (
        "envelope.invalid-character",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}A & B"),
    ),
    "bare-less-than": (
        "envelope.invalid-character",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}1 < 2"),
    ),
    "attribute-without-quotes": (
        "envelope.invalid-character",
        lambda: swap(GOOD, 'Manifest version="1.0"', "Manifest version=1.0"),
    ),
    "control-character": (
        "envelope.invalid-character",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}\x0b"),
    ),
    "nul-character": ("envelope.invalid-character", lambda: swap(GOOD, SUBJECT, f"{SUBJECT}\x00")),
    "noncharacter": ("envelope.invalid-character", lambda: swap(GOOD, SUBJECT, f"{SUBJECT}\ufffe")),
    "reference-to-nul": (
        "envelope.invalid-character",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}&#0;"),
    ),
    "reference-to-surrogate": (
        "envelope.invalid-character",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}&#xD800;"),
    ),
    "two-packages": ("envelope.trailing-content", lambda: GOOD + GOOD.partition(b"?>\n")[2]),
    "text-behind-the-root": ("envelope.trailing-content", lambda: GOOD + b"--boundary--"),
    "doctype": ("envelope.doctype", lambda: put(GOOD, "<edXML ", "<!DOCTYPE edXML>\n")),
    "doctype-external": (
        "envelope.doctype",
        lambda: put(GOOD, "<edXML ", '<!DOCTYPE edXML SYSTEM "http://127.0.0.1:9/x.dtd">\n'),
    ),
    "external-entity": ("envelope.doctype", external_entity),
    "billion-laughs": ("envelope.doctype", billion_laughs),
    "quadratic-blow-up": ("envelope.doctype", quadratic_blow_up),
    "comment-in-the-prolog": ("envelope.comment", lambda: put(GOOD, "<edXML ", "<!-- hi -->\n")),
    "comment-in-a-text": (
        "envelope.comment",
        lambda: swap(GOOD, "000.00.00.H41", "000.00.00.H41<!---->.example"),
    ),
    "comment-behind-the-root": ("envelope.comment", lambda: GOOD + b"<!-- end -->"),
    "comment-in-an-attachment": ("envelope.comment", lambda: swap(GOOD, "JVBERi", "JVBE<!---->Ri")),
    "processing-instruction": (
        "envelope.processing-instruction",
        lambda: put(GOOD, "<edXML ", '<?xml-stylesheet href="x.xsl"?>\n'),
    ),
    "processing-instruction-in-a-text": (
        "envelope.processing-instruction",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}<?php echo 1 ?>"),
    ),
    "declaration-not-at-the-start": ("envelope.processing-instruction", lambda: b"\n" + GOOD),
    "nested-65-mib": ("envelope.too-large", lambda: GOOD + b" " * (65 * MIB)),
    "header-over-1-mib": (
        "envelope.part-too-large",
        lambda: swap(GOOD, SUBJECT, SUBJECT + "x" * MIB),
    ),
    "cdata-over-1-mib": (
        "envelope.part-too-large",
        lambda: swap(GOOD, SUBJECT, f"{SUBJECT}<![CDATA[{'<' * MIB}]]>"),
    ),
    "thirty-levels-too-deep": ("envelope.too-deep", lambda: deep(30)),
    "three-thousand-levels": ("envelope.too-deep", lambda: deep(3000)),
    "twenty-thousand-elements": (
        "envelope.too-many-elements",
        lambda: put(GOOD, HEADER_END, "<edXML:To/>" * 20_000),
    ),
    "four-thousand-attributes": (
        "envelope.too-many-attributes",
        lambda: swap(
            GOOD,
            SUBJECT,
            "<edXML:Subject " + " ".join(f"a{n}=''" for n in range(4001)) + ">",
        ),
    ),
    "namespace-blow-up": (
        "envelope.namespace-declarations",
        lambda: swap(
            GOOD,
            SUBJECT,
            "<edXML:Subject " + " ".join(f"xmlns:n{n}='u:{n}'" for n in range(1000)) + ">",
        ),
    ),
}

#: What the schemas refuse.
SCHEMA: Final[Mapping[str, tuple[str, Make]]] = {
    "wrong-namespace": (
        "envelope.wrong-namespace",
        lambda: GOOD.replace(EDXML.encode(), b"http://www.go.vn/eDoc"),
    ),
    "no-namespace": (
        "envelope.wrong-namespace",
        lambda: b"<edXML><edXMLEnvelope/></edXML>",
    ),
    "child-in-another-namespace": (
        "envelope.wrong-namespace",
        lambda: swap(
            swap(GOOD, SUBJECT, '<Subject xmlns="u:x">'), "</edXML:Subject>", "</Subject>"
        ),
    ),
    "soap-envelope": (
        "envelope.wrong-root",
        lambda: b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>',
    ),
    "html": ("envelope.wrong-root", lambda: b"<html><body>502 Bad Gateway</body></html>"),
    "xsi-schema-location": (
        "envelope.schema-instance",
        lambda: swap(GOOD, "<edXML ", f'<edXML {XSI} xsi:schemaLocation="u:x file:///x.xsd" '),
    ),
    "xsi-type": (
        "envelope.schema-instance",
        lambda: swap(GOOD, SUBJECT, f'<edXML:Subject {XSI} xsi:type="edXML:Key">'),
    ),
    "xsi-nil": (
        "envelope.schema-instance",
        lambda: swap(GOOD, "<edXML:Code>", f'<edXML:Code {XSI} xsi:nil="true">'),
    ),
    "xsi-by-character-reference": (
        "envelope.schema-instance",
        lambda: swap(
            GOOD,
            SUBJECT,
            '<edXML:Subject xmlns:q="http://www.w3.org/2001/XMLSchema&#45;instance" q:nil="0">',
        ),
    ),
    "empty-package": ("schema.missing-element", f'<edXML xmlns="{EDXML}"/>'.encode),
    "nested-from": (
        "schema.unexpected-element",
        lambda: swap(
            swap(GOOD, "<edXML:From>", "<edXML:From><edXML:From>"),
            "</edXML:From>",
            "</edXML:From></edXML:From>",
        ),
    ),
    "unknown-element": (
        "schema.unexpected-element",
        lambda: put(GOOD, SUBJECT, "<edXML:Urgency/>"),
    ),
    "attachments-before-envelope": (
        "schema.unexpected-element",
        lambda: put(
            cut(GOOD, "  <AttachmentEncoded", "</AttachmentEncoded>\n"),
            "  <edXML:edXMLEnvelope",
            "<AttachmentEncoded/>",
        ),
    ),
    "signature-outside-the-header": (
        "schema.unexpected-element",
        lambda: put(GOOD, "</edXML:edXMLEnvelope>", signature().decode()),
    ),
    "two-envelopes": (
        "schema.repeated-element",
        lambda: put(
            GOOD,
            "  <AttachmentEncoded",
            "<edXML:edXMLEnvelope xmlns:edXML='"
            + EDXML
            + "'><edXML:edXMLHeader/></edXML:edXMLEnvelope>",
        ),
    ),
    "two-message-headers": (
        "schema.repeated-element",
        lambda: swap(
            STATUS, "</edXML:MessageHeader>", "</edXML:MessageHeader><edXML:MessageHeader/>"
        ),
    ),
    "two-signatures": (
        "schema.repeated-element",
        lambda: put(GOOD, "</edXML:edXMLHeader>", (signature() * 2).decode()),
    ),
    "two-organ-ids": (
        "schema.repeated-element",
        lambda: swap(GOOD, "<edXML:OrganId>", "<edXML:OrganId>X</edXML:OrganId><edXML:OrganId>"),
    ),
    "two-subjects": (
        "schema.repeated-element",
        lambda: put(GOOD, SUBJECT, "<edXML:Subject>A</edXML:Subject>"),
    ),
    "two-businesses": (
        "schema.repeated-element",
        lambda: put(
            GOOD,
            "<edXML:Bussiness>",
            "<edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType>"
            "<edXML:BussinessDocReason/></edXML:Bussiness>",
        ),
    ),
    "two-application-types": (
        "schema.repeated-element",
        lambda: put(GOOD, "<edXML:ApplicationType>", "<edXML:ApplicationType/>"),
    ),
    "no-recipient": (
        "schema.missing-element",
        lambda: cut(cut(GOOD, "<edXML:To>", "</edXML:To>"), "<edXML:To>", "</edXML:To>"),
    ),
    "no-sender": ("schema.missing-element", lambda: cut(GOOD, "<edXML:From>", "</edXML:From>")),
    "no-document-id": (
        "schema.missing-element",
        lambda: GOOD.replace(
            b"<edXML:DocumentId>000.00.00.G22,2015/09/30,7816/VPCP-TT\xc4\x90T</edXML:DocumentId>",
            b"",
        ),
    ),
    "no-code": ("schema.missing-element", lambda: cut(GOOD, "<edXML:Code>", "</edXML:Code>")),
    "no-notation": (
        "schema.missing-element",
        lambda: cut(GOOD, "<edXML:CodeNotation>", "</edXML:CodeNotation>"),
    ),
    "no-organ-id": (
        "schema.missing-element",
        lambda: cut(GOOD, "<edXML:OrganId>", "</edXML:OrganId>"),
    ),
    "no-header": (
        "schema.missing-element",
        lambda: cut(GOOD, "<edXML:edXMLHeader>", "</edXML:edXMLHeader>"),
    ),
    "no-business-type": (
        "schema.missing-element",
        lambda: cut(GOOD, "<edXML:BussinessDocType>", "</edXML:BussinessDocType>"),
    ),
    "no-encoded-text": (
        "schema.missing-element",
        lambda: cut(GOOD, "<edXML:ContentTransferEncoded>", "</edXML:ContentTransferEncoded>"),
    ),
    "status-without-response-for": (
        "schema.missing-element",
        lambda: cut(STATUS, "<edXML:ResponseFor>", "</edXML:ResponseFor>"),
    ),
    "status-without-code": (
        "schema.missing-element",
        lambda: cut(STATUS, "<edXML:StatusCode>", "</edXML:StatusCode>"),
    ),
    "status-with-recipient": (
        "schema.unexpected-element",
        lambda: put(
            STATUS, "<edXML:ResponseFor>", "<edXML:To><edXML:OrganId>A</edXML:OrganId></edXML:To>"
        ),
    ),
    "status-with-body": (
        "schema.unexpected-element",
        lambda: put(STATUS, "</edXML:edXMLEnvelope>", "<edXML:edXMLBody/>"),
    ),
    "date-that-is-none": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:PromulgationDate>2015/09/30", "<edXML:PromulgationDate>hôm qua"),
    ),
    "date-day-first": (
        "schema.invalid-value",
        lambda: swap(
            GOOD, "<edXML:PromulgationDate>2015/09/30", "<edXML:PromulgationDate>30/09/2015"
        ),
    ),
    "date-empty": (
        "schema.empty-value",
        lambda: swap(GOOD, "<edXML:PromulgationDate>2015/09/30", "<edXML:PromulgationDate>"),
    ),
    "timestamp-that-is-none": (
        "schema.invalid-value",
        lambda: swap(STATUS, "<edXML:Timestamp>2015/10/01 08:02:03", "<edXML:Timestamp>vừa xong"),
    ),
    "organ-id-empty": (
        "schema.empty-value",
        lambda: swap(GOOD, "<edXML:OrganId>000.00.00.H41", "<edXML:OrganId>  "),
    ),
    "subject-empty": (
        "schema.empty-value",
        lambda: cut(swap(GOOD, SUBJECT, "<edXML:Subject><"), "<V", "văn bản"),
    ),
    "priority-9": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:Priority>2", "<edXML:Priority>9"),
    ),
    "document-type-in-words": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:Type>1", "<edXML:Type>Công văn"),
    ),
    "document-type-arabic-digits": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:Type>1", "<edXML:Type>١"),
    ),
    "business-type-4": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:BussinessDocType>0", "<edXML:BussinessDocType>4"),
    ),
    "receiver-type-2": (
        "schema.invalid-value",
        lambda: swap(
            document_bytes(BusinessType.UPDATE), "<edXML:ReceiverType>0", "<edXML:ReceiverType>2"
        ),
    ),
    "envelope-id-with-a-space": (
        "schema.invalid-value",
        lambda: swap(GOOD, "<edXML:edXMLEnvelope ", '<edXML:edXMLEnvelope Id="a b" '),
    ),
    "status-07": (
        "schema.invalid-value",
        lambda: swap(STATUS, "<edXML:StatusCode>01", "<edXML:StatusCode>07"),
    ),
    "status-one-digit": (
        "schema.invalid-value",
        lambda: swap(STATUS, "<edXML:StatusCode>01", "<edXML:StatusCode>1"),
    ),
    "status-14": (
        "status.code-14",
        lambda: swap(STATUS, "<edXML:StatusCode>01", "<edXML:StatusCode>14"),
    ),
    "text-between-elements": (
        "schema.unexpected-text",
        lambda: swap(GOOD, "<edXML:Code>", "<edXML:Code>số"),
    ),
    "unknown-attribute": (
        "schema.unexpected-attribute",
        lambda: swap(GOOD, SUBJECT, '<edXML:Subject lang="vi">'),
    ),
    "second-id-attribute": (
        "schema.unexpected-attribute",
        lambda: swap(GOOD, "<edXML:Code>", '<edXML:Code Id="m1">'),
    ),
    "element-in-a-text": (
        "schema.unexpected-element",
        lambda: swap(GOOD, SUBJECT, "<edXML:Subject><b xmlns=''>V</b>"),
    ),
    "element-in-an-attachment": (
        "schema.unexpected-element",
        lambda: swap(GOOD, "JVBERi", "<x/>JVBERi"),
    ),
    "code-over-255-characters": (
        "schema.too-long",
        lambda: swap(GOOD, "<edXML:CodeNumber>", "<edXML:CodeNumber>" + "7" * 255),
    ),
    "subject-over-10000-characters": (
        "schema.too-long",
        lambda: swap(GOOD, SUBJECT, SUBJECT + "ộ" * 10_000),
    ),
}

#: What the rules refuse.
RULES: Final[Mapping[str, tuple[str, Make]]] = {
    "attachment-absent": (
        "attachment.missing",
        lambda: cut(GOOD, "    <Attachment>", "</Attachment>\n"),
    ),
    "attachments-element-absent": (
        "attachment.missing",
        lambda: cut(GOOD, "  <AttachmentEncoded", "</AttachmentEncoded>\n"),
    ),
    "attachment-by-another-id": (
        "attachment.unlisted",
        lambda: swap(GOOD, "      <ContentId>cid:209", "      <ContentId>cid:210"),
    ),
    "attachment-not-in-the-manifest": (
        "attachment.unlisted",
        lambda: cut(GOOD, "    <edXML:edXMLBody>", "</edXML:edXMLBody>\n"),
    ),
    "attachment-id-twice": (
        "attachment.repeated",
        lambda: put(
            GOOD,
            "  </AttachmentEncoded>",
            "<Attachment><ContentId>209</ContentId>"
            "<ContentTransferEncoded>AAAA</ContentTransferEncoded></Attachment>",
        ),
    ),
    "reference-id-twice": (
        "attachment.repeated",
        lambda: put(
            GOOD,
            "</edXML:edXMLManifest>",
            "<edXML:Reference><edXML:ContentId>209</edXML:ContentId></edXML:Reference>",
        ),
    ),
    "base64-with-a-foreign-character": (
        "attachment.not-base64",
        lambda: swap(GOOD, "JVBERi", "JV$BERi"),
    ),
    "base64-url-alphabet": ("attachment.not-base64", lambda: swap(GOOD, "JVBERi", "JV-_BERi")),
    "base64-wrong-length": ("attachment.not-base64", lambda: swap(GOOD, "JVBERi", "JVBER")),
    "base64-without-padding": (
        "attachment.not-base64",
        lambda: cut(GOOD, "JVBERi", "<").replace(
            b"/edXML:ContentTransferEncoded>", b"QQ</edXML:ContentTransferEncoded>"
        ),
    ),
    "base64-padding-inside": ("attachment.not-base64", lambda: swap(GOOD, "JVBERi", "QQ==JVBERi")),
    "base64-is-a-template": (
        "attachment.not-base64",
        lambda: swap(GOOD, "JVBERi", "${__StringFromFile(test.txt,,,)}"),
    ),
    "name-differs-from-the-manifest": (
        "attachment.name-mismatch",
        lambda: swap(
            GOOD, "<AttachmentName>7816 công văn.pdf", "<AttachmentName>7816 cong van.pdf"
        ),
    ),
    "name-with-right-to-left-override": (
        "attachment.name-unsafe",
        lambda: rename("cong-van-\u202efdp.exe"),
    ),
    "name-with-isolate": ("attachment.name-unsafe", lambda: rename("a\u2067b.pdf")),
    "name-with-a-cyrillic-letter": (
        "attachment.name-deceptive",
        lambda: rename("b\u0430o-cao.pdf"),
    ),
    "name-with-a-greek-letter": ("attachment.name-deceptive", lambda: rename("Qu\u03bfc hoi.pdf")),
    "name-with-line-feed": ("attachment.name-unsafe", lambda: rename("a\nb.pdf")),
    "name-with-c1-control": ("attachment.name-unsafe", lambda: rename("a\x85b.pdf")),
    "name-of-201-bytes": ("attachment.name-too-long", lambda: rename("ộ" * 65 + "12.pdf")),
    "name-nowhere": (
        "schema.missing-element",
        lambda: cut(
            cut(GOOD, "<edXML:AttachmentName>", "</edXML:AttachmentName>"),
            "<AttachmentName>",
            "</AttachmentName>",
        ),
    ),
    "recall-of-nothing": (
        "business.document-missing",
        lambda: swap(
            cut(
                document(
                    BusinessType.RECALL, "        <edXML:ResponseFor>", "</edXML:ResponseFor>\n"
                )(),
                "<edXML:DocumentId>000.00.00.G22,2015/09/30,7806",
                "</edXML:DocumentId>",
            ),
            "<edXML:Bussiness>",
            "<edXML:Bussiness>",
        ),
    ),
    "update-of-receivers-without-a-list": (
        "business.receivers-missing",
        document(BusinessType.UPDATE, "<edXML:ReceiverList>", "</edXML:ReceiverList>"),
    ),
    "replacement-of-nothing": (
        "business.replacements-missing",
        document(
            BusinessType.REPLACE, "<edXML:ReplacementInfoList>", "</edXML:ReplacementInfoList>"
        ),
    ),
    "status-about-no-document": (
        "business.document-missing",
        lambda: cut(
            cut(STATUS, "<edXML:Code>", "</edXML:Code>"),
            "<edXML:DocumentId>",
            "</edXML:DocumentId>",
        ),
    ),
}

BAD: Final[Mapping[str, tuple[str, Make]]] = {**BYTES, **SCHEMA, **RULES}


def main() -> None:
    """Write every malformed package into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (code, make) in BAD.items():
        (folder / f"{name}.xml").write_bytes(make())
        print(f"{name}.xml\t{code}")


if __name__ == "__main__":
    main()
