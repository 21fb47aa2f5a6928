"""Asks OCSP responders about registered certificates, on schedule and never while a package waits.

Like lists, answers come only from addresses of the settings. An answer is taken when it says, with
the signature of the issuer or of a responder that it named, that the certificate is good or revoked
now, and is no older than the one at hand. Anything else — stale, unknown, refused — leaves the one
at hand, which counts until its end; after that the axis cannot tell, and keeps what it is sent.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from axis.errors import AxisError, Refusal
from axis.trust.certificates import Certificate
from axis.trust.errors import AnswerNotFetchedError, CertificateRevokedError
from axis.trust.fetch import NoRedirects
from axis.trust.links import Link, is_signed_by, link_of
from axis.trust.ocsp import OcspAnswer, OcspAnswers, read_answers

SIZE_BYTES: Final = 64 * 1024  #: no answer is larger
TIMEOUT_S: Final = 15.0
SKEW: Final = timedelta(minutes=5)  #: that a responder's clock may be ahead of ours
_MEDIA_TYPE: Final = "application/ocsp-request"
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of asking about one certificate."""

    sha256: bytes  #: of the certificate
    subject: str
    outcome: Literal["good", "revoked", "fresh", "failed"]  #: fresh: need not be asked yet
    url: str = ""
    until: datetime | None = None  #: the end of the answer at hand, where it says good
    refusal: Refusal | None = None


def fetch_answers(
    certificates: Iterable[Certificate],
    issuers: Iterable[x509.Certificate],
    urls: Iterable[str],
    folder: Path,
    *,
    clock: Callable[[], datetime],
) -> Iterator[Answered]:
    """Ask about every certificate whose answer at hand is past its half; nothing else is asked.

    A certificate whose issuer is not among ``issuers`` is passed over: paths decide about it.
    ``clock`` is read for each of them: asking about thousands takes its time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    responders = tuple(urls)
    authorities = _by_subject(issuers)
    for certificate in certificates:
        issuer = _issuer_of(certificate, authorities)
        if issuer is None or not responders:
            continue
        target = folder / f"{certificate.sha256.hex()}.ors"
        link = link_of(certificate.x509)
        now = clock()
        until = _fresh_until(target, link, issuer, now)
        if until is not None:
            yield Answered(
                sha256=certificate.sha256,
                subject=certificate.subject,
                outcome="fresh",
                until=until,
            )
            continue
        yield _ask_all(certificate, link, issuer, responders, target, now)


def _ask_all(
    certificate: Certificate,
    link: Link,
    issuer: Link,
    urls: tuple[str, ...],
    target: Path,
    now: datetime,
) -> Answered:
    """Ask one responder after the other until one can tell."""
    refusal: Refusal | None = None
    for url in urls:
        try:
            data = _post(url, _request(certificate, issuer), certificate.subject)
            outcome, until = _judge(data, link, issuer, now, url)
            _take(data, target, link, issuer, url)
        except AxisError as error:
            refusal = error.refusal
            continue
        return Answered(
            sha256=certificate.sha256,
            subject=certificate.subject,
            outcome=outcome,
            url=url,
            until=until,
        )
    return Answered(
        sha256=certificate.sha256,
        subject=certificate.subject,
        outcome="failed",
        url=urls[-1],
        refusal=refusal,
    )


def _judge(
    data: bytes, link: Link, issuer: Link, now: datetime, url: str
) -> tuple[Literal["good", "revoked"], datetime | None]:
    """Return what an answer says of the certificate now.

    Raises:
        AnswerNotFetchedError: it does not say, or it is not authentic or not of now.
    """
    answers = read_answers(data, source=url)
    if not answers:
        reason = ocsp.load_der_ocsp_response(data).response_status.name.lower()
        raise AnswerNotFetchedError(subject=link.name, url=url, reason=f"refused: {reason}")
    try:
        good = OcspAnswers(answers).check(link, issuer, _instant_for(answers, now))
    except CertificateRevokedError:
        return "revoked", None
    if good is None:
        states = {each.single.certificate_status for each in answers}
        unknown = ocsp.OCSPCertStatus.UNKNOWN in states
        reason = "unknown" if unknown else "stale, not authentic, or about another"
        raise AnswerNotFetchedError(subject=link.name, url=url, reason=reason)
    return "good", good.until


def _instant_for(answers: Sequence[OcspAnswer], now: datetime) -> datetime:
    """Return now, or from when answers count where the responder's clock is a little ahead."""
    since = max(each.single.this_update_utc for each in answers)
    return since if now < since <= now + SKEW else now


