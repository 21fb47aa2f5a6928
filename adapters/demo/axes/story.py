"""A day between two axes, told step by step; every step says whether all was as it should be."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.client.values import Receipt, Received, Submission
from adapters.demo.axes.desks import Desks, until
from adapters.demo.axes.line import Condition, Line
from adapters.demo.axes.side import Side
from adapters.demo.country import CENTRE, COMMUNES, PROVINCE
from adapters.demo.papers import Paper, Papers
from adapters.demo.story import Teller
from axis.envelope.values import Code, DocumentEnvelope, StatusCode, StatusEnvelope
from axis.ledger.events import Event
from axis.notary.office import origin_of

COMMUNE: Final = COMMUNES[2]
#: What is sent while the line is broken: number and notation.
DURING: Final = (Code(number="7901", notation="VPCP-TTĐT"), Code(number="7902", notation="VPCP-KT"))
UPWARDS: Final = Code(number="13", notation="BC-UBND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A document that an office sent, as it signed it."""

    package: bytes
    sign: str
    submission: Submission

    @property
    def digest(self) -> str:
        """SHA-256 of the exact bytes, in hex."""
        return hashlib.sha256(self.package).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the day needs, and what happens on it."""

    nation: Side
    province: Side
    onward: Line  #: from the national axis to the provincial one
    back: Line
    desks: Desks
    papers: Papers
    teller: Teller

    async def tell(self) -> list[str]:
        """Carry the day's documents; return the names to trace."""
        directive, received = await self._down()
        await self._statuses(directive, received)
        await self._up()
        await self._broken()
        await self._receipts(directive, received)
        return [directive.sign, DURING[0].sign]

    async def _down(self) -> tuple[Sent, Received]:
        self.teller.head(
            "1. The Government Office, at home on the national axis, writes to a province and a "
            "commune that are at home on the provincial one",
            "1. Văn phòng Chính phủ, thuộc trục quốc gia, gửi văn bản tới một tỉnh và một xã "
            "thuộc trục của tỉnh",
        )
        sent = await self._send(CENTRE, self.papers.directive(CENTRE, (PROVINCE, COMMUNE)))
        await self._take(PROVINCE, sent)
        return sent, (await self._take(COMMUNE, sent))[0]

    async def _statuses(self, directive: Sent, received: Received) -> None:
        self.teller.head(
            "2. The commune reports that it arrived (01) and was registered (03)",
            "2. Xã báo đã đến (01) và đã vào sổ (03)",
        )
        for code in (StatusCode.ARRIVED, StatusCode.REGISTERED):
            answer = await self.desks.of(COMMUNE).report(received, code)
            (news,) = await self.desks.next(CENTRE, 1)
            self.teller.check(
                news.delivery.sha256 == answer.sha256
                and isinstance(news.envelope, StatusEnvelope)
                and news.envelope.status_code is code,
                f"{code.value} is back over the other link, as the commune signed it",
                f"trạng thái {code.value} đã về qua đường nối kia, nguyên vẹn như xã đã ký",
            )

        async def is_known() -> bool:
            known = await self.desks.of(CENTRE).verdict(directive.submission.package_id)
            found = {one.address: (one.state, one.status_code) for one in known.recipients}
            return found == {PROVINCE: ("confirmed", None), COMMUNE: ("confirmed", "03")}

        self.teller.check(
            await until(is_known),
            "the national axis knows that both offices have it, and that the commune registered it",
            "trục quốc gia biết cả hai nơi đã nhận, và xã đã vào sổ",
        )

    async def _up(self) -> None:
        self.teller.head(
            "3. The commune reports up to the Government Office",
            "3. Xã gửi báo cáo lên Văn phòng Chính phủ",
        )
        sent = await self._send(COMMUNE, self.papers.report(COMMUNE, CENTRE))
        await self._take(CENTRE, sent)

    async def _broken(self) -> None:
        self.teller.head(
            "4. The line between the axes breaks at the worst moment; both go on working",
            "4. Đường truyền giữa hai trục đứt vào lúc xấu nhất; cả hai trục vẫn làm việc",
        )
        self.onward.condition = Condition.DEAF
        first = await self._send(CENTRE, self.papers.directive(CENTRE, (COMMUNE,), code=DURING[0]))
        lost = await until(lambda: self.onward.answers_lost > 0)
        self.onward.cut()
        self.back.cut()
        self.teller.check(
            lost,
            "cut when the other axis had accepted and its answer was not yet back",
            "đứt khi trục kia đã tiếp nhận mà câu trả lời chưa về tới nơi",
        )
        second = await self._send(CENTRE, self.papers.directive(CENTRE, (COMMUNE,), code=DURING[1]))
        report = await self._send(COMMUNE, self.papers.report(COMMUNE, CENTRE, code=UPWARDS))
        sides = (self.nation, self.province)
        self.teller.check(
            await until(lambda: all(side.peer.failed_at is not None for side in sides)),
            "both axes know that the link is down (axis peer status) and keep what waits for it",
            "cả hai trục đều biết đường nối đang hỏng (axis peer status) và giữ văn bản nằm chờ",
        )
        self.teller.head(
            "5. The line is mended; everything arrives, once",
            "5. Đường truyền được nối lại; mọi văn bản đều đến, đúng một lần",
        )
        self.onward.mend()
        self.back.mend()
        await self._take(COMMUNE, first, second)
        await self._take(CENTRE, report)
        at_rest = await until(lambda: all(side.is_at_rest() for side in sides))
        twice = [key for key, count in Counter(self.desks.taken).items() if count > 1]
        self.teller.check(
            at_rest and not twice and not await self.desks.left(),
            f"{len(self.desks.taken)} deliveries in all, none twice, none left on the way",
            f"tổng cộng {len(self.desks.taken)} lượt giao, không lượt nào lặp, không sót văn bản",
        )

    async def _receipts(self, directive: Sent, received: Received) -> None:
        self.teller.head(
            "6. Receipts from both ledgers, which name each other's entries",
            "6. Biên nhận từ hai sổ cái, dẫn chiếu mục của nhau",
        )
        of_sender = await self.desks.receipts(CENTRE, directive.submission, directive.package)
        of_commune = await self.desks.receipts(COMMUNE, received, None)
        here = _only(of_sender, Event.SUBMISSION_ACCEPTANCE)
        there = _only(of_commune, Event.SUBMISSION_ACCEPTANCE)
        year = datetime.now(UTC).year
        cited_here = f"{origin_of(self.province.settings, year)} {there.verified.leaf.id}"
        cited_there = f"{origin_of(self.nation.settings, year)} {here.verified.leaf.id}"
        relayed = [one for one in of_sender if one.event == Event.RELAY_ACCEPTANCE]
        self.teller.check(
            len(relayed) == 2 and all(_cited(one) == cited_here for one in relayed),
            f"the national ledger names {cited_here}",
            f"sổ cái quốc gia dẫn {cited_here}",
        )
        self.teller.check(
            _cited(there) == cited_there,
            f"the provincial ledger names {cited_there}",
            f"sổ cái của tỉnh dẫn {cited_there}",
        )
        bodies = {one.verified.values.get("body") for one in (here, there)}
        self.teller.check(
            bodies == {f"sha256:{directive.digest}"},
            f"both are about the same bytes ({directive.digest[:12]})",
            f"cả hai nói về cùng một dãy byte ({directive.digest[:12]})",
        )

    async def _send(self, office: str, paper: Paper) -> Sent:
        package = self.desks.sign(office, paper.package)
        answer = await self.desks.of(office).submit(package)
        assert isinstance(paper.envelope, DocumentEnvelope)  # noqa: S101
        sign = paper.envelope.code.sign
        self.teller.check(
            answer.state == "accepted", f"{sign} accepted at home", f"{sign}: trục nhà đã tiếp nhận"
        )
        return Sent(package=package, sign=sign, submission=answer)

    async def _take(self, office: str, *sent: Sent) -> list[Received]:
        """Take what was sent to an office, as verified by the office itself."""
        received = await self.desks.next(office, len(sent))
        wanted = {one.digest for one in sent}
        found = {hashlib.sha256(one.body).hexdigest() for one in received}
        bodies_same = {one.package for one in sent} == {one.body for one in received}
        title = self.desks.name(office)
        shown = ", ".join(sorted(digest[:12] for digest in found))
        self.teller.check(
            found == wanted and bodies_same,
            f"{title} has {shown}: the bytes that were signed, and the sender's signature holds",
            f"{title} đã nhận {shown}: đúng dãy byte đã ký, chữ ký của nơi gửi còn nguyên giá trị",
        )
        return received


def _only(receipts: Sequence[Receipt], event: Event) -> Receipt:
    (found,) = (one for one in receipts if one.event == event)
    return found


def _cited(receipt: Receipt) -> str | int | None:
    facts = receipt.verified.leaf.facts
    return facts.get("relayed") if isinstance(facts, dict) else None
