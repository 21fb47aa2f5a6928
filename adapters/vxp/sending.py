"""``sendEdoc``, and what became of what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

from adapters.gateway.errors import TooManyError
from adapters.rest.answer import Answer
from adapters.vxp.answers import Rows, accepted, listed, refused, told
from adapters.vxp.codes import describe
from adapters.vxp.hashfile import FileOfBody
from adapters.vxp.request import Request
from axis.delivery.states import State
from axis.envelope.diagnosis import diagnose
from axis.envelope.limits import Limits
from axis.errors import AxisError, Refusal
from axis.gateway.verdicts import Verdict
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.offers import packages_between
from axis.store.packages import PackageRecord, packages_by_id, packages_sent

DOOR: Final = "vxp"
PAGE: Final = 200

#: Everything that is wrong is looked for in refused packages up to this size.
DIAGNOSED_BYTES: Final = 1024 * 1024

WAITS: Final = "Da tiep nhan, dang kiem tra; ket qua xem tai getSentEdocList"

#: How far a receiver is, in the three words that clients know, and in Vietnamese.
RECEIVED: Final[Mapping[State, tuple[str, str]]] = {
    State.HELD: ("initial", "Chờ: hệ thống của đơn vị nhận chưa kết nối hoặc tạm dừng"),
    State.ROUTED: ("initial", "Chờ đơn vị nhận lấy về"),
    State.OFFERED: ("initial", "Chờ đơn vị nhận lấy về"),
    State.FETCHED: ("processing", "Đơn vị nhận đã lấy về, chưa xác nhận"),
    State.CONFIRMED: ("done", "Đơn vị nhận đã xác nhận"),
    State.REFUSED: ("fail", "Hệ thống của đơn vị nhận không tiếp nhận được"),
    State.EXPIRED: ("fail", "Quá hạn, không có hệ thống nào lấy về"),
    State.RECALLED: ("fail", "Đã thu hồi trước khi giao"),
    State.UNDELIVERABLE: ("fail", "Không giao được"),
    State.REDIRECTED: ("fail", "Đã chuyển tới đơn vị khác"),
    State.PARKED: ("initial", "Tạm gác, chờ đơn vị vận hành trục xử lý"),
}
_STATUS: Final[Mapping[str, str]] = {
    "01": "Đã đến",
    "02": "Từ chối tiếp nhận",
    "03": "Đã tiếp nhận",
    "04": "Đã phân công",
    "05": "Đang xử lý",
    "06": "Hoàn thành",
    "13": "Yêu cầu lấy lại",
    "15": "Đồng ý cập nhật, lấy lại",
    "16": "Từ chối cập nhật, lấy lại",
}


class Sending:
    """How many packages are read at once; one for each process."""

    def __init__(self, most: int) -> None:
        self._turns = asyncio.Semaphore(most)

    async def send(self, request: Request) -> Answer:
        """Take a package and answer with its verdict; every refusal has a ``DocId`` too.

        The client fails inside where the key is missing, and loses the reason.
        """
        try:
            return await self._send(request)
        except AxisError as error:
            return refused(error.refusal, DocId="")

    async def _send(self, request: Request) -> Answer:
        call = request.call
        installation = call.installation
        request.kind()
        # 1. Whether there is room: a sender that is told "later" has sent nothing in vain.
        if self._turns.locked():
            raise TooManyError(retry_after_s=1)
        await installation.demand_room()
        call.limits.demand_quota(request.system_id, call.length or 0)
        file = FileOfBody(request.signed.text("hash-file"))
        limit = installation.settings.limits.package_bytes

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in call.pieces(limit=limit + len("\r\n")):
                if sure := file.feed(piece):
                    yield sure
            if rest := file.end():
                yield rest

        # 2. The bytes and the notice; see axis/intake/submit.py for what a crash leaves.
        async with self._turns:
            submitted = await installation.submit(pieces(), system_id=request.system_id, door=DOOR)
        # 3. The verdict, if it is there in time; else the sender finds it in getSentEdocList.
        verdict = await installation.verdict_of(
            submitted, timeout_s=installation.settings.vxp.wait_s
        )
        doc_id = request.write_id(submitted.ticket.package_id)
        if verdict is None:
            return accepted(WAITS, DocId=doc_id)
        refusal = verdict.package.refusal
        if refusal is None:
            return accepted(DocId=doc_id)
        also = await installation.in_thread(_diagnose, request, verdict)
        return refused(refusal, also=also, DocId="")


async def sent(request: Request) -> Answer:
    """Answer with what was sent, a row for each recipient, the newest first."""
    kind = request.kind()
    if request.signed.values.get("docid"):
        package_id = await request.find(packages_between)
        return await listed(_one(request, package_id))
    since, until = request.span()
    passed, wanted = request.page()
    if since is None:
        days = request.call.installation.settings.vxp.sent_days
        since = _days_before(request, days)
    return await listed(_sent(request, kind, since, until, passed, wanted))


async def _one(request: Request, package_id: UUID) -> Rows:
    yield await request.call.installation.in_thread(_rows_of, request, [package_id])


async def _sent(
    request: Request, kind: str, since: Any, until: Any, passed: int, wanted: int | None
) -> Rows:
    before: tuple[Any, UUID] | None = None
    while wanted is None or wanted > 0:
        page = await request.call.installation.in_thread(_page, request, before)
        if not page:
            return
        before = (page[-1].decided_at, page[-1].id)
        fits = [
            one
            for one in page
            # One that could not be read is of no kind; it is shown among the documents.
            if (one.kind or "document") == kind and (until is None or one.decided_at < until)
            if one.decided_at >= since
        ]
        skipped = min(passed, len(fits))
        passed -= skipped
        fits = fits[skipped:]
        if wanted is not None:
            fits = fits[:wanted]
            wanted -= len(fits)
        if fits:
            ids = [one.id for one in fits]
            yield await request.call.installation.in_thread(_rows_of, request, ids)
        if page[-1].decided_at < since:
            return


def _page(request: Request, before: tuple[Any, UUID] | None) -> list[PackageRecord]:
    with transaction(request.call.installation.engine) as connection:
        return packages_sent(connection, request.system_id, before=before, limit=PAGE)


def _rows_of(request: Request, package_ids: list[UUID]) -> list[dict[str, Any]]:
    with transaction(request.call.installation.engine) as connection:
        packages = packages_by_id(connection, package_ids)
        deliveries: dict[UUID, list[DeliveryRecord]] = {}
        for one in deliveries_of(connection, package_ids):
            deliveries.setdefault(one.package_id, []).append(one)
    rows: list[dict[str, Any]] = []
    for package_id in package_ids:
        package = packages[package_id]
        row = {
            "serviceType": "eDoc",
            "messageType": "status" if package.kind == "status" else "edoc",
            "senderDocId": request.write_id(package.id),
            "receiverDocId": "",
            "fromCode": package.sender or "",
            "toCode": "",
            "title": package.subject or "",
            "notation": package.sign or "",
            "sentTime": told(package.received_at),
            "sendStatus": "done" if package.accepted else "fail",
            "sendStatusDesc": describe(package.refusal) if package.refusal else "Đã tiếp nhận",
            "receivedTime": "",
            "receiveStatus": "",
            "receiveStatusDesc": "",
        }
        recipients = deliveries.get(package_id, [])
        rows += [row | _recipient(request, one) for one in recipients] if recipients else [row]
    return rows


def _recipient(request: Request, delivery: DeliveryRecord) -> dict[str, str]:
    word, text = RECEIVED[delivery.state]
    if delivery.status_code:
        text += f"; {delivery.status_code} {_STATUS.get(delivery.status_code, '')}".rstrip()
    return {
        "receiverDocId": request.write_id(delivery.id),
        "toCode": delivery.address,
        "receivedTime": told(delivery.confirmed_at),
        "receiveStatus": word,
        "receiveStatusDesc": text,
    }


def _days_before(request: Request, days: int) -> Any:
    from datetime import timedelta

    return request.call.now - timedelta(days=days)


def _diagnose(request: Request, verdict: Verdict) -> list[Refusal]:
    """Return everything that is wrong with a refused envelope, to be mended in one go."""
    package, installation = verdict.package, request.call.installation
    refusal = package.refusal
    if refusal is None or refusal.code.partition(".")[0] not in {"schema", "envelope"}:
        return []
    if package.size_bytes > DIAGNOSED_BYTES:
        return []
    limits = Limits(package_bytes=installation.settings.limits.package_bytes)
    return diagnose(installation.bodies.read(package.digest), limits)
