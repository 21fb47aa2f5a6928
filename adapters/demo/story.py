"""One day of documents, told step by step; every step says whether all was as it should be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.demo.country import CENTRE, COMMUNES, PROVINCE, SYSTEMS, system_of
from adapters.demo.desk import Desk, Received
from adapters.demo.papers import Paper, Papers
from axis.envelope.values import DocumentEnvelope, StatusCode
from axis.errors import Lang
from axis.store.packages import PackageRecord


@dataclass(slots=True)
class Teller:
    """Says what happens, in one language, and keeps what was not as it should be."""

    lang: Lang
    echo: Callable[[str], None]
    wrong: list[str] = field(default_factory=list)

    def head(self, en: str, vi: str) -> None:
        """Begin a step."""
        self.echo(f"\n— {vi if self.lang == 'vi' else en}")

    def note(self, text: str) -> None:
        """Say a fact."""
        self.echo(f"  {text}")

    def check(self, right: bool, en: str, vi: str) -> None:
        """Say whether something is as it should be."""
        text = vi if self.lang == "vi" else en
        self.echo(f"  {'✓' if right else '✗'} {text}")
        if not right:
            self.wrong.append(text)


async def tell(desk: Desk, papers: Papers, teller: Teller) -> list[str]:
    """Carry the day's documents; return the names to trace."""
    everyone = (PROVINCE, *COMMUNES)
    directive = papers.directive(CENTRE, everyone)
    assert isinstance(directive.envelope, DocumentEnvelope)  # noqa: S101
    await _directive(desk, directive, everyone, teller)
    await _statuses(desk, papers, directive.envelope, teller)
    report = await _report(desk, papers, teller)
    await _recall(desk, papers, directive.envelope, everyone, teller)
    await _malformed(desk, directive, teller)
    return [directive.envelope.code.sign, report]


async def _directive(desk: Desk, paper: Paper, to: Sequence[str], teller: Teller) -> None:
    teller.head(
        "1. The Government Office sends an urgent directive to the province and all communes",
        "1. Văn phòng Chính phủ gửi văn bản chỉ đạo khẩn tới tỉnh và tất cả các xã",
    )
    signed = desk.sign(CENTRE, paper.package)
    answer = await desk.send(CENTRE, signed)
    _accepted(teller, answer)
    received = await _receive(desk, to)
    _same_bytes(teller, received, signed, to)
    again = await desk.send(CENTRE, signed)
    teller.check(
        again == answer and not await _left(desk),
        "sent a second time: the same answer, no second delivery",
        "gửi lại lần nữa: cùng một câu trả lời, không giao thêm lần hai",
    )


async def _statuses(desk: Desk, papers: Papers, about: DocumentEnvelope, teller: Teller) -> None:
    teller.head(
        "2. The province reports that it arrived (01) and was registered (03)",
        "2. Tỉnh báo đã đến (01) và đã vào sổ (03)",
    )
    for code, text in (
        (StatusCode.ARRIVED, "Đã đến - phần mềm đã nhận, văn thư chưa xử lý"),
        (StatusCode.REGISTERED, "Đã tiếp nhận, vào sổ văn bản đến"),
    ):
        paper = papers.status(code, reporter=PROVINCE, about=about, text=text)
        signed = desk.sign(PROVINCE, paper.package)
        _accepted(teller, await desk.send(PROVINCE, signed))
        _same_bytes(teller, await _receive(desk, (CENTRE,)), signed, (CENTRE,))


async def _report(desk: Desk, papers: Papers, teller: Teller) -> str:
    teller.head("3. A commune reports up to the centre", "3. Một xã gửi báo cáo lên trung ương")
    commune = COMMUNES[2]
    paper = papers.report(commune, CENTRE)
    assert isinstance(paper.envelope, DocumentEnvelope)  # noqa: S101
    signed = desk.sign(commune, paper.package)
    _accepted(teller, await desk.send(commune, signed))
    _same_bytes(teller, await _receive(desk, (CENTRE,)), signed, (CENTRE,))
    return paper.envelope.code.sign


