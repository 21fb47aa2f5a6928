"""Time stamps of checkpoints (RFC 3161): an authority outside says that a checkpoint was there.

The stamp is over the signed note exactly as the records hold it, so that ``openssl ts -verify -data
checkpoint -in token.tsr`` checks it too. One stamp serves every entry under the checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from axis.ledger.errors import TimestampError


class StampRequest(NamedTuple):
    """A request, and the nonce that the answer must repeat."""

    body: bytes  #: TimeStampReq, DER
    nonce: int | None


def make_request(content: bytes) -> StampRequest:
    """Return the request for a time stamp over bytes (SHA-256, with the certificate)."""
    request = (
        TimestampRequestBuilder()
        .data(content)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    return StampRequest(request.as_bytes(), request.nonce)


def verify_token(
    token: bytes,
    content: bytes,
    roots: Sequence[x509.Certificate],
    *,
    nonce: int | None = None,
) -> datetime:
    """Return the time that an answer certifies for bytes.

    Args:
        token: TimeStampResp, DER.
        content: the bytes; of a checkpoint, its signed note.
        roots: where the authority's certificate must lead.
        nonce: of the request, when the answer is fresh.

    Raises:
        TimestampError: it is not granted, over something else, or by somebody else.
    """
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        response = decode_timestamp_response(token)
        builder.build().verify_message(response, content)
        at: datetime = response.tst_info.gen_time
    except (VerificationError, ValueError, TypeError) as error:
        raise TimestampError(reason=str(error)) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def token_of(answer: bytes) -> bytes:
    """Return the TimeStampToken (DER) in an answer that was verified."""
    token: bytes = decode_timestamp_response(answer).time_stamp_token()
    return token
