"""What a package may cost, and the pass over the bytes that holds it to that before any parser.

Every number of this room stands in :class:`Limits`; ``docs/limits.md`` is generated from it.
:func:`prescan` first computes bounds with a handful of searches that run in C. Only where the
bounds do not settle the matter does :mod:`axis.envelope.counting` count exactly with expat, which
costs three times as much. Whoever passes is well-formed or is refused by
:func:`axis.envelope.tree.parse_tree`; either way nothing larger than these limits is ever built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import msgspec

from axis.envelope import counting, markup
from axis.envelope.counting import Ranges
from axis.envelope.errors import (
    CompressedError,
    EmptyError,
    EncodingError,
    NotXmlError,
    PartTooLargeError,
    TooLargeError,
)
from axis.errors import Place


def _limit(number: int, en: str, vi: str, code: str) -> int:
    value: int = field(default=number, metadata={"en": en, "vi": vi, "code": code})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one package may cost; a value equal to the limit passes, one more is refused."""

    package_bytes: int = _limit(
        64 * 1024 * 1024,
        "bytes of a package, inline attachments included",
        "số byte của gói tin, kể cả tệp đính kèm bên trong",
        "envelope.too-large",
    )
    envelope_bytes: int = _limit(
        1024 * 1024,
        "bytes of the envelope part: everything but the text of attachments",
        "số byte của phần phong bì: mọi thứ trừ nội dung tệp đính kèm",
        "envelope.part-too-large",
    )
    elements: int = _limit(
        20_000, "elements in a package", "số phần tử trong gói tin", "envelope.too-many-elements"
    )
    children: int = _limit(
        6_000,
        "children of one element",
        "số phần tử con của một phần tử",
        "envelope.too-many-elements",
    )
    attributes: int = _limit(
        4_000,
        "attributes in a package, namespace declarations not counted",
        "số thuộc tính trong gói tin, không kể khai báo không gian tên",
        "envelope.too-many-attributes",
    )
    namespace_declarations: int = _limit(
        64,
        "namespace declarations in a package",
        "số khai báo không gian tên trong gói tin",
        "envelope.namespace-declarations",
    )
    depth: int = _limit(
        32, "levels of nested elements", "số mức phần tử lồng nhau", "envelope.too-deep"
    )
    recipients: int = _limit(
        5_000, "recipients (To) of a package", "số nơi nhận (To)", "envelope.too-many-recipients"
    )
    attachments: int = _limit(
        500, "attachments of a package", "số tệp đính kèm của gói tin", "attachment.too-many"
    )
    attachment_name_bytes: int = _limit(
        200,
        "bytes of an attachment's name (NFC, UTF-8)",
        "số byte của tên tệp đính kèm (NFC, UTF-8)",
        "attachment.name-too-long",
    )
    key_characters: int = _limit(
        255,
        "characters of a code, identifier, number or telephone number",
        "số ký tự của mã, định danh, số hiệu, số điện thoại",
        "schema.too-long",
    )
    line_characters: int = _limit(
        2_000,
        "characters of a name, address or place",
        "số ký tự của tên, địa chỉ, địa danh",
        "schema.too-long",
    )
    prose_characters: int = _limit(
        10_000,
        "characters of a subject, summary, reason or description",
        "số ký tự của trích yếu, nội dung, lý do, mô tả",
        "schema.too-long",
    )


DEFAULT: Final = Limits()


