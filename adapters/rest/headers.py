"""The headers that submissions are read by."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from adapters.gateway.errors import HeaderError
from adapters.rest.call import Call

_KEY: Final = re.compile(r'[\x21\x23-\x7e]{1,255}|"[\x20\x21\x23-\x7e]{1,253}"', re.ASCII)
_RELAYED: Final = re.compile(r"[A-Za-z0-9._/-]{1,200} [0-9a-f-]{36}", re.ASCII)
_DIGEST: Final = re.compile(r"(sha-256|sha-512)=:([A-Za-z0-9+/=]{1,100}):", re.ASCII)


def patience_of(call: Call) -> float:
    """Return for how long the caller would wait for a verdict (Prefer, RFC 7240), in seconds.

    Raises:
        HeaderError: the header cannot be read.
    """
    most = call.installation.settings.gateway.wait_s
    if call.prefers("respond-async") is not None:
        return 0.0
    wanted = call.prefers("wait")
    if wanted is None:
        return most
    if not re.fullmatch(r"[0-9]{1,6}", wanted, re.ASCII):
        raise HeaderError(name="Prefer", reason="wait is a whole number of seconds")
    return min(float(wanted), most)


def idempotency_key_of(call: Call) -> str | None:
    """Return the key by which the caller names this submission.

    Raises:
        HeaderError: it is too long or not visible.
    """
    value = call.header("idempotency-key")
    if value is not None and not _KEY.fullmatch(value):
        raise HeaderError(name="Idempotency-Key", reason="1 to 255 visible ASCII characters")
    return value


def relayed_of(call: Call) -> str | None:
    """Return the ledger entry by which another axis says that it sends a package on.

    Raises:
        HeaderError: it is not the origin of a log and the id of an entry.
    """
    value = call.header("axis-relayed")
    if value is not None and not _RELAYED.fullmatch(value):
        raise HeaderError(name="Axis-Relayed", reason="origin of a log, a blank, id of an entry")
    return value


def content_digest_of(call: Call) -> tuple[str, bytes] | None:
    """Return the first digest that we know; others may stand beside it (RFC 9530).

    Raises:
        HeaderError: there is none that can be read.
    """
    header = call.header("content-digest")
    if header is None:
        return None
    for item in header.split(","):
        found = _DIGEST.fullmatch(item.strip())
        if found is None:
            continue
        try:
            value = base64.b64decode(found[2], validate=True)
        except binascii.Error:
            continue
        if len(value) == (32 if found[1] == "sha-256" else 64):
            return found[1], value
    raise HeaderError(name="Content-Digest", reason="sha-256=:…: or sha-512=:…: in Base64")
