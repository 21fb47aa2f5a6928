"""Exclusive C14N from the bytes alone: a second reading that shares no line with libxml2.

A package that passed the prescan and the parser is well-formed, in UTF-8, without document type,
comments and instructions. Of such a text the canonical form follows token by token: tags are
rewritten, texts stay. What a tag becomes depends on the namespaces in scope and on those written
already; both make up a :class:`Scope`, which remembers what it has worked out, so that a tag that
was seen before costs one look-up. Whatever is not as expected raises, and the package is refused:
an error here can deny, never admit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

XML: Final = b"http://www.w3.org/XML/1998/namespace"

_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>?]*\?>)?[ \t\r\n]*")
_NO_BRACKETS: Final = bytes(each for each in range(256) if each not in b"<>")
_CDATA: Final = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_NAME: Final = rb"[A-Za-z_\x80-\xff][\w.\x80-\xff-]*"
_TAG: Final = re.compile(
    rb"(?:(" + _NAME + rb"):)?(" + _NAME + rb")"
    rb"((?:[ \t\r\n]+[^ \t\r\n=<>\"'/]+[ \t\r\n]*=[ \t\r\n]*"
    rb"(?:\"[^\"<]*\"|'[^'<]*'))*)[ \t\r\n]*(/?)"
)
_ATTRIBUTE: Final = re.compile(
    rb"([^ \t\r\n=<>\"'/]+)[ \t\r\n]*=[ \t\r\n]*(?:\"([^\"<]*)\"|'([^'<]*)')"
)
_REFERENCE: Final = re.compile(rb"&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));|&")
_NAMED: Final = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_KNOWN: Final = 20_000  #: tags remembered over all packages, at most
_TAG_BYTES: Final = 512  #: a longer tag is worked out each time


class LexicalError(ValueError):
    """The text is not of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What a start tag is and becomes."""

    uri: bytes
    local: bytes
    start: bytes  #: canonical
    end: bytes  #: canonical
    close: bytes  #: as an end tag is written: ``/`` and the name with its prefix
    is_empty: bool
    inner: Scope  #: for what stands inside


class Scope:
    """Namespaces in scope (by prefix) and those that an ancestor has written."""

    __slots__ = ("_apex", "_known", "declared", "written")

    def __init__(self, declared: dict[bytes, bytes], written: dict[bytes, bytes]) -> None:
        self.declared = declared
        self.written = written
        self._known: dict[bytes, Tag] = {}
        self._apex: Scope | None = None

    def apex(self) -> Scope:
        """Return the same place as the top of what is canonicalized: nothing is written yet."""
        if not self.written:
            return self
        if self._apex is None:
            self._apex = Scope(self.declared, {})
        return self._apex

    def tag(self, text: bytes) -> Tag:
        """Return what stands between ``<`` and ``>`` of a start tag."""
        known = self._known.get(text)
        if known is None:
            known = self._read(text)
            if len(text) <= _TAG_BYTES and _memory.admit():
                self._known[text] = known
        return known

    def _read(self, text: bytes) -> Tag:
        match = _TAG.fullmatch(text)
        if match is None:
            raise LexicalError("a tag cannot be read")
        prefix, local, rest, empty = match.groups()
        declared = dict(self.declared)
        plain: list[tuple[bytes, bytes]] = []
        for name, double, single in _ATTRIBUTE.findall(rest):
            value = _attribute(double or single)
            if name == b"xmlns":
                declared[b""] = value
            elif name.startswith(b"xmlns:"):
                declared[name[6:]] = value
            else:
                plain.append((name, value))
        used = {prefix or b""}
        attributes = []
        for name, value in plain:
            before, colon, after = name.rpartition(b":")
            if colon and before != b"xml":
                used.add(before)
            uri = XML if before == b"xml" else _uri(declared, before) if colon else b""
            attributes.append((uri, after, name, value))
        used.discard(b"xml")
        written = dict(self.written)
        namespaces = []
        for each in sorted(used):
            uri = declared.get(each, b"") if not each else _uri(declared, each)
            if written.get(each, b"" if not each else None) != uri:
                written[each] = uri
                namespaces.append((b"xmlns:" + each if each else b"xmlns", uri))
        written_as = b"".join(
            b' %b="%b"' % (name, _escape_attribute(value))
            for name, value in [*namespaces, *((n, v) for _, _, n, v in sorted(attributes))]
        )
        name = prefix + b":" + local if prefix else local
        return Tag(
            uri=XML if prefix == b"xml" else declared.get(prefix or b"", b""),
            local=local,
            start=b"<" + name + written_as + b">",
            end=b"</" + name + b">",
            close=b"/" + name,
            is_empty=bool(empty),
            inner=Scope(declared, written),
        )


class _Memory:
    """Counts what scopes remember; when it is full, the scopes start over."""

    def __init__(self) -> None:
        self.root = Scope({}, {})
        self._count = 0

    def admit(self) -> bool:
        self._count += 1
        if self._count > _KNOWN:
            self._count = 0
            self.root = Scope({}, {})  # readers under way keep the old one
        return True


_memory: Final = _Memory()


def root_scope() -> Scope:
    """Return the scope outside the root element."""
    return _memory.root


@dataclass(frozen=True, slots=True)
class Tokens:
    """A package in pieces: the tags without their brackets, and the text after each, raw."""

    tags: list[bytes]
    texts: list[bytes]
    is_plain: bool  #: every text is its own canonical form


def tokens(body: bytes) -> Tokens:
    """Return the tokens of a package.

    Raises:
        LexicalError: something stands before the root element, or a tag does not end.
    """
    if b"<![CDATA[" in body:
        body = _CDATA.sub(lambda m: _escape_cdata(m.group(1)), body)
    prolog = _PROLOG.match(body)
    rest = body[prolog.end() :] if prolog else body
    brackets = rest.translate(None, _NO_BRACKETS)
    if brackets == b"<>" * (len(brackets) // 2):  # they take turns: what is between is a tag
        first, *pieces = rest.replace(b">", b"<").split(b"<")
        if first or not pieces:
            raise LexicalError("text before the root element")
        return Tokens(pieces[0::2], pieces[1::2], b"&" not in body and b"\r" not in body)
    # A tag without its end, or ``>`` in a text or in an attribute's value.
    parts = rest.split(b"<")
    if parts[0] or len(parts) < 2:
        raise LexicalError("text before the root element")
    whole = [_whole_tag(*part.partition(b">")) for part in parts[1:]]
    return Tokens([tag for tag, _, _ in whole], [text for _, _, text in whole], False)


def character_data(text: bytes) -> bytes:
    """Return the canonical form of a text (C14N §2.3)."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"&" in text:
        text = _REFERENCE.sub(_expand, text)
        text = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b"\r", b"&#xD;")
    return text.replace(b">", b"&gt;") if b">" in text else text


