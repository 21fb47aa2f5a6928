"""``sendEdoc``, and what became of what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from adapters.gateway.errors import TooManyError
from adapters.rest.answer import Answer
from adapters.vxp.answers import Rows, accepted, listed, refused, told
from adapters.vxp.behind import Reached, Went
from adapters.vxp.codes import said_of
from adapters.vxp.hashfile import FileOfBody
from adapters.vxp.kinds import type_of, word_of
from adapters.vxp.listing import chosen
from adapters.vxp.request import Request
from axis.delivery.states import State
from axis.errors import AxisError

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
            return refused(said_of(error.refusal), DocId="")

    async def _send(self, request: Request) -> Answer:
        behind = request.behind
        request.kind()
        # 1. Whether there is room: a sender that is told "later" has sent nothing in vain.
        if self._turns.locked():
            raise TooManyError(retry_after_s=1)
        await behind.demand_room(request.system_id, request.length or 0)
        file = FileOfBody(request.signed.text("hash-file"))
        limit = behind.bounds.package_bytes

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in request.pieces(limit=limit + len("\r\n")):
                if sure := file.feed(piece):
                    yield sure
            if rest := file.end():
                yield rest

        # 2. The bytes are kept, and the verdict comes if it is there in time; else the sender
        #    finds it in getSentEdocList.
        async with self._turns:
            taken = await behind.take(request.system_id, pieces())
        if taken.refused is not None:
            return refused(taken.refused, DocId="")
        doc_id = request.write_id(taken.package_id)
        return accepted(WAITS, DocId=doc_id) if taken.waits else accepted(DocId=doc_id)


async def sent(request: Request) -> Answer:
    """Answer with what was sent, a row for each recipient, the newest first."""
    kind = request.kind()
    if request.signed.values.get("docid"):
        package_id = await request.find(request.behind.packages_between)
        return await listed(_one(request, package_id))
    since, until = request.span()
    passed, wanted = request.page()
    if since is None:
        since = request.behind.now() - timedelta(days=request.behind.bounds.sent_days)
    return await listed(_sent(request, kind, since, until, passed, wanted))


async def _one(request: Request, package_id: UUID) -> Rows:
    yield _rows_of(request, await request.behind.sent(request.system_id, [package_id]))


async def _sent(
    request: Request,
    kind: str,
    since: datetime,
    until: datetime | None,
    passed: int,
    wanted: int | None,
) -> Rows:
    def fits(one: Went) -> bool:
        return type_of(one.kind) == kind and (until is None or one.at < until)

    pages = request.behind.sent_since(request.system_id, since)
    async for page in chosen(pages, fits, passed, wanted):
        yield _rows_of(request, page)


def _rows_of(request: Request, packages: Sequence[Went]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for package in packages:
        word, desc = "done", "Đã tiếp nhận"
        if package.refused is not None:
            word, desc = "fail", package.refused.desc
        elif package.waits is not None:
            word, desc = "processing", package.waits
        row = {
            "serviceType": "eDoc",
            "messageType": word_of(package.kind),
            "senderDocId": request.write_id(package.package_id),
            "receiverDocId": "",
            "fromCode": package.sender,
            "toCode": "",
            "title": package.subject,
            "notation": package.sign,
            "sentTime": told(package.received_at),
            "sendStatus": word,
            "sendStatusDesc": desc,
            "receivedTime": "",
            "receiveStatus": "",
            "receiveStatusDesc": "",
        }
        reached = package.recipients
        rows += [row | _recipient(request, one) for one in reached] if reached else [row]
    return rows


def _recipient(request: Request, one: Reached) -> dict[str, str]:
    word, text = RECEIVED[one.state]
    if one.status_code:
        text += f"; {one.status_code} {_STATUS.get(one.status_code, '')}".rstrip()
    return {
        "receiverDocId": request.write_id(one.delivery_id),
        "toCode": one.address,
        "receivedTime": told(one.confirmed_at),
        "receiveStatus": word,
        "receiveStatusDesc": text,
    }
