"""Has checkpoints time stamped, beside the work of the notary and never in its way.

An outage of the authority is recorded with its reason; the next answer, over a later checkpoint,
covers everything that came before.
"""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from cryptography import x509

from axis.errors import AxisError
from axis.ledger.errors import TimestampError
from axis.ledger.timestamp import make_request, verify_token
from axis.settings import Settings
from axis.store.checkpoints import Timestamp, add_timestamp, last_checkpoint, last_timestamp
from axis.store.engine import transaction

_LOG: Final = logging.getLogger(__name__)
_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 1_000_000


def stamp(
    engine: sa.Engine, settings: Settings, *, log: int, now: Callable[[], datetime]
) -> Timestamp | None:
    """Have the last checkpoint time stamped, if it is due; return what came of it.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    url = settings.notary.tsa_url
    if not url:
        return None
    # 1. Is it due? A checkpoint that has its stamp needs no second one.
    with transaction(engine) as connection:
        checkpoint = last_checkpoint(connection, log)
        last = last_timestamp(connection, log)
    if checkpoint is None:
        return None
    if last is not None:
        if last.token is not None and last.size >= checkpoint.size:
            return None
        if now() - last.asked_at < timedelta(seconds=settings.notary.tsa_every_s):
            return None
    # 2. Ask, and believe only what verifies.
    asked_at = now()
    token: bytes | None = None
    failure: str | None = None
    try:
        token = ask_authority(settings, checkpoint.note.encode())
    except (OSError, ValueError) as error:
        failure = str(error)
    except AxisError as error:
        failure = str(error)
    # 3. Record it either way.
    timestamp = Timestamp(log, checkpoint.size, asked_at, token, failure)
    with transaction(engine) as connection:
        add_timestamp(connection, timestamp)
    if failure is not None:
        _LOG.warning("no time stamp", extra={"code": TimestampError.code})
    return timestamp


def ask_authority(settings: Settings, content: bytes) -> bytes:
    """Return the authority's answer over bytes, verified.

    Raises:
        OSError, ValueError: it cannot be reached, or its certificates cannot be read.
        TimestampError: its answer is not valid.
    """
    request = make_request(content)
    answer = _post(settings.notary.tsa_url, request.body)
    verify_token(answer, content, roots_of(settings), nonce=request.nonce)
    return answer


def roots_of(settings: Settings) -> list[x509.Certificate]:
    """Return the certificates that time stamps may end in.

    Raises:
        OSError, ValueError: the file cannot be read.
    """
    return x509.load_pem_x509_certificates(settings.path(settings.notary.tsa_roots).read_bytes())


def _post(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(  # noqa: S310  the address is configured
        url, data=body, headers={"Content-Type": "application/timestamp-query"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        content: bytes = answer.read(_MOST_BYTES)
        return content
