"""Sets two axes up beside each other, tells their day, verifies both ledgers, leaves nothing."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.demo.axes.desks import opened
from adapters.demo.axes.line import Line
from adapters.demo.axes.side import Side, build_side, join
from adapters.demo.axes.story import Day
from adapters.demo.country import CENTRE, SYSTEMS
from adapters.demo.evidence import show_story, verify_ledger
from adapters.demo.papers import Papers
from adapters.demo.story import Teller
from axis.errors import Lang
from axis.sandbox.rabbitmq import PrivateRabbitMQ

NATIONAL: Final = tuple(system for system in SYSTEMS if CENTRE in system.offices)
PROVINCIAL: Final = tuple(system for system in SYSTEMS if CENTRE not in system.offices)


def run_two_axes(
    home: Path, samples: Path | None, *, lang: Lang, echo: Callable[[str], None]
) -> list[str]:
    """Run the demo of two axes in a fresh folder ``home``; return what was not as it should be.

    Raises:
        NoRabbitMQError: there is no RabbitMQ on this machine.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    teller = Teller(lang, echo)
    teller.head(
        "Starting RabbitMQ, with a virtual host for each axis",
        "Khởi động RabbitMQ, mỗi trục một máy chủ ảo",
    )
    with PrivateRabbitMQ(home / "rabbitmq", disposable=True) as broker:
        teller.head(
            "Two axes: the national one for the Government Office, another for a province and its "
            "communes",
            "Hai trục: trục quốc gia cho Văn phòng Chính phủ, trục của tỉnh cho tỉnh và các xã",
        )
        now = datetime.now(UTC).replace(microsecond=0)
        nation = build_side(
            home / "truc-quoc-gia",
            broker.url,
            system_id="truc-quoc-gia",
            origin="truc.gov.vn/so-cai",
            name="Demo quốc gia",
            systems=NATIONAL,
            now=now,
        )
        province = build_side(
            home / "truc-nghe-an",
            broker.add_vhost("truc-nghe-an"),
            system_id="truc-nghe-an",
            origin="truc.nghean.gov.vn/so-cai",
            name="Demo Nghệ An",
            systems=PROVINCIAL,
            now=now,
        )
        onward = Line(province.settings.gateway.port)
        back = Line(nation.settings.gateway.port)
        join(nation, province, url=onward.url, now=now)
        join(province, nation, url=back.url, now=now)
        sides = (nation, province)
        for side in sides:
            teller.note(f"{side.system_id}: {', '.join(side.offices)}")
        try:
            for side in sides:
                side.start()
            papers = Papers(samples, now=datetime.now(UTC))
            names: list[str] = []
            try:
                names = asyncio.run(_day(nation, province, onward, back, papers, teller))
            except TimeoutError:
                teller.check(False, "what should follow did not come", "bước tiếp theo không tới")
            teller.head(
                "7. Both ledgers, every row and hash up to the signed roots",
                "7. Cả hai sổ cái, từng dòng và mã băm tới gốc đã ký",
            )
            for side in sides:
                verify_ledger(side.settings, side.engine, teller)
            for name in names:
                for side in sides:
                    told = f"{side.system_id}: axis trace {name}"
                    teller.head(told, told)
                    show_story(side.engine, name, teller)
        finally:
            for side in sides:
                side.stop()
    return teller.wrong


async def _day(
    nation: Side, province: Side, onward: Line, back: Line, papers: Papers, teller: Teller
) -> list[str]:
    # Tries that come again are no news here: the story says when a line is broken.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    await asyncio.gather(nation.ready(), province.ready())
    async with onward, back, opened(nation, province) as desks:
        day = Day(
            nation=nation,
            province=province,
            onward=onward,
            back=back,
            desks=desks,
            papers=papers,
            teller=teller,
        )
        return await day.tell()