async def _recall(
    desk: Desk, papers: Papers, about: DocumentEnvelope, to: Sequence[str], teller: Teller
) -> None:
    teller.head(
        "4. The Government Office recalls the directive; the province agrees (15)",
        "4. Văn phòng Chính phủ thu hồi văn bản; tỉnh đồng ý (15)",
    )
    signed = desk.sign(CENTRE, papers.recall(CENTRE, tuple(to)).package)
    _accepted(teller, await desk.send(CENTRE, signed))
    _same_bytes(teller, await _receive(desk, to), signed, to)
    paper = papers.status(
        StatusCode.CHANGE_AGREED,
        reporter=PROVINCE,
        about=about,
        text="Đồng ý yêu cầu lấy lại văn bản",
    )
    signed = desk.sign(PROVINCE, paper.package)
    _accepted(teller, await desk.send(PROVINCE, signed))
    _same_bytes(teller, await _receive(desk, (CENTRE,)), signed, (CENTRE,))


async def _malformed(desk: Desk, directive: Paper, teller: Teller) -> None:
    teller.head("5. Three packages that must not pass", "5. Ba gói tin không được phép đi qua")
    signed = desk.sign(CENTRE, directive.package)
    cut = signed[: len(signed) // 2]
    nobody = directive.package.replace(
        f"OrganId>{COMMUNES[0]}<".encode(), b"OrganId>000.99.99.X99<"
    )
    altered = signed.replace("kết nối, liên thông".encode(), "ngắt kết nối, liên".encode(), 1)
    for package, code, en, vi in (
        (cut, "envelope.truncated", "cut off in the middle", "bị cắt giữa chừng"),
        (
            desk.sign(CENTRE, nobody),
            "recipient.unknown",
            "addressed to an office that nobody knows",
            "gửi tới đơn vị không tồn tại",
        ),
        (
            altered,
            "signature.digest-mismatch",
            "altered after it was signed",
            "bị sửa sau khi ký",
        ),
    ):
        answer = await desk.send(CENTRE, package)
        refusal = answer.refusal
        teller.check(refusal is not None and refusal.code == code, en, vi)
        if refusal is not None:
            place = refusal.place.xpath if refusal.place else None
            teller.note(f"  {refusal.code}: {refusal.text(teller.lang)}")
            if place:
                teller.note(f"  {place}")
            teller.note(f"  → {refusal.hint(teller.lang)}")
    teller.check(
        not await _left(desk),
        "nothing of them was delivered",
        "không gói nào trong số đó được giao",
    )


def _accepted(teller: Teller, answer: PackageRecord) -> None:
    teller.check(
        answer.accepted,
        f"accepted: {answer.id}",
        f"đã tiếp nhận: {answer.id}",
    )
    if answer.refusal is not None:
        teller.note(f"{answer.refusal.code}: {answer.refusal.text(teller.lang)}")


def _same_bytes(
    teller: Teller, received: Sequence[Received], signed: bytes, to: Sequence[str]
) -> None:
    digest = hashlib.sha256(signed).digest()
    right = all(one.digest == digest for one in received) and sorted(
        one.address for one in received
    ) == sorted(to)
    teller.check(
        right,
        f"{len(received)} of {len(to)} addressees have it, byte for byte ({digest.hex()[:12]})",
        f"{len(received)}/{len(to)} nơi nhận đã có, nguyên vẹn từng byte ({digest.hex()[:12]})",
    )


async def _receive(desk: Desk, to: Sequence[str]) -> list[Received]:
    received: list[Received] = []
    for system in SYSTEMS:
        count = sum(1 for code in to if system_of(code) is system)
        if count:
            received += await desk.receive(system.system_id, system.receives_by, count)
    return received


async def _left(desk: Desk) -> bool:
    import asyncio

    from axis.mailbox import waiting

    for system in SYSTEMS:
        if await asyncio.to_thread(waiting, desk.engine, system.system_id):
            return True
    return False
