"""The exact count of a package by expat: what the bounds leave open, and where a fault stands.

It builds nothing and does not see the text of attachments. It is run where a bound exceeds a
limit, and on packages that are refused, to name the place.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
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
from axis.envelope.shown import shown
from axis.errors import Place

if TYPE_CHECKING:
    from axis.envelope.limits import Limits

Ranges = tuple[tuple[int, int], ...]

_PIECE: Final = 1024 * 1024
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
    path: list[tuple[str, dict[str, int]]] = field(default_factory=list)  #: open elements


def count(body: bytes, texts: Ranges, limits: Limits) -> Counts:
    """Count a whole package exactly and hold it to the limits and the XML profile.

    ``texts`` are the ranges of attachment text; they are not read.

    Raises:
        EnvelopeError: the first thing that is refused, with its place.
    """
    return _Count(body, texts, limits).run()


def place_at(body: bytes, texts: Sequence[tuple[int, int]], index: int) -> Place:
    """Return the place of what stands at a byte between two tags.

    Raises:
        EnvelopeError: the package is not well-formed before it.
    """
    counting = _Count(body, tuple(texts), None)
    counting.run_to(index)
    return counting.place(index, offset=index)


def refuse_declaration(declaration: bytes) -> None:
    """Refuse an XML declaration of something else than XML 1.0 in UTF-8.

    Raises:
        EnvelopeError: version, encoding or form are not allowed.
    """
    _Count(declaration + b"<r/>", (), None).run()


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
        self.run_to(len(self.body), final=True)
        return self.counts

    def run_to(self, index: int, *, final: bool = False) -> None:
        """Parse what stands before a byte, without the texts that are not read."""
        view = memoryview(self.body)
        at = 0
        try:
            for start, end in self.texts:
                if end > index:
                    break
                self.parser.Parse(view[at:start], False)
                at = end
            self.parser.Parse(view[at:index], final)
        except ExpatError as error:
            self.refuse(error)

    # --- what expat sees -----------------------------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        counts = self.counts
        local = name.rpartition(" ")[2]
        number = self.siblings[local] = self.siblings.get(local, 0) + 1
        children = self.siblings[""] = self.siblings.get("", 0) + 1
        counts.path.append((f"{local}[{number}]" if number > 1 else local, self.siblings))
        self.siblings = {}
        counts.elements += 1
        counts.depth = max(counts.depth, len(counts.path))
        if attributes:
            counts.attributes += len(attributes) // 2
            for written in attributes[::2]:
                counts.id_attributes += written.rpartition(" ")[2].lower() == "id"
        if self.limits is not None:
            self.bound(TooManyElementsError, counts.elements, self.limits.elements)
            self.bound(TooManyElementsError, children, self.limits.children, "limits: children")
            self.bound(TooDeepError, len(counts.path), self.limits.depth)
            self.bound(TooManyAttributesError, counts.attributes, self.limits.attributes)

    def end(self, name: str) -> None:
        _, self.siblings = self.counts.path.pop()

    def declare(self, prefix: str | None, uri: str) -> None:
        self.counts.namespace_declarations += 1
        if self.limits is not None:
            declared = self.counts.namespace_declarations
            self.bound(NamespaceDeclarationsError, declared, self.limits.namespace_declarations)

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":
            raise XmlVersionError(place=Place(line=1), expected="1.0", got=shown(version, 24))
        if encoding is not None and encoding.upper() != "UTF-8":
            raise EncodingError(place=Place(line=1), expected="UTF-8", got=shown(encoding, 24))

    def doctype(self, name: str, *identifiers: object) -> None:
        raise DoctypeError(place=self.place(), expected="–", got=f"<!DOCTYPE {shown(name, 24)}")

    def comment(self, text: str) -> None:
        raise CommentError(place=self.place(), expected="–", got=f"<!--{shown(text[:24])}")

    def instruction(self, target: str, text: str) -> None:
        raise ProcessingInstructionError(
            place=self.place(), expected="–", got=f"<?{shown(target, 24)}"
        )

    # --- where ---------------------------------------------------------------------------------

    def offset(self, index: int | None = None) -> int:
        """Turn expat's offset, which knows no skipped text, into one of the package."""
        at = self.parser.CurrentByteIndex if index is None else index
        for start, end in self.texts:
            if at < start:
                break
            at += end - start
        return at

    def place(self, index: int | None = None, *, offset: int | None = None) -> Place:
        at = self.offset(index) if offset is None else offset
        line = self.body.count(b"\n", 0, at) + 1
        names = [name for name, _ in self.counts.path]
        return Place(
            xpath="/" + "/".join(names) if names else None,
            line=line,
            column=at - self.body.rfind(b"\n", 0, at),
        )

    def bound(
        self, refusal: type[EnvelopeError], got: int, limit: int, rule: str | None = None
    ) -> None:
        if got > limit:
            place = self.place()
            raise refusal(place=place, rule=rule or refusal.rule, expected=f"≤ {limit}", got=got)

    def refuse(self, error: ExpatError) -> NoReturn:
        """Say in our words what expat found."""
        message = errors.messages.get(error.code, "")
        kind, expected = _BY_EXPAT.get(message, (NotWellFormedError, "XML 1.0"))
        index = max(self.parser.ErrorByteIndex, 0)
        at = self.offset(index)
        place = self.place(index)
        got: str | int = shown(self.body[at : at + 24].decode("utf-8", "backslashreplace"))
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
        decoder = codecs.getincrementaldecoder("utf-8")()
        size = len(self.body)
        for at in range(0, size, _PIECE):
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(self.body[at : at + _PIECE], final=at + _PIECE >= size)
            except UnicodeDecodeError as error:
                start = at - kept + error.start
                wrong = self.body[start : start + 4].hex(" ")
                line = self.body.count(b"\n", 0, start) + 1
                where = Place(xpath=place.xpath, line=line)
                raise EncodingError(place=where, expected="UTF-8", got=wrong) from error


def _first(pattern: re.Pattern[str], text: bytes) -> str:
    match = pattern.search(text.decode("utf-8", "replace"))
    return shown(match[match.lastindex or 0]) if match else "–"
