"""What the client does with the API, without input or output: one generator for each operation.

The steps that matter after a crash or a lost answer say so; all of them may be begun again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any, Final
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec

from adapters.client.errors import (
    NotAddressedError,
    NotOursError,
    ProblemError,
    ReceivedDigestError,
    UnreachableError,
)
from adapters.client.exchange import PIECE, Answer, Flow, Request, Sink, Source
from adapters.client.ledger import LogKey, receipts
from adapters.client.measuring import Measured
from adapters.client.memory import Memory
from adapters.client.problem import problem_of
from adapters.client.trust import Trust
from adapters.client.values import (
    Bounds,
    Delivery,
    Mailbox,
    Part,
    Proofs,
    Received,
    Sent,
    Stepped,
    Submission,
)
from adapters.client.vouched import STEPS, Instead
from axis.trust.values import SignedAttachment

#: An attachment up to so many bytes goes in one call; a larger one in pieces, resumed where broken.
WHOLE_BYTES: Final = 4 * 1024 * 1024
PIECE_BYTES: Final = 4 * 1024 * 1024
#: Interruptions in a row without a byte of progress after which an upload is given up for now.
STUCK: Final = 5
_TUS: Final = {"Tus-Resumable": "1.0.0"}


# --- sending ---


def submit(
    package: Measured, *, key: str | None, wait_s: float, headers: Mapping[str, str] | None = None
) -> Flow[Submission]:
    """Hand over a package and return its verdict, or what is known after ``wait_s``.

    Raises:
        ProblemError: the axis refused it; ``problem.errors`` says everything that is wrong.
    """
    digest = package.sha256.hex()
    answer = yield Request(
        method="POST",
        path="/v1/packages",
        headers={
            "Content-Type": "application/vnd.edxml+xml",
            "Content-Digest": _digest_field(package.sha256),
            "Idempotency-Key": key or digest,
            "Prefer": f"wait={int(min(wait_s, 60))}",
            **(headers or {}),
        },
        source=Source(what=package.what, length=package.size_bytes),
        wait_s=min(wait_s, 60),
    )
    found = answer.read(Submission)
    began = datetime.now(UTC)
    while found.state == "waiting":
        left = wait_s - (datetime.now(UTC) - began).total_seconds()
        if left <= 0:
            return found
        found = yield from verdict(found.package_id, digest, wait_s=max(1.0, min(left, 20)))
    if found.refusal is not None:
        raise ProblemError(problem_of(found.refusal))
    return found


def verdict(package_id: UUID, sha256: str | None, *, wait_s: float = 0) -> Flow[Submission]:
    """Return how far a package is; ``sha256`` lets the axis answer before it is judged.

    Raises:
        ProblemError: it is not known.
    """
    query: dict[str, str | int] = {"wait": int(wait_s)}
    if sha256 is not None:
        query["sha256"] = sha256
    answer = yield Request(
        method="GET", path=f"/v1/packages/{package_id}", query=query, wait_s=wait_s
    )
    return answer.read(Submission)


def steps_of(package_id: UUID) -> Flow[Proofs]:
    """Return the first steps of a package on record; its acceptance is the first of all.

    Raises:
        ProblemError: it is not known.
    """
    answer = yield Request(
        method="GET", path=f"/v1/packages/{package_id}/receipts", query={"limit": 1}
    )
    return answer.read(Proofs)


def log_name() -> Flow[str]:
    """Return the name of the log of now, which is also the name of its key."""
    answer = yield Request(method="GET", path="/v1/ledger/key")
    return answer.content.decode("utf-8", "replace").strip().partition("+")[0]


def sent(cursor: str | None, *, limit: int, open_only: bool) -> Flow[Sent]:
    """Return a page of what was sent, newest first."""
    query: dict[str, str | int] = {"limit": limit}
    if cursor:
        query["cursor"] = cursor
    if open_only:
        query["open"] = "true"
    answer = yield Request(method="GET", path="/v1/packages", query=query)
    return answer.read(Sent)


def bring(part: Measured, memory: Memory) -> Flow[str]:
    """Bring an attachment that travels apart, before the package that names it; return its SHA-256.

    A large one goes in pieces. Where the line breaks, or this process ends, it goes on where the
    axis says it is: the address of the upload is kept in ``memory``.

    Raises:
        ProblemError: the axis refused it.
        UnreachableError: no byte went through, several times in a row.
    """
    digest = part.sha256.hex()
    # 1. What is there already is not sent again.
    head = yield Request(method="HEAD", path=f"/v1/parts/{digest}", expected=frozenset({404}))
    if head.status != 404:
        return digest
    if part.size_bytes <= WHOLE_BYTES:
        yield Request(
            method="PUT",
            path=f"/v1/parts/{digest}",
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Digest": _digest_field(part.sha256),
            },
            source=Source(what=part.what, length=part.size_bytes),
        )
        return digest
    # 2. Where is it? An upload that a process before began goes on.
    path = memory.upload(digest)
    at = None if path is None else (yield from _offset(path))
    if path is None or at is None:
        path = yield from _begin(part)
        memory.keep_upload(digest, path)
        at = 0
    # 3. Piece by piece. What is lost with a broken line is less than a piece.
    stuck, lost = 0, at == part.size_bytes
    while at < part.size_bytes:
        length = min(PIECE_BYTES, part.size_bytes - at)
        try:
            answer = yield Request(
                method="PATCH",
                path=path,
                headers=_TUS
                | {
                    "Content-Type": "application/offset+octet-stream",
                    "Upload-Offset": str(at),
                },
                source=Source(what=part.what, start=at, length=length),
                again=False,
                expected=frozenset({409}),
            )
            moved = _upload_offset(answer) if answer.status != 409 else None
        except UnreachableError:
            moved = None
        lost = moved is None
        if moved is None:
            moved = yield from _offset(path)
            if moved is None:  # the axis has forgotten it: begin anew
                memory.keep_upload(digest, None)
                return (yield from bring(part, memory))
        stuck = stuck + 1 if moved <= at else 0
        if stuck >= STUCK:
            raise UnreachableError(url=path, reason=f"no progress at byte {at}")
        at = moved
    # 4. All bytes are there; where the last answer was lost, whether they were made a part is not
    #    known. Again is no news.
    if lost:
        yield Request(
            method="POST", path=f"{path}/complete", headers=_TUS, source=Source(what=b"", length=0)
        )
    memory.keep_upload(digest, None)
    return digest


def _begin(part: Measured) -> Flow[str]:
    digest = base64.b64encode(part.sha256.hex().encode()).decode()
    answer = yield Request(
        method="POST",
        path="/v1/uploads",
        headers=_TUS
        | {"Upload-Length": str(part.size_bytes), "Upload-Metadata": f"sha256 {digest}"},
        source=Source(what=b"", length=0),
    )
    # The axis may name itself by another address than the one we call: only the path counts.
    return httpx.URL(answer.headers.get("location", "")).path


def _offset(path: str) -> Flow[int | None]:
    gone = frozenset({403, 404, 410})
    answer = yield Request(method="HEAD", path=path, headers=_TUS, expected=gone)
    return None if answer.status in gone else _upload_offset(answer)


def _upload_offset(answer: Answer) -> int:
    text = answer.headers.get("upload-offset", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


# --- receiving ---


def mailbox(cursor: str | None, *, wait_s: float, limit: int) -> Flow[Mailbox]:
    """Return a page of what waits; with a cursor, of what came since."""
    query: dict[str, str | int] = {"wait": int(wait_s), "limit": limit}
    if cursor:
        query["cursor"] = cursor
    answer = yield Request(method="GET", path="/v1/mailbox", query=query, wait_s=wait_s)
    return answer.read(Mailbox)


def delivery(delivery_id: UUID) -> Flow[Delivery]:
    """Return one delivery."""
    answer = yield Request(method="GET", path=f"/v1/deliveries/{delivery_id}")
    return answer.read(Delivery)


def fetch(
    one: Delivery, file: IO[bytes], trust: Trust, key: LogKey | None, memory: Memory
) -> Flow[Received]:
    """Fetch a package into a file and return it verified.

    A delivery that its sender wrote to another office is for us where the ledger says how.

    Raises:
        ReceivedDigestError: other bytes came than were announced.
        NotAddressedError, NotOursError, NoTrustError, SenderMismatchError, AxisError: see
            :meth:`Trust.verify`; nothing of the package is to be believed.
        NotYetSignedError: the ledger's word on who gets it is not signed yet; fetch it again.
        ProblemError: the axis does not give it out.
    """
    sink = Sink(file)
    yield Request(method="GET", path=f"/v1/deliveries/{one.delivery_id}/body", sink=sink)
    file.seek(0)
    body = file.read()
    got = hashlib.sha256(body).hexdigest()
    if got != one.sha256:
        raise ReceivedDigestError(expected=one.sha256, got=got)
    at = min(one.routed_at or datetime.now(UTC), datetime.now(UTC))
    envelope, signature = trust.open(body, at=at)
    instead: Instead | None = None
    try:
        # The signed addressee, not the axis's word …
        trust.demand_addressed(envelope, one)
    except (NotAddressedError, NotOursError):
        # … but where the axis changed the way by the book, its book says so.
        if key is None:
            raise
        path = f"/v1/deliveries/{one.delivery_id}"
        proofs = yield from receipts(path, key, memory, body=body, needed=STEPS)
        instead = trust.instead(envelope, one, [proof.verified for proof in proofs])
        if instead is None:
            raise
    return Received(
        delivery=one, body=body, envelope=envelope, signature=signature, instead=instead
    )


def parts(delivery_id: UUID) -> Flow[Sequence[Part]]:
    """Return the list of attachments that came apart."""
    answer = yield Request(method="GET", path=f"/v1/deliveries/{delivery_id}/parts")
    return answer.read(_Parts).items


def fetch_part(delivery_id: UUID, signed: SignedAttachment, file: IO[bytes]) -> Flow[None]:
    """Fetch an attachment that came apart; it has the digest that its sender signed, or none does.

    Raises:
        ReceivedDigestError: other bytes came than were signed.
        ProblemError: the axis does not give it out.
    """
    name = quote(signed.content_id, safe="")
    sink = Sink(file)
    yield Request(method="GET", path=f"/v1/deliveries/{delivery_id}/parts/{name}", sink=sink)
    hasher = hashlib.new(signed.digest_name)
    file.seek(0)
    while piece := file.read(PIECE):
        hasher.update(piece)
    if hasher.digest() != signed.digest:
        raise ReceivedDigestError(expected=signed.digest.hex(), got=hasher.hexdigest())


def confirm(delivery_id: UUID) -> Flow[None]:
    """Say that a delivery is kept; again is no news."""
    yield Request(method="POST", path=f"/v1/deliveries/{delivery_id}/confirm", json={})


def confirm_all(delivery_ids: Collection[UUID]) -> Flow[list[Stepped]]:
    """Say so of up to 500; each one's ``refusal`` says why it was not taken, or is None."""
    wanted = [str(one) for one in delivery_ids]
    answer = yield Request(
        method="POST", path="/v1/deliveries/confirm", json={"delivery_ids": wanted}
    )
    return answer.read(_Confirmed).items