def plain_text(text: bytes) -> str:
    """Return the characters of a text or of a canonical attribute's value."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return (_REFERENCE.sub(_expand, text) if b"&" in text else text).decode()


def _whole_tag(tag: bytes, closed: bytes, text: bytes) -> tuple[bytes, bytes, bytes]:
    """Take back what stands after a ``>`` within an attribute's value."""
    while closed and b"=" in tag and _TAG.fullmatch(tag) is None:
        more, closed, text = text.partition(b">")
        tag += b">" + more
    if not closed:
        raise LexicalError("a tag without an end")
    return tag, closed, text


def _attribute(value: bytes) -> bytes:
    """Return the value after normalization (XML 1.0 §3.3.3)."""
    for each in (b"\r\n", b"\r", b"\n", b"\t"):
        value = value.replace(each, b" ")
    return _REFERENCE.sub(_expand, value) if b"&" in value else value


def _escape_attribute(value: bytes) -> bytes:
    for old, new in _ATTRIBUTE_ESCAPES:
        if old in value:
            value = value.replace(old, new)
    return value


_ATTRIBUTE_ESCAPES: Final = (
    (b"&", b"&amp;"),
    (b"<", b"&lt;"),
    (b'"', b"&quot;"),
    (b"\t", b"&#x9;"),
    (b"\n", b"&#xA;"),
    (b"\r", b"&#xD;"),
)


def _escape_cdata(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _expand(match: re.Match[bytes]) -> bytes:
    decimal, hexadecimal, named = match.groups()
    if named:
        return _NAMED[named]
    digits = decimal or hexadecimal
    if not digits or len(digits) > 8:
        raise LexicalError("a reference cannot be read")
    try:
        return chr(int(digits, 10 if decimal else 16)).encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise LexicalError("a reference to no character") from error


def _uri(declared: dict[bytes, bytes], prefix: bytes) -> bytes:
    uri = declared.get(prefix)
    if not uri:
        raise LexicalError("a prefix that is not declared")
    return uri
