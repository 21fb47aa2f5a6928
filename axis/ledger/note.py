"""Signed notes (C2SP signed-note v1): a text and lines of signatures, readable by other tools.

A note is the text, which ends in a newline, an empty line, and for each signature a line ``— name
base64(key id, signature)``. Keys are Ed25519 (type 0x01) or Ed25519 cosignatures with a time (type
0x04, C2SP tlog-cosignature). Signatures by unknown keys are carried along and ignored; a signature
by a known key that does not verify spoils the note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from axis.ledger.errors import NoteMalformedError, NoteSignatureError, VerifierKeyError

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04

MAX_NOTE_BYTES: Final = 1_000_000
MAX_SIGNATURES: Final = 100  #: a verifier must accept at least 16
_DASH: Final = "— "
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with its name, as ``name+keyid+base64(type, key)`` tells it."""

    name: str
    kind: int  #: ``ED25519`` or ``COSIGNATURE``
    public: bytes  #: 32 bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of the hash over name, type and key (signed-note, Signatures)."""
        return hashlib.sha256(
            self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        ).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature of a note, verified or not."""

    name: str
    key_id: bytes  #: 4 bytes
    blob: bytes  #: what follows the key id

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.blob).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that was verified; a cosignature says when it was made."""

    key: VerifierKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note in its parts. Nothing here says that a signature was verified."""

    text: str  #: ends in a newline
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{line}\n" for line in self.signatures)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """An Ed25519 key that others hold and use for us, such as a token."""

    public: bytes  #: 32 bytes
    sign: Callable[[bytes], bytes]  #: gives 64 bytes over a message


class NoteSigner:
    """Signs texts under a name with an Ed25519 key."""

    def __init__(self, name: str, key: Ed25519PrivateKey | HeldKey, kind: int = ED25519) -> None:
        """Keep the key.

        Raises:
            VerifierKeyError: the name is empty or has a space or a plus in it.
        """
        _check_name(name)
        self._key = key
        public = key.public if isinstance(key, HeldKey) else key.public_key().public_bytes_raw()
        self.verifier = VerifierKey(name=name, kind=kind, public=public)

    def sign(self, text: str) -> SignatureLine:
        """Return the signature over a text that ends in a newline (type 0x01)."""
        return self._line(self._key.sign(text.encode()))

    def cosign(self, text: str, at: datetime) -> SignatureLine:
        """Return the signature over a checkpoint and the time (whole seconds; type 0x04)."""
        seconds = int(at.timestamp())
        return self._line(seconds.to_bytes(_TIME_BYTES) + self._key.sign(_cosigned(text, seconds)))

    def _line(self, blob: bytes) -> SignatureLine:
        return SignatureLine(name=self.verifier.name, key_id=self.verifier.key_id, blob=blob)


def parse_verifier_key(text: str) -> VerifierKey:
    """Read ``name+keyid+base64``.

    Raises:
        VerifierKeyError: not of that form, of an unknown type, or the id is not the key's.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    _check_name(name)
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerifierKeyError(got=text) from error
    if len(key) != 1 + _KEY_BYTES or key[0] not in (ED25519, COSIGNATURE):
        raise VerifierKeyError(got=text)
    verifier = VerifierKey(name=name, kind=key[0], public=key[1:])
    if verifier.key_id.hex() != key_id:
        raise VerifierKeyError(got=text)
    return verifier


def parse_note(note: str | bytes) -> Note:
    """Take a note apart.

    Raises:
        NoteMalformedError: not UTF-8, a control character, no text, no signature, a broken line.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise NoteMalformedError(reason="too long")
    try:
        whole = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError as error:
        raise NoteMalformedError(reason="not UTF-8") from error
    if any(ord(sign) < 0x20 and sign != "\n" for sign in whole):
        raise NoteMalformedError(reason="a control character")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n"):
        raise NoteMalformedError(reason="no signatures after an empty line")
    signatures = tuple(_parse_line(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise NoteMalformedError(reason="too many signatures")
    return Note(text=text + "\n", signatures=signatures)


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> list[Verified]:
    """Return the signatures by known keys, all of them verified, each key once.

    The caller decides which of the keys must be among them.

    Raises:
        NoteSignatureError: a signature by a known key does not verify, or none is by a known key.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[tuple[str, bytes], Verified] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None and (line.name, line.key_id) not in verified:
            verified[line.name, line.key_id] = _verify_line(note.text, line, key)
    if not verified:
        raise NoteSignatureError(name="–", reason="no signature by a known key")
    return list(verified.values())


def _verify_line(text: str, line: SignatureLine, key: VerifierKey) -> Verified:
    at = None
    message, signature = text.encode(), line.blob
    if key.kind == COSIGNATURE:
        seconds = int.from_bytes(line.blob[:_TIME_BYTES])
        message, signature = _cosigned(text, seconds), line.blob[_TIME_BYTES:]
        try:
            at = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise NoteSignatureError(name=line.name, reason="the time is no time") from error
    if len(signature) != _SIGNATURE_BYTES:
        raise NoteSignatureError(name=line.name, reason="a signature has 64 bytes")
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature as error:
        raise NoteSignatureError(name=line.name, reason="it is not over this text") from error
    return Verified(key=key, at=at)


def _parse_line(line: str) -> SignatureLine:
    if not line.startswith(_DASH):
        raise NoteMalformedError(reason="a signature line begins with an em dash")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
        _check_name(name)
    except (binascii.Error, ValueError, VerifierKeyError) as error:
        raise NoteMalformedError(reason="a signature line is name and base64") from error
    if len(blob) <= 4:
        raise NoteMalformedError(reason="a signature is too short")
    return SignatureLine(name=name, key_id=blob[:4], blob=blob[4:])


def _cosigned(text: str, seconds: int) -> bytes:
    """Return what a cosignature is over (C2SP tlog-cosignature, Ed25519)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _check_name(name: str) -> None:
    if not name or "+" in name or any(sign.isspace() for sign in name):
        raise VerifierKeyError(got=name)
