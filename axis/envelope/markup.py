"""Tells markup from text by searching the bytes: where attachments and CDATA sections lie.

That is exact for a package without comment, DOCTYPE and processing instruction, which are refused
where they are met. In such a package each ``<`` opens a tag or a CDATA section, and a section ends
at the first ``]]>``. A package that is not well-formed can deceive the search; libxml2 refuses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from axis.envelope import counting
from axis.envelope.errors import (
    CommentError,
    DoctypeError,
    NotWellFormedError,
    PartTooLargeError,
    ProcessingInstructionError,
    TruncatedError,
)
from axis.envelope.shown import shown
from axis.errors import Place

if TYPE_CHECKING:
    from axis.envelope.counting import Ranges

#: An XML declaration as nearly every package has it.
DECLARATION: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.0\1"""
    rb"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[Uu][Tt][Ff]-8\2)?"""
    rb"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\3)?[ \t\r\n]*\?>"""
)
_ENCODED: Final = b"ContentTransferEncoded"
#: The start tag of an attachment's text: no ``>`` may hide in an attribute value.
_ENCODED_TAG: Final = re.compile(
    rb"""<(?:[\w.-]{1,64}:)?ContentTransferEncoded"""
    rb"""(?:[ \t\r\n]{1,99}[\w:.-]{1,99}[ \t\r\n]{0,9}=[ \t\r\n]{0,9}"""
    rb"""(?:"[^"<>]{0,999}"|'[^'<>]{0,999}')){0,99}[ \t\r\n]{0,99}>"""
)
_LONGEST_START: Final = 80  #: bytes between ``<`` and the end of the name
_CDATA: Final = b"<![CDATA["
_CDATA_END: Final = b"]]>"
_XML_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n]")


def attachment_texts(body: bytes, most: int) -> Ranges:
    """Find the text of each attachment, as if there were no CDATA.

    Only ``most`` places are looked at; what is not found counts to the envelope part.
    """
    texts: list[tuple[int, int]] = []
    at = body.find(_ENCODED)
    for _ in range(most):
        if at < 0:
            break
        start = _start_of_text(body, at)
        if start is None:
            at = body.find(_ENCODED, at + len(_ENCODED))
            continue
        end = _next(body, b"<", start)
        if end > start:
            texts.append((start, end))
        at = body.find(_ENCODED, end)
    return tuple(texts)


def sections(body: bytes, most: int) -> tuple[Ranges, Ranges]:
    """Find attachments and CDATA sections in a package that has something like ``<!`` or ``<?``.

    Returns:
        The ranges of attachment text, in CDATA or not; and the ranges without which only tags and
        the text between them are left.

    Raises:
        EnvelopeError: a comment, a DOCTYPE, a processing instruction, a declaration of something
            else than XML 1.0 in UTF-8; or more than ``most`` bytes beside the attachments.
    """
    search = _Search(body, most)
    search.run()
    return tuple(search.texts), tuple(search.hidden)


def without(body: bytes, ranges: Ranges) -> bytes:
    """Return a package without some of its bytes."""
    pieces: list[bytes] = []
    at = 0
    for start, end in ranges:
        pieces.append(body[at:start])
        at = end
    pieces.append(body[at:])
    return b"".join(pieces)


class _Search:
    """One careful walk; every byte is searched a fixed number of times."""

    def __init__(self, body: bytes, most: int) -> None:
        self.body = body
        self.most = most
        self.at = 0
        self.texts: list[tuple[int, int]] = []
        self.hidden: list[tuple[int, int]] = []
        self.text_bytes = 0
        self.ahead = dict.fromkeys((b"<!", b"<?", _ENCODED), -1)

    def run(self) -> None:
        self.at = self.end_of_declaration()
        while True:
            if self.at - self.text_bytes > self.most:
                got = f"≥ {self.at - self.text_bytes}"
                raise PartTooLargeError(expected=f"≤ {self.most}", got=got)
            special = min(self.next(b"<!"), self.next(b"<?"))
            encoded = self.next(_ENCODED)
            if special == encoded == len(self.body):
                return
            if special < encoded:
                self.section(special)
                continue
            start = _start_of_text(self.body, encoded)
            self.at = encoded + len(_ENCODED)
            if start is not None:
                self.attachment(start)

    def next(self, wanted: bytes) -> int:
        """Return where something stands next, looking at no byte twice."""
        if self.ahead[wanted] < self.at:
            self.ahead[wanted] = _next(self.body, wanted, self.at)
        return self.ahead[wanted]

    def attachment(self, start: int) -> None:
        """Take the text of an attachment, which may be pieces of text and CDATA sections."""
        while True:
            end = _next(self.body, b"<", start)
            self.take(start, end)
            self.at = end
            if not self.body.startswith(_CDATA, end):
                return
            inside = end + len(_CDATA)
            self.section(end)
            self.take(inside, self.at - len(_CDATA_END), hide=False)
            start = self.at
            if self.at - self.text_bytes > self.most:
                return

    def take(self, start: int, end: int, *, hide: bool = True) -> None:
        if end > start:
            self.texts.append((start, end))
            self.text_bytes += end - start
            if hide:
                self.hidden.append((start, end))

    def section(self, start: int) -> None:
        """Pass over a CDATA section; everything else that is no tag is refused."""
        if not self.body.startswith(_CDATA, start):
            self.refuse(start)
        end = self.body.find(_CDATA_END, start + len(_CDATA))
        if end < 0:
            place = counting.place_at(self.body, self.texts, start)
            raise TruncatedError(place=place, expected="]]>", got=len(self.body))
        self.at = end + len(_CDATA_END)
        self.hidden.append((start, self.at))

    def refuse(self, start: int) -> NoReturn:
        place = counting.place_at(self.body, self.texts, start)
        seen = shown(self.body[start : start + 28].decode("utf-8", "replace"))
        if self.body.startswith(b"<!--", start):
            raise CommentError(place=place, expected="–", got=seen)
        if self.body.startswith(b"<!DOCTYPE", start):
            raise DoctypeError(place=place, expected="–", got=seen)
        if self.body.startswith(b"<?", start):
            raise ProcessingInstructionError(place=place, expected="–", got=seen)
        raise NotWellFormedError(place=place, expected="XML 1.0", got=seen)

    def end_of_declaration(self) -> int:
        match = DECLARATION.match(self.body)
        if match is not None:
            return match.end()
        unusual = _XML_DECLARATION.match(self.body)
        if unusual is None:
            return 0
        end = self.body.find(b"?>", unusual.end())
        if end < 0:
            raise TruncatedError(place=Place(line=1), expected="?>", got=len(self.body))
        counting.refuse_declaration(self.body[: end + 2])
        return end + 2


def _start_of_text(body: bytes, at: int) -> int | None:
    """Return where a text begins if the name at ``at`` stands in the start tag of an attachment."""
    tag = body.rfind(b"<", max(0, at - _LONGEST_START), at)
    match = _ENCODED_TAG.match(body, tag) if tag >= 0 else None
    return match.end() if match else None


def _next(body: bytes, wanted: bytes, start: int) -> int:
    found = body.find(wanted, start)
    return len(body) if found < 0 else found
