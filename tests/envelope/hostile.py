"""Packages made to cost as much as they can within the limit of bytes, each named by its idea."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from envelope.papers import document_bytes, put, swap

MIB: Final = 1024 * 1024
GOOD: Final = document_bytes()
END: Final = "</edXML:MessageHeader>"
SUBJECT: Final = "<edXML:Subject>"
TASK: Final = "<edXML:TaskCode>"


def attached(text: str) -> bytes:
    return swap(GOOD, "JVBERi", f"{text}JVBERi")


def filled(piece: bytes) -> bytes:
    return b"<r>" + piece * (63 * MIB // len(piece)) + b"</r>"


HOSTILE: Final[Mapping[str, Callable[[], bytes]]] = {
    "a-million-attachments": lambda: filled(b"<ContentTransferEncoded>A</ContentTransferEncoded>"),
    "names-of-attachments": lambda: filled(b"ContentTransferEncoded"),
    "attachment-tags-that-do-not-close": lambda: filled(b'<ContentTransferEncoded a="'),
    "an-attachment-tag-of-spaces": lambda: (
        b"<r><ContentTransferEncoded" + b" " * (63 * MIB) + b"></r>"
    ),
    "less-than": lambda: b"<" * (63 * MIB),
    "cdata-of-less-than": lambda: swap(GOOD, SUBJECT, f"{SUBJECT}<![CDATA[{'<' * 63 * MIB}]]>"),
    "many-empty-cdata-sections": lambda: swap(GOOD, SUBJECT, SUBJECT + "<![CDATA[]]>" * 80_000),
    "many-cdata-sections-in-an-attachment": lambda: attached("<![CDATA[AAAA]]>" * 80_000),
    "a-large-attachment-in-cdata": lambda: attached(f"<![CDATA[{'A' * 60 * MIB}]]>"),
    "a-long-comment": lambda: b"<r><!--" + b"x" * (63 * MIB) + b"--></r>",
    "a-long-comment-behind-cdata": lambda: b"<r><![CDATA[]]><!--" + b"x" * (63 * MIB) + b"--></r>",
    "nineteen-thousand-bad-recipients": lambda: put(GOOD, END, "<edXML:To/>" * 19_000),
    "bad-recipients-at-the-limit": lambda: put(GOOD, END, "<edXML:To/>" * 5_900),
    "three-long-lists-of-bad-elements": lambda: put(
        put(
            put(GOOD, END, "<edXML:To/>" * 5_900),
            TASK,
            "<edXML:TaskCode><edXML:x/></edXML:TaskCode>" * 3_000,
        ),
        "<edXML:Appendix>",
        "<edXML:Appendix><edXML:x/></edXML:Appendix>" * 3_000,
    ),
    "bad-children-of-recipients": lambda: put(GOOD, END, "<edXML:To><edXML:X/></edXML:To>" * 5_900),
    "four-thousand-bad-attributes": lambda: swap(
        GOOD, SUBJECT, "<edXML:Subject " + " ".join(f"a{n}=''" for n in range(3_990)) + ">"
    ),
    "a-bad-attribute-on-each-of-many": lambda: put(GOOD, TASK, "<edXML:TaskCode a=''/>" * 3_900),
    "attachments-that-nobody-listed": lambda: put(
        GOOD,
        "  </AttachmentEncoded>",
        "<Attachment><ContentId>x</ContentId><ContentTransferEncoded/></Attachment>" * 5_900,
    ),
    "a-subject-of-a-megabyte": lambda: swap(GOOD, SUBJECT, SUBJECT + "x" * (MIB - 8_000)),
    "a-date-of-a-megabyte": lambda: swap(
        GOOD, "PromulgationDate>2015", "PromulgationDate>" + "2" * (MIB - 8_000)
    ),
    "a-number-of-a-megabyte": lambda: swap(GOOD, "Priority>2", "Priority>" + " " * (MIB - 8_000)),
    "a-name-of-a-megabyte": lambda: swap(GOOD, SUBJECT, f"<{'x' * (MIB - 8_000)}/>{SUBJECT}"),
    "a-bad-byte-at-the-end": lambda: attached("A" * 60 * MIB).replace(
        b"</AttachmentEncoded>", b"\xff</AttachmentEncoded>"
    ),
    "base64-of-spaces": lambda: attached("AAAA" + " " * (60 * MIB)),
    "base64-that-is-bad-at-the-end": lambda: attached("A" * 60 * MIB + "$"),
    "base64-of-character-references": lambda: attached("&#65;" * (60 * MIB // 20 * 4)),
    "base64-broken-at-each-character": lambda: attached("A\n" * (30 * MIB)),
}
