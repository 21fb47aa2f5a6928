"""What an examining process tells the relay: plain values in MessagePack, and nothing that runs.

The process has read bytes that anyone may have sent. Whoever should ever take it over could give
the relay false values, which is bad enough, but no pickle: what does not have the form below is not
an answer. Both ends are of one version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from axis.envelope.values import Envelope
from axis.errors import AxisError, Refusal, error_of
from axis.examine.inspect import Inspection
from axis.structs import ready
from axis.trust.values import VerifiedSignature


class _Answer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    envelope: Envelope | None = None  #: None: the package was refused
    signature: VerifiedSignature | None = None
    weak: VerifiedSignature | None = None
    refusal: Refusal | None = None  #: of the package, or of its signature


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(ready(list[_Answer]))


def encode_answers(answers: Sequence[Inspection | AxisError]) -> bytes:
    """Return the message for some answers; one that cannot be written is our own error."""
    told = [_told(answer) for answer in answers]
    try:
        return _ENCODER.encode(told)
    except (TypeError, ValueError, OverflowError):
        return _ENCODER.encode([_written_or_error(one) for one in told])


def decode_answers(message: bytes) -> list[Inspection | AxisError]:
    """Return what a message says.

    Raises:
        ValueError: it does not have the form of answers.
    """
    try:
        return [_heard(one) for one in _DECODER.decode(message)]
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error


def _told(answer: Inspection | AxisError) -> _Answer:
    if isinstance(answer, AxisError):
        return _Answer(refusal=answer.refusal)
    signature = answer.signature
    if isinstance(signature, AxisError):
        return _Answer(answer.envelope, None, answer.weak, signature.refusal)
    return _Answer(answer.envelope, signature, answer.weak)


def _heard(told: _Answer) -> Inspection | AxisError:
    if told.envelope is None:
        return error_of(told.refusal) if told.refusal is not None else AxisError()
    if told.signature is not None:
        return Inspection(envelope=told.envelope, signature=told.signature, weak=told.weak)
    error = error_of(told.refusal) if told.refusal is not None else AxisError()
    return Inspection(envelope=told.envelope, signature=error, weak=told.weak)


def _written_or_error(told: _Answer) -> _Answer:
    try:
        _ENCODER.encode(told)
    except (TypeError, ValueError, OverflowError):
        return _Answer(refusal=AxisError().refusal)
    return told
