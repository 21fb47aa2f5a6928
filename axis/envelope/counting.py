"""The exact count of a package by expat: what the bounds leave open, and where a fault stands.

It builds nothing and never sees text. It is run on packages with CDATA or with many small empty
elements, and on every package that is refused, to name the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate, errors
from typing import TYPE_CHECKING, Final, NoReturn

from axis.envelope.errors import (
    CommentError,
    DoctypeError,
    DuplicateAttributeError,
    EncodingError,
    EnvelopeError,
    InvalidCharacterError,
    NamespaceDeclarationsError,
    NotWellFormedError,
    NotXmlError,
    PartTooLargeError,
    ProcessingInstructionError,
    TagMismatchError,
    TooDeepError,
    TooManyAttributesError,
    TooManyElementsError,
    TrailingContentError,
    TruncatedError,
    UndeclaredPrefixError,
    UndefinedEntityError,
    XmlVersionError,
)
from axis.errors import Place

if TYPE_CHECKING:
    from axis.envelope.limits import Limits

Ranges = tuple[tuple[int, int], ...]

_ENCODED: Final = "ContentTransferEncoded"
_NAME: Final = re.compile(r"</?([^\s/>=]{1,80})")
_PREFIX: Final = re.compile(r"[\w.-]+(?=:)")

#: What expat says, as our refusal and what was expected; everything else is not well-formed.
_BY_EXPAT: Final[dict[str, tuple[type[EnvelopeError], str]]] = {
    errors.XML_ERROR_NO_ELEMENTS: (TruncatedError, "the end tag of the root"),
    errors.XML_ERROR_UNCLOSED_TOKEN: (TruncatedError, ">"),
    errors.XML_ERROR_PARTIAL_CHAR: (TruncatedError, "UTF-8"),
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: (TruncatedError, "]]>"),
    errors.XML_ERROR_SYNTAX: (NotXmlError, "<"),
    errors.XML_ERROR_INVALID_TOKEN: (InvalidCharacterError, "XML 1.0"),
    errors.XML_ERROR_BAD_CHAR_REF: (InvalidCharacterError, "XML 1.0"),
    errors.XML_ERROR_TAG_MISMATCH: (TagMismatchError, ""),
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: (DuplicateAttributeError, "1"),
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: (TrailingContentError, "–"),
    errors.XML_ERROR_UNDEFINED_ENTITY: (UndefinedEntityError, "&amp; &lt; &gt; &quot; &apos;"),
    errors.XML_ERROR_MISPLACED_XML_PI: (ProcessingInstructionError, "–"),
    errors.XML_ERROR_UNKNOWN_ENCODING: (EncodingError, "UTF-8"),
    errors.XML_ERROR_INCORRECT_ENCODING: (EncodingError, "UTF-8"),
    errors.XML_ERROR_UNBOUND_PREFIX: (UndeclaredPrefixError, ""),
}


@dataclass(slots=True)
class Counts:
    """What was counted so far."""

    elements: int = 0
    depth: int = 0
    attributes: int = 0
    namespace_declarations: int = 0
    id_attributes: int = 0
    attachment_texts: Ranges = ()
    path: list[tuple[str, dict[str, int]]] = field(default_factory=list)  #: open elements


def count(body: bytes, texts: Ranges, limits: Limits) -> Counts:
    """Count a whole package exactly and hold it to the limits and the XML profile.

    ``texts`` are ranges of attachment text that were found by searching; they are not read. Give
    none where the package has CDATA: the ranges are then found here.

    Raises:
        EnvelopeError: the first thing that is refused, with its place.
    """
    return _Count(body, texts, limits).run()


def explain(body: bytes) -> EnvelopeError | None:
    """Return why a package is not well-formed, or None where expat finds no fault in it."""
    try:
        _Count(body, (), None).run()
    except EnvelopeError as refusal:
        return refusal
    return None


class _Count:
    """One pass of expat over one package."""

    def __init__(self, body: bytes, texts: Ranges, limits: Limits | None) -> None:
        self.body = body
        self.texts = texts
        self.limits = limits
        self.counts = Counts()
        self.siblings: dict[str, int] = {}
        self.encoded_at: int | None = None  #: where the text of the open attachment begins
        self.found: list[tuple[int, int]] = []
        self.parser = parser = ParserCreate(None, " ", {})
        parser.ordered_attributes = True
        parser.buffer_text = False
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartNamespaceDeclHandler = self.declare
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.doctype
        parser.CommentHandler = self.comment
        parser.ProcessingInstructionHandler = self.instruction

    def run(self) -> Counts:
        view = memoryview(self.body)
        at = 0
        try:
            for start, end in self.texts:
                self.parser.Parse(view[at:start], False)
                at = end
            self.parser.Parse(view[at:], True)
        except ExpatError as error:
            self.refuse(error)
        counts = self.counts
        counts.attachment_texts = self.texts or tuple(self.found)
        if self.limits is not None:
            inside = sum(end - start for start, end in counts.attachment_texts)
            self.bound(PartTooLargeError, len(self.body) - inside, self.limits.envelope_bytes)
        return counts

    # --- what expat sees -----------------------------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        counts = self.counts
        local = name.rpartition(" ")[2]
        number = self.siblings[local] = self.siblings.get(local, 0) + 1
        self.counts.path.append((f"{local}[{number}]" if number > 1 else local, self.siblings))
        self.siblings = {}
        counts.elements += 1
        counts.depth = max(counts.depth, len(counts.path))
        if attributes:
            counts.attributes += len(attributes) // 2
            for written in attributes[::2]:
                counts.id_attributes += written.rpartition(" ")[2].lower() == "id"
        self.encoded_at = None
        if local == _ENCODED and not self.texts:
            closing = self.body.find(b">", self.parser.CurrentByteIndex)
            self.encoded_at = closing + 1 if closing >= 0 else None
        if self.limits is not None:
            self.bound(TooManyElementsError, counts.elements, self.limits.elements)
            self.bound(TooDeepError, len(counts.path), self.limits.depth)
            self.bound(TooManyAttributesError, counts.attributes, self.limits.attributes)

    def end(self, name: str) -> None:
        if self.encoded_at is not None:
            self.found.append((self.encoded_at, max(self.encoded_at, self.offset())))
            self.encoded_at = None
        _, self.siblings = self.counts.path.pop()

    def declare(self, prefix: str | None, uri: str) -> None:
        self.counts.namespace_declarations += 1
        if self.limits is not None:
            declared = self.counts.namespace_declarations
            self.bound(NamespaceDeclarationsError, declared, self.limits.namespace_declarations)

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":
            raise XmlVersionError(place=Place(line=1), expected="1.0", got=version[:24])
        if encoding is not None and encoding.upper() != "UTF-8":
            raise EncodingError(place=Place(line=1), expected="UTF-8", got=encoding[:24])

    def doctype(self, name: str, *identifiers: object) -> None:
        raise DoctypeError(place=self.place(), expected="–", got=f"<!DOCTYPE {name[:24]}")

    def comment(self, text: str) -> None:
        raise CommentError(place=self.place(), expected="–", got=f"<!--{_plain(text[:24])}")

    def instruction(self, target: str, text: str) -> None:
        raise ProcessingInstructionError(place=self.place(), expected="–", got=f"<?{target[:24]}")

    # --- where ---------------------------------------------------------------------------------

    def offset(self, index: int | None = None) -> int:
        """Turn expat's offset, which knows no skipped text, into one of the package."""
        at = self.parser.CurrentByteIndex if index is None else index
        for start, end in self.texts:
            if at < start:
                break
            at += end - start
        return at

    def place(self, index: int | None = None) -> Place:
        at = self.offset(index)
        line = self.body.count(b"\n", 0, at) + 1
        names = [name for name, _ in self.counts.path]
        return Place(
            xpath="/" + "/".join(names) if names else None,
            line=line,
            column=at - self.body.rfind(b"\n", 0, at),
        )

    def bound(self, refusal: type[EnvelopeError], got: int, limit: int) -> None:
        if got > limit:
            raise refusal(place=self.place(), expected=f"≤ {limit}", got=got)

    def refuse(self, error: ExpatError) -> NoReturn:
        """Say in our words what expat found."""
        message = errors.messages.get(error.code, "")
        kind, expected = _BY_EXPAT.get(message, (NotWellFormedError, "XML 1.0"))
        index = max(self.parser.ErrorByteIndex, 0)
        at = self.offset(index)
        place = self.place(index)
        got: str | int = _plain(self.body[at : at + 24].decode("utf-8", "backslashreplace"))
        if kind is TruncatedError:
            got = len(self.body)
        elif kind in {InvalidCharacterError, NotXmlError, NotWellFormedError}:
            self.refuse_encoding(place)
        elif kind is TagMismatchError:
            expected = f"</{self.counts.path[-1][0].partition('[')[0]}>"
            got = _first(_NAME, self.body[at - 2 : at + 80])
        elif kind is UndeclaredPrefixError:
            got = _first(_PREFIX, self.body[at : at + 400])
            expected = f"xmlns:{got}"
        raise kind(place=place, expected=expected, got=got) from error

    def refuse_encoding(self, place: Place) -> None:
        """Tell bytes that are not UTF-8 from characters that XML does not allow."""
        try:
            self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            wrong = self.body[error.start : error.start + 4].hex(" ")
            line = self.body.count(b"\n", 0, error.start) + 1
            where = Place(xpath=place.xpath, line=line)
            raise EncodingError(place=where, expected="UTF-8", got=wrong) from error


def _first(pattern: re.Pattern[str], text: bytes) -> str:
    match = pattern.search(text.decode("utf-8", "replace"))
    return _plain(match[match.lastindex or 0]) if match else "–"


def _plain(text: str) -> str:
    """Show a piece of a hostile package: control characters as their code points."""
    return "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in text)
