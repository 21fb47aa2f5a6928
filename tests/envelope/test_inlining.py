"""Attachments that are put beside an envelope: nothing that was signed moves."""

from __future__ import annotations

import base64
import re

import pytest

from axis.envelope.inlining import (
    encode_pieces,
    encoded_bytes,
    head_of,
    most_bytes,
    seam_of,
    tail,
)
from axis.envelope.reader import attachment_bytes
from axis.envelope.tree import parse_tree
from tests.relay.papers import document, package

NAMED = b'<q:AttachmentEncoded xmlns:q="http://www.mic.gov.vn/TBT/QCVN_102_2016"%b'
CONTENT = b"%PDF-1.4 content"
ENCODED = re.compile(rb"<AttachmentEncoded.*</AttachmentEncoded>", re.DOTALL)
WHOLE = package(document(), CONTENT)


def inlined(body: bytes, name: str = "van-ban.pdf", size: int = 7) -> bytes:
    seam = seam_of(body[at : at + size] for at in range(0, len(body), size))
    head = head_of(seam, "1", name, "application/pdf")
    text = b"".join(encode_pieces([CONTENT[:5], CONTENT[5:6], b"", CONTENT[6:]]))
    middle = seam.before + head + text + tail() + seam.after
    return body[: seam.start] + middle + body[seam.end :]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "instead",
    [
        b"",
        b"<AttachmentEncoded/>",
        b"<AttachmentEncoded />\n",
        b"<AttachmentEncoded></AttachmentEncoded>",
        NAMED % b"></q:AttachmentEncoded>",
        NAMED % b"/>",
        b"<AttachmentEncoded>\n</AttachmentEncoded>",
    ],
)
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_an_attachment_is_found_where_it_was_put(instead: bytes, before: bytes, size: int) -> None:
    assert ENCODED.search(WHOLE)
    body = before + ENCODED.sub(instead, WHOLE)
    made = inlined(body, size=size)
    envelope = re.search(rb"<edXML:edXMLEnvelope.*</edXML:edXMLEnvelope>", WHOLE, re.DOTALL)
    assert envelope is not None
    assert envelope[0] in made
    assert len(re.findall(rb"<(?:\w+:)?AttachmentEncoded", made)) == 1
    assert len(made) <= most_bytes(len(body), [len(CONTENT)])
    root = parse_tree(made)
    assert b"".join(attachment_bytes(root, "1")) == CONTENT


def test_it_has_the_name_that_the_manifest_gives_it() -> None:
    body = ENCODED.sub(b"", WHOLE).replace(b">1</edXML:ContentId>", b">cid:1</edXML:ContentId>")
    made = inlined(body, name='a<b>&"c".pdf')
    assert b"<ContentId>cid:1</ContentId>" in made
    assert b'<AttachmentName>a&lt;b&gt;&amp;"c".pdf</AttachmentName>' in made


def test_a_name_as_long_as_names_may_be_is_within_what_is_reckoned() -> None:
    seam = seam_of([WHOLE])
    assert len(head_of(seam, "c" * 128, "&" * 200, "&" * 100) + tail()) <= most_bytes(0, [0])


@pytest.mark.parametrize("size", range(10))
def test_the_length_of_base64_is_known_beforehand(size: int) -> None:
    text = b"".join(encode_pieces([bytes(1)] * size))
    assert text == base64.b64encode(bytes(size))
    assert len(text) == encoded_bytes(size)
