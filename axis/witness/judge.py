"""Decides whether a checkpoint may be cosigned (C2SP tlog-witness, add-checkpoint). Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from axis.ledger.merkle import HASH_BYTES, verify_consistency
from axis.ledger.note import VerifierKey, parse_note
from axis.witness.errors import (
    ContradictionError,
    LogSignatureError,
    LogUnknownError,
    OldSizeError,
    RequestMalformedError,
    SameSizeContradictionError,
)

MAX_REQUEST_BYTES: Final = 100_000
_MAX_PROOF: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An add-checkpoint request in its parts; nothing of it is believed yet."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str


def parse_request(body: bytes) -> Request:
    """Read a request.

    Raises:
        RequestMalformedError: it is not of the form of add-checkpoint.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise RequestMalformedError(reason="too long")
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise RequestMalformedError(reason="not UTF-8") from error
    first, *lines = head.split("\n")
    old = first.removeprefix("old ")
    if not gap or first == old or not (old.isascii() and old.isdecimal()) or len(old) > 19:
        raise RequestMalformedError(reason="the first line says the old size")
    if old[0] == "0" and old != "0":
        raise RequestMalformedError(reason="the old size has a leading zero")
    if len(lines) > _MAX_PROOF:
        raise RequestMalformedError(reason="the proof is too long")
    return Request(old_size=int(old), proof=tuple(map(_hash, lines)), note=note)


def encode_request(old_size: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the body of an add-checkpoint request."""
    lines = "".join(f"{base64.b64encode(value).decode()}\n" for value in proof)
    return f"old {old_size}\n{lines}\n{note}".encode()


def log_of(request: Request, logs: Mapping[str, VerifierKey]) -> VerifierKey:
    """Return the key of the log that a request is about.

    Raises:
        RequestMalformedError: the checkpoint cannot be read.
        LogUnknownError: the log is not followed.
    """
    try:
        origin = parse_checkpoint(parse_note(request.note).text).origin
    except AxisError as error:
        raise RequestMalformedError(reason=error.refusal.text()) from error
    if origin not in logs:
        raise LogUnknownError(origin=origin)
    return logs[origin]


def judge(request: Request, log_key: VerifierKey, last: Checkpoint | None) -> Checkpoint:
    """Return the checkpoint to be cosigned, and from then on the last one.

    The caller must keep it before it answers, and must judge and keep as one step.

    Raises:
        LogSignatureError: the log's signature is absent or wrong.
        RequestMalformedError: the old size is larger than the new one.
        OldSizeError: the request does not go out from the last checkpoint.
        SameSizeContradictionError, ContradictionError: the log does not grow.
    """
    try:
        new = verify_checkpoint(request.note, log_key).checkpoint
    except AxisError as error:
        raise LogSignatureError(origin=log_key.name) from error
    if request.old_size > new.size:
        raise RequestMalformedError(reason="the old size is larger than the new one")
    known = last.size if last else 0
    if request.old_size != known:
        raise OldSizeError(expected=known, got=request.old_size)
    if last is not None and new.size == last.size:
        if new.root != last.root:
            raise SameSizeContradictionError(origin=new.origin, size=new.size)
        if request.proof:
            raise ContradictionError(origin=new.origin, size=new.size)
        return new
    try:
        if last is None or last.size == 0:
            if request.proof:
                raise ContradictionError(origin=new.origin, size=new.size)
        else:
            verify_consistency(last.size, new.size, request.proof, last.root, new.root)
    except ContradictionError:
        raise
    except AxisError as error:
        raise ContradictionError(origin=new.origin, size=new.size) from error
    return new


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformedError(reason="a hash is not base64") from error
    if len(value) != HASH_BYTES:
        raise RequestMalformedError(reason="a hash has 32 bytes")
    return value
