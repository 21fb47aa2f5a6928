"""Submitting packages, and following what was sent."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import msgspec

from adapters.gateway.errors import (
    BodyTooLargeError,
    DigestWrongError,
    KeyReusedError,
    TooManyError,
)
from adapters.gateway.refusals import describe, headers_of, problem
from adapters.rest.answer import Answer, as_body, as_json, etag_of, is_known
from adapters.rest.call import Call, digest_of
from adapters.rest.cursor import decode_place, encode_place
from adapters.rest.errors import PackageUnknownError
from adapters.rest.headers import (
    content_digest_of,
    idempotency_key_of,
    patience_of,
    relayed_of,
)
from adapters.rest.operation import BYTES, EDXML, XML
from adapters.rest.shapes import Fault, Package, PackageList, package_of
from axis.delivery.errors import BodyPurgedError
from axis.envelope.diagnosis import diagnose
from axis.envelope.limits import Limits as EnvelopeLimits
from axis.errors import Lang, Refusal
from axis.gateway.verdicts import Verdict
from axis.intake import Ticket, package_id_of
from axis.store.access import claim_key
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.store.packages import packages_sent
from axis.store.retention import is_purged
from axis.structs import ready

DOOR: Final = "rest"

#: Everything that is wrong is looked for in refused packages up to this size.
DIAGNOSED_BYTES: Final = 1024 * 1024


class Submitting:
    """How many packages are read at once; one for each process."""

    def __init__(self, most: int) -> None:
        self._turns = asyncio.Semaphore(most)

    async def submit(self, call: Call) -> Answer:
        """Take a package and answer with its verdict, if that is there in time."""
        installation, caller = call.installation, call.caller
        call.demand_media(XML, EDXML, BYTES, "text/xml")
        most = installation.settings.limits.package_bytes
        if call.length is not None and call.length > most:
            raise BodyTooLargeError(limit=most)
        wait_s = patience_of(call)
        expected = content_digest_of(call)
        key = idempotency_key_of(call)
        relayed = relayed_of(call)
        # 1. Whether there is room: a sender that is told "later" has sent nothing in vain.
        if self._turns.locked():
            raise TooManyError(retry_after_s=1)
        await installation.demand_room()
        call.limits.demand_quota(caller.system_id, call.length or 0)
        hasher = hashlib.sha512() if expected is not None and expected[0] == "sha-512" else None

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in call.pieces(limit=most):
                if hasher is not None:
                    hasher.update(piece)
                yield piece

        async def admit(ticket: Ticket) -> None:
            if expected is not None:
                got = hasher.digest() if hasher is not None else ticket.digest
                if got != expected[1]:
                    raise DigestWrongError(
                        algorithm=expected[0], expected=expected[1].hex(), got=got.hex()
                    )
            if key is not None:
                await installation.in_thread(_claim, call, key, ticket.package_id)

        # 2. The bytes and the notice; see axis/intake/submit.py for what a crash leaves.
        async with self._turns:
            submitted = await installation.submit(
                pieces(), system_id=caller.system_id, door=DOOR, admit=admit, relayed=relayed
            )
        # 3. The verdict, if it is there in time; else where to ask for it.
        verdict = await installation.verdict_of(submitted, timeout_s=wait_s)
        if verdict is None:
            return _still_waiting(call, submitted.ticket.package_id, submitted.ticket)
        return await _judged(call, verdict)


async def show(call: Call) -> Answer:
    """Answer how far a package is."""
    package_id = call.identifier("package_id")
    installation = call.installation
    expected = installation.verdicts.expect(package_id)
    try:
        verdict = await installation.in_thread(_verdict_on, call, package_id)
        digest = call.text("sha256")
        if verdict is None and digest is not None:
            ticket = await installation.in_thread(
                _ticket_of, call, package_id, digest_of("sha256", digest)
            )
            wait_s = call.wait_s(installation.settings.gateway.wait_s)
            if wait_s > 0:
                verdict = await installation.verdicts.wait(expected, timeout_s=wait_s)
            if verdict is None:
                return _still_waiting(call, package_id, ticket, status=200)
    finally:
        expected.cancel()
    if verdict is None or verdict.package.system_id != call.caller.system_id:
        raise PackageUnknownError(package_id=str(package_id))
    return as_json(_package(call, verdict, everyone=True))


async def sent(call: Call) -> Answer:
    """Answer with what was sent, a page."""
    limit = call.integer("limit", 100, least=1, most=500)
    cursor = call.text("cursor")
    before = decode_place(cursor) if cursor else None
    only_open = call.flag("open")

    def page() -> list[Verdict]:
        with transaction(call.installation.engine) as connection:
            packages = packages_sent(
                connection,
                call.caller.system_id,
                before=before,
                only_open=only_open,
                limit=limit + 1,
            )
            deliveries = deliveries_of(connection, [one.id for one in packages[:limit]])
        return [
            Verdict(
                package=package,
                deliveries=tuple(d for d in deliveries if d.package_id == package.id),
            )
            for package in packages
        ]

    found = await call.installation.in_thread(page)
    last = found[limit - 1].package if len(found) > limit else None
    items = [_package(call, one, everyone=False) for one in found[:limit]]
    goes_on = encode_place(last.decided_at, last.id) if last and last.decided_at else None
    return as_json(PackageList(items=items, cursor=goes_on))


async def body(call: Call) -> Answer:
    """Give a sender the bytes that it sent."""
    verdict = await own_package(call)
    package = verdict.package
    if is_known(call, etag_of(package.digest)):
        return Answer(status=304, headers={"etag": etag_of(package.digest)})

    def purged() -> bool:
        with transaction(call.installation.engine) as connection:
            return is_purged(connection, package.id)

    if await call.installation.in_thread(purged):
        raise BodyPurgedError(delivery_id=str(package.id))
    return await as_body(call, package.digest, package.size_bytes, media_type=EDXML)


async def own_package(call: Call) -> Verdict:
    """Return the package of the path, where the caller's system sent it.

    Raises:
        PackageUnknownError: it did not, whoever else did.
    """
    package_id = call.identifier("package_id")
    verdict = await call.installation.in_thread(_verdict_on, call, package_id)
    if verdict is None or verdict.package.system_id != call.caller.system_id:
        raise PackageUnknownError(package_id=str(package_id))
    return verdict


def fault_of(refusal: Refusal, lang: Lang) -> Fault:
    """Return a refusal as a member of an answer."""
    return msgspec.convert(describe(refusal, lang), ready(Fault))


def _verdict_on(call: Call, package_id: UUID) -> Verdict | None:
    return call.installation.load_verdicts([package_id]).get(package_id)


def _ticket_of(call: Call, package_id: UUID, digest: bytes) -> Ticket:
    """Return the ticket of a package that was not judged, if the caller did submit it."""
    bodies = call.installation.bodies
    if package_id_of(call.caller.system_id, digest) != package_id or not bodies.has(digest):
        raise PackageUnknownError(package_id=str(package_id))
    return Ticket(package_id=package_id, digest=digest, size_bytes=bodies.size_of(digest))


def _still_waiting(call: Call, package_id: UUID, ticket: Ticket, *, status: int = 202) -> Answer:
    where = call.url(f"/v1/packages/{package_id}?sha256={ticket.digest.hex()}")
    waiting = Package(
        package_id=package_id,
        state="waiting",
        sha256=ticket.digest.hex(),
        size_bytes=ticket.size_bytes,
        links={"self": where},
    )
    return as_json(waiting, status, {"location": where, "retry-after": "1"})


async def _judged(call: Call, verdict: Verdict) -> Answer:
    package = verdict.package
    where = call.url(f"/v1/packages/{package.id}")
    if package.refusal is None:
        return as_json(_package(call, verdict, everyone=False), 201, {"location": where})
    faults: list[Refusal] = []
    if package.refusal.code.partition(".")[0] in {"schema", "envelope", "attachment"}:
        faults = await call.installation.in_thread(_diagnose, call, verdict)
    content = problem(
        package.refusal,
        call.lang,
        also=faults or [package.refusal],
        instance=f"urn:axis:request:{call.scope['state']['request_id']}",
        more={"package_id": package.id, "status": 422},
    )
    headers = dict(headers_of(package.refusal)) | {"location": where}
    return Answer(status=422, body=content, headers=headers)


def _diagnose(call: Call, verdict: Verdict) -> list[Refusal]:
    """Return everything that is wrong with a refused envelope, to be mended in one go."""
    package = verdict.package
    if package.size_bytes > DIAGNOSED_BYTES:
        return []
    limits = EnvelopeLimits(package_bytes=call.installation.settings.limits.package_bytes)
    return diagnose(call.installation.bodies.read(package.digest), limits)


def _package(call: Call, verdict: Verdict, *, everyone: bool) -> Package:
    record = verdict.package
    here = call.url(f"/v1/packages/{record.id}")
    links = {"self": here, "body": f"{here}/body"}
    if record.accepted:
        links |= {"receipts": f"{here}/receipts", "history": f"{here}/history"}
    return package_of(
        record,
        verdict.deliveries,
        refusal=fault_of(record.refusal, call.lang) if record.refusal else None,
        links=links,
        everyone=everyone,
    )


def _claim(call: Call, key: str, package_id: UUID) -> None:
    with transaction(call.installation.engine) as connection:
        known = claim_key(connection, call.caller.system_id, key, package_id, at=call.now)
    if known != package_id:
        raise KeyReusedError(package_id=str(known))