def refuse(delivery_id: UUID, why: str) -> Flow[None]:
    """Say that the system cannot take a delivery."""
    yield Request(method="POST", path=f"/v1/deliveries/{delivery_id}/refuse", json={"why": why})


# --- the directory ---


def search(words: str, *, limit: int, closed: bool) -> Flow[list[dict[str, Any]]]:
    """Return offices by words without diacritics, or any code."""
    query: dict[str, str | int] = {"q": words, "limit": limit}
    if closed:
        query["closed"] = "true"
    answer = yield Request(method="GET", path="/v1/offices/search", query=query)
    return answer.read(_Items).items


def office(code: str, *, at: str | None) -> Flow[dict[str, Any]]:
    """Return the office of a code at a day, and who is served for it now."""
    answer = yield Request(
        method="GET", path=f"/v1/offices/{quote(code, safe='')}", query={"at": at} if at else {}
    )
    return answer.read(dict)


def offices(since: int, after: str | None, *, limit: int) -> Flow[OfficePage]:
    """Return a page of the offices, or of those that changed after a version."""
    query: dict[str, str | int] = {"since": since, "limit": limit}
    if after:
        query["after"] = after
    answer = yield Request(method="GET", path="/v1/offices", query=query)
    return answer.read(OfficePage)


def me() -> Flow[Bounds]:
    """Return who we are to the axis, and what we may."""
    answer = yield Request(method="GET", path="/v1/me")
    return answer.read(Bounds)


class OfficePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of offices; ask for what changed with ``version`` next time."""

    items: list[dict[str, Any]]
    version: int  #: of the whole list; to be asked with once ``next`` is None
    next: str | None = None


class _Parts(msgspec.Struct, frozen=True):
    items: list[Part]


class _Items(msgspec.Struct, frozen=True):
    items: list[dict[str, Any]]


class _Confirmed(msgspec.Struct, frozen=True):
    items: list[Stepped]


def _digest_field(sha256: bytes) -> str:
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"
