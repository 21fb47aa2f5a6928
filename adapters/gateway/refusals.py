"""Refusals as problem details (RFC 9457): our code, the caller's language, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from axis.errors import AxisError, Fault, Lang, Refusal

MEDIA_TYPE: Final = "application/problem+json"

#: The HTTP status of a refusal, where its fault alone does not say it.
STATUS: Final[Mapping[str, int]] = {
    "access.denied": 401,
    "access.expired": 401,
    "access.scope": 403,
    "access.system-stopped": 403,
    "body.store-unavailable": 503,
    "delivery.over": 409,
    "delivery.purged": 410,
    "delivery.transition": 409,
    "delivery.unknown": 404,
    "document.unknown": 404,
    "enrollment.rejected": 403,
    "enrollment.unknown": 403,
    "enrollment.used": 409,
    "http.body-too-large": 413,
    "http.compressed": 415,
    "http.cut-off": 400,
    "http.digest-mismatch": 400,
    "http.head-too-long": 431,
    "http.header": 400,
    "http.key-reused": 422,
    "http.malformed": 400,
    "http.media-type": 415,
    "http.method": 405,
    "http.not-found": 404,
    "http.parameter": 400,
    "http.quota": 429,
    "http.rate": 429,
    "http.too-slow": 408,
    "http.tus-version": 412,
    "ledger.no-checkpoint": 404,
    "ledger.unknown": 404,
    "office.unknown": 404,
    "package.unknown": 404,
    "signin.account-unknown": 404,
    "signin.denied": 401,
    "signin.forbidden": 403,
    "signin.form-forged": 403,
    "signin.openid-refused": 401,
    "signin.openid-stranger": 403,
    "signin.rate": 429,
    "signin.session-over": 401,
    "admin.not-permitted": 403,
    "part.mismatch": 400,
    "part.not-brought": 404,
    "part.too-large": 413,
    "part.unknown": 404,
    "part.upload-gone": 404,
    "part.upload-offset": 409,
}

_BY_FAULT: Final = {Fault.INPUT: 422, Fault.OUTAGE: 503, Fault.AXIS: 500}
#: What a caller is told to wait where the refusal does not say it, in seconds.
RETRY_AFTER_S: Final = 5


#: Facts that callers are told of what is not their fault; others name hosts, files and users.
_TOLD: Final = frozenset({"retry_after_s", "limit", "got", "expected"})
_TOLD_WHOLE: Final = frozenset({"intake.busy"})


def shown(refusal: Refusal) -> Refusal:
    """Return a refusal as a caller may see it: nothing of our machines is in it."""
    if refusal.fault is Fault.INPUT or refusal.code in _TOLD_WHOLE:
        return refusal
    if refusal.code.partition(".")[0] in {"http", "part"}:
        return refusal
    facts = {name: value for name, value in refusal.facts.items() if name in _TOLD}
    return replace(refusal, facts=facts)


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(refusal.code) or _BY_FAULT[refusal.fault]


def language_of(header: str | None) -> Lang:
    """Return the language that Accept-Language prefers of the two; English where neither."""
    best: tuple[float, Lang] = (0.0, "en")
    for item in (header or "").split(",")[:16]:
        name, _, parameters = item.strip().partition(";")
        primary = name.strip().lower().partition("-")[0]
        if primary not in ("en", "vi"):
            continue
        _, _, weight = parameters.partition("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > best[0]:
            best = (quality, "vi" if primary == "vi" else "en")
    return best[1]


def problem(
    refusal: Refusal,
    lang: Lang,
    *,
    also: Sequence[Refusal] = (),
    instance: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the JSON of a problem.

    Args:
        refusal: what is refused.
        lang: of the sentences.
        also: everything that is wrong with the same package, for ``errors``.
        instance: which request this was, for questions to the operator.
        more: members beside those of the refusal.
    """
    refusal = shown(refusal)
    said: dict[str, Any] = {
        "type": f"/v1/errors/{refusal.code}",
        "title": refusal.text(lang),
        "status": status_of(refusal),
        **describe(refusal, lang),
    }
    del said["text"]
    if instance is not None:
        said["instance"] = instance
    if also:
        said["errors"] = [describe(one, lang) for one in also]
    return msgspec.json.encode(said | dict(more or {}))


def describe(refusal: Refusal, lang: Lang) -> dict[str, Any]:
    """Return a refusal as members of a JSON object."""
    refusal = shown(refusal)
    said: dict[str, Any] = {
        "code": refusal.code,
        "fault": refusal.fault.value,
        "text": refusal.text(lang),
        "hint": refusal.hint(lang),
    }
    if refusal.place is not None:
        place = {
            "xpath": refusal.place.xpath,
            "line": refusal.place.line,
            "column": refusal.place.column,
        }
        said["place"] = {key: value for key, value in place.items() if value is not None}
    return said


def headers_of(refusal: Refusal) -> Iterable[tuple[str, str]]:
    """Yield the headers that go with a refusal."""
    yield "content-type", MEDIA_TYPE
    status = status_of(refusal)
    if status in (429, 503):
        after = refusal.facts.get("retry_after_s")
        yield "retry-after", str(after if isinstance(after, int) else RETRY_AFTER_S)
    if status == 401:
        yield "www-authenticate", 'Bearer realm="axis"'
    if status == 405:
        yield "allow", str(refusal.facts.get("expected", ""))
    if status == 412:
        yield "tus-version", "1.0.0"


def as_refusal(error: Exception) -> Refusal:
    """Return the refusal of any error; one that is none is our bug, and says nothing of itself."""
    return error.refusal if isinstance(error, AxisError) else AxisError().refusal