def _take(data: bytes, target: Path, link: Link, issuer: Link, url: str) -> None:
    """Put an answer in the place of the one at hand, unless that is newer."""
    new, old = _since(data), _since(_read(target))
    if new is not None and old is not None and new < old:
        raise AnswerNotFetchedError(
            subject=link.name, url=url, reason="it is older than the one at hand"
        )
    part = target.with_suffix(".part")  # readers see the old answer or the new one, whole
    part.write_bytes(data)
    part.replace(target)


def _fresh_until(target: Path, link: Link, issuer: Link, now: datetime) -> datetime | None:
    """Return the end of the answer at hand, while less than half of its time is over."""
    data = _read(target)
    if data is None:
        return None
    try:
        answers = read_answers(data, source=str(target))
        if not answers:
            return None
        good = OcspAnswers(answers).check(link, issuer, _instant_for(answers, now))
    except AxisError:
        return None  # revoked, or not readable: it is asked again
    if good is None or now >= good.since + (good.until - good.since) / 2:
        return None
    return good.until


def _since(data: bytes | None) -> datetime | None:
    if data is None:
        return None
    try:
        answers: list[OcspAnswer] = read_answers(data, source="–")
    except AxisError:
        return None
    return max((each.single.this_update_utc for each in answers), default=None)


def _read(target: Path) -> bytes | None:
    return target.read_bytes() if target.exists() else None


def _request(certificate: Certificate, issuer: Link) -> bytes:
    """Return a request as RFC 5019 has it: one certificate, SHA-1 to name it, no nonce."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        certificate.x509,
        issuer.certificate,
        hashes.SHA1(),  # noqa: S303  it names an issuer and protects nothing
    )
    return builder.build().public_bytes(Encoding.DER)


def _post(url: str, request: bytes, subject: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise AnswerNotFetchedError(
            subject=subject, url=url, reason="only http and https are allowed"
        )
    asked = urllib.request.Request(  # noqa: S310  the scheme was checked
        url, data=request, headers={"Content-Type": _MEDIA_TYPE}, method="POST"
    )
    try:
        with urllib.request.build_opener(NoRedirects).open(asked, timeout=TIMEOUT_S) as answer:
            if answer.status != _OK:
                raise AnswerNotFetchedError(
                    subject=subject, url=url, reason=f"HTTP {answer.status}"
                )
            data: bytes = answer.read(SIZE_BYTES + 1)
    except (OSError, ValueError, urllib.error.URLError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise AnswerNotFetchedError(subject=subject, url=url, reason=reason) from error
    if len(data) > SIZE_BYTES:
        raise AnswerNotFetchedError(subject=subject, url=url, reason=f"over {SIZE_BYTES} bytes")
    return data


def _by_subject(issuers: Iterable[x509.Certificate]) -> Mapping[object, list[Link]]:
    found: dict[object, list[Link]] = {}
    for each in issuers:
        try:
            link = link_of(each)
        except AxisError:
            continue
        found.setdefault(link.subject, []).append(link)
    return found


def _issuer_of(certificate: Certificate, authorities: Mapping[object, list[Link]]) -> Link | None:
    """Return the authority that signed a certificate, by its name and its key."""
    try:
        link = link_of(certificate.x509)
    except AxisError:
        return None
    for issuer in authorities.get(link.issuer, ()):
        if issuer.key is not None and is_signed_by(certificate.x509, issuer.key):
            return issuer
    return None
