"""Base64 text of attachments to bytes, in pieces, without a second copy of anything large.

The text of an attachment may have line breaks and other white space; everything else outside the
alphabet, and wrong padding, is refused. pybase64 decodes some forty times as fast as binascii.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pybase64

from axis.envelope.errors import NotBase64Error

PIECE_CHARACTERS: Final = 4 * 256 * 1024  #: of text decoded at once; a multiple of four

_STRANGE: Final = re.compile(r"[^A-Za-z0-9+/=]")
_WHITE_SPACE: Final = dict.fromkeys(map(ord, " \t\r\n"))


def decode_pieces(text: str) -> Iterator[bytes]:
    """Yield the bytes of a Base64 text in pieces of at most 768 KiB.

    Raises:
        NotBase64Error: the text is not Base64; ``got`` says where.
    """
    if len(text) <= PIECE_CHARACTERS:
        yield _decode(text, 0)
        return
    rest, ended = "", False
    for at in range(0, len(text), PIECE_CHARACTERS):
        piece = rest + text[at : at + PIECE_CHARACTERS]
        try:
            data, rest = pybase64.b64decode(piece, validate=True), ""
        except (binascii.Error, ValueError):
            piece = piece.translate(_WHITE_SPACE)
            whole = len(piece) // 4 * 4
            piece, rest = piece[:whole], piece[whole:]
            data = _decode(piece, at)
        if ended and piece:
            raise NotBase64Error(expected="A-Z a-z 0-9 + /", got=f"'=' @ {at}")
        ended = ended or piece.endswith("=")
        yield data
    if rest:
        raise NotBase64Error(expected="4 × n", got=f"4 × n + {len(rest)}")


def decode_plain(text: memoryview) -> Iterator[bytes]:
    """Yield the bytes of a Base64 text in pieces, where it holds letters, spaces and line feeds.

    It is for bytes that no parser has seen: whatever else stands there is refused, and where it
    stands is not told.

    Raises:
        NotBase64Error: something else stands there, or the padding is wrong.
    """
    rest, ended = b"", False
    size = len(text)
    for at in range(0, size, PIECE_CHARACTERS):
        piece: bytes | memoryview = text[at : at + PIECE_CHARACTERS]
        data: bytes | None = None
        if not rest:
            with suppress(binascii.Error, ValueError):
                data = pybase64.b64decode(piece, validate=True)
        if data is None:
            piece = rest + bytes(piece).translate(None, b" \n")
            whole = len(piece) // 4 * 4 if at + PIECE_CHARACTERS < size else len(piece)
            piece, rest = piece[:whole], piece[whole:]
            try:
                data = pybase64.b64decode(piece, validate=True)
            except (binascii.Error, ValueError) as error:
                raise NotBase64Error(expected="A-Z a-z 0-9 + / =", got="–") from error
        if ended and len(piece):
            raise NotBase64Error(expected="A-Z a-z 0-9 + /", got="'='")
        ended = ended or bytes(piece[-1:]) == b"="
        yield data


def _decode(text: str, offset: int) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        stripped = text.translate(_WHITE_SPACE)
    try:
        return pybase64.b64decode(stripped, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotBase64Error(expected="A-Z a-z 0-9 + / =", got=_fault(stripped, offset)) from error


def _fault(text: str, offset: int) -> str:
    """Name the first character that is none of Base64's; else it is the padding."""
    strange = _STRANGE.search(text)
    if strange is None:
        return f"'=' × {text.count('=')}, 4 × n + {len(text) % 4}"
    char = strange[0]
    shown = char if char.isprintable() else "–"
    return f"'{shown}' U+{ord(char):04X} @ {offset + strange.start()}"