class Scan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the pass over the bytes found; all within the limits."""

    size_bytes: int
    envelope_bytes: int  #: without the text of attachments
    elements: int
    depth: int  #: at least as deep as it is
    attributes: int  #: at least as many as there are
    namespace_declarations: int  #: at least as many as there are
    id_attributes: int  #: whose local name is ``id`` in any letter case; at least as many
    attachment_texts: tuple[tuple[int, int], ...]  #: byte ranges between the tags


_BOM: Final = b"\xef\xbb\xbf"
_FOREIGN: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "ZIP"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_TAG: Final = re.compile(rb"<(.)", re.DOTALL)
_STEP: Final = [-1 if byte == ord("/") else 1 for byte in range(256)]


def prescan(body: bytes, limits: Limits = DEFAULT) -> Scan:
    """Hold a package to the limits and the XML profile without building anything.

    Raises:
        EnvelopeError: any refusal of the bytes, with the line where there is one.
    """
    if len(body) > limits.package_bytes:
        raise TooLargeError(expected=f"≤ {limits.package_bytes}", got=len(body))
    _refuse_what_is_not_xml(body)
    texts = markup.attachment_texts(body, 2 * limits.elements)
    tags = markup.without(body, texts) if texts else body
    if len(tags) <= limits.envelope_bytes:
        scan = _bounds(tags, len(body), texts, limits)
        if scan is not None:
            return scan
    # CDATA, something that is refused, or too much: look more carefully where what lies
    texts, hidden = markup.sections(body, limits.envelope_bytes)
    beside = len(body) - sum(end - start for start, end in texts)
    if beside > limits.envelope_bytes:
        raise PartTooLargeError(expected=f"≤ {limits.envelope_bytes}", got=beside)
    tags = markup.without(body, hidden)
    return _bounds(tags, len(body), texts, limits) or _count_exactly(body, texts, limits)


def _refuse_what_is_not_xml(body: bytes) -> None:
    head = body[:4]
    if not head.strip(b" \t\r\n") and not body.strip(b" \t\r\n"):
        raise EmptyError(expected="edXML", got=len(body))
    for magic, name in _FOREIGN:
        if body.startswith(magic):
            raise CompressedError(expected="XML", got=name)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in head:
        raise EncodingError(place=Place(line=1), expected="UTF-8", got="UTF-16 / UTF-32")
    if head[:1] != b"<":
        start = body[:4096].removeprefix(_BOM).lstrip(b" \t\r\n")[:24]
        if not start.startswith(b"<"):
            got = start.decode("ascii", "backslashreplace")
            raise NotXmlError(place=Place(line=1), expected="<", got=got)


def _bounds(tags: bytes, size: int, texts: Ranges, limits: Limits) -> Scan | None:
    """Count the elements and bound the rest from above; None where that settles nothing.

    Without CDATA, comments and processing instructions each ``<`` of well-formed XML opens a tag,
    so the bytes behind them tell start tags from end tags.
    """
    declaration = markup.DECLARATION.match(tags)
    kinds = b"".join(_TAG.findall(tags, declaration.end() if declaration else 0))
    if b"!" in kinds or b"?" in kinds:
        return None
    ends = kinds.count(b"/")
    elements = len(kinds) - ends
    depth = _depth(kinds)  # too deep by the empty elements, which have no end tag
    if depth > limits.depth and elements > ends:
        # ``/>`` may stand in a text too: each is the end of an element if they are as many as due
        closed = b"".join(_TAG.findall(tags.replace(b"/>", b"</>")))
        if closed.count(b"/") == elements:
            depth = _depth(closed.removeprefix(b"?"))
    names = tags.split(b"=")  # an attribute has one, and so may a text
    scan = Scan(
        size_bytes=size,
        envelope_bytes=size - sum(end - start for start, end in texts),
        elements=elements,
        depth=depth,
        attributes=len(names) - 1,
        namespace_declarations=tags.count(b"xmlns"),
        id_attributes=sum(name.rstrip()[-2:].lower() == b"id" for name in names[:-1]),
        attachment_texts=texts,
    )
    within = (
        elements <= min(limits.elements, limits.children)
        and depth <= limits.depth
        and scan.attributes <= limits.attributes
        and scan.namespace_declarations <= limits.namespace_declarations
    )
    return scan if within else None


def _depth(kinds: bytes) -> int:
    return max(accumulate(map(_STEP.__getitem__, kinds)), default=0)


def _count_exactly(body: bytes, texts: Ranges, limits: Limits) -> Scan:
    found = counting.count(body, texts, limits)
    return Scan(
        size_bytes=len(body),
        envelope_bytes=len(body) - sum(end - start for start, end in texts),
        elements=found.elements,
        depth=found.depth,
        attributes=found.attributes,
        namespace_declarations=found.namespace_declarations,
        id_attributes=found.id_attributes,
        attachment_texts=texts,
    )
