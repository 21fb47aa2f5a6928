"""Fetches revocation lists over the network, on schedule and never while a package waits.

Only addresses of the settings are asked: never one that a certificate names, so that nobody who
sends a certificate can make the axis call somewhere. The network is not trusted: a list counts
only by its signature, later, when a path is judged; here it must be a list, and no older than the
one at hand.
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import IO, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from axis.errors import AxisError, Refusal
from axis.trust.errors import ListNotFetchedError
from axis.trust.material import read_crl

SIZE_BYTES: Final = 64 * 1024 * 1024  #: no list is larger
TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one address."""

    url: str
    outcome: Literal["taken", "unchanged", "failed"]
    next_update: datetime | None = None
    refusal: Refusal | None = None


def fetch_lists(urls: Iterable[str], folder: Path, *, now: datetime) -> Iterator[Fetched]:
    """Fetch each list into the folder; a failure leaves the list at hand as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for url in urls:
        target = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.crl"
        try:
            data = _get(url)
            crl = read_crl(data, source=url)
            taken = _take(url, crl, target, now)
        except AxisError as error:
            yield Fetched(url=url, outcome="failed", refusal=error.refusal)
            continue
        outcome: Literal["taken", "unchanged"] = "taken" if taken else "unchanged"
        yield Fetched(url=url, outcome=outcome, next_update=crl.next_update_utc)


def _take(url: str, crl: x509.CertificateRevocationList, target: Path, now: datetime) -> bool:
    """Put a list in the place of the one at hand; False: it is the same."""
    if crl.next_update_utc is None or crl.next_update_utc < now:
        raise ListNotFetchedError(url=url, reason="it is out of date")
    data = crl.public_bytes(Encoding.DER)
    if target.exists():
        old = read_crl(target.read_bytes(), source=str(target))
        if old.public_bytes(Encoding.DER) == data:
            return False
        if crl.issuer != old.issuer:
            raise ListNotFetchedError(url=url, reason="it is another authority's")
        if crl.last_update_utc < old.last_update_utc:
            raise ListNotFetchedError(url=url, reason="it is older than the one at hand")
    # Readers see the old list or the new one, whole.
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)
    return True


def _get(url: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ListNotFetchedError(url=url, reason="only http and https are allowed")
    opener = urllib.request.build_opener(NoRedirects)
    try:
        with opener.open(url, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read(SIZE_BYTES + 1)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise ListNotFetchedError(url=url, reason=str(error) or type(error).__name__) from error
    if len(data) > SIZE_BYTES:
        raise ListNotFetchedError(url=url, reason=f"over {SIZE_BYTES} bytes")
    return data


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """An address of the settings does not get to send us elsewhere."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None
