"""The day of three example systems: dossiers, a report, a task, and the list of 17:00."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.demo.country import PROVINCE
from adapters.demo.evidence import show_story
from adapters.demo.story import Teller
from adapters.demo.types.place import PORTAL, Place, build_place, today
from axis.delivery.workdays import VIETNAM
from axis.errors import Lang
from axis.reports.daily import UNANSWERED, Day
from axis.reports.days import close_day
from axis.reports.forms import Form, write
from axis.reports.messages import Standing, league, row_of_open
from axis.reports.periods import Kind, period_of
from axis.reports.scope import By, Scope
from axis.reports.sheets import day_sheet_of
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.store.engine import transaction
from axis.store.leagues import asked
from axis.store.message_figures import unsynced
from axis.store.types import load_types

#: Number of a dossier → its steps: step and state.
DOSSIERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "H41-0001": (("submission", "received"), ("state", "processing"), ("result", "done")),
    "H41-0002": (("submission", "received"), ("supplement", "waits-for-applicant")),
    "H41-0003": (("submission", "received"), ("state", "processing"), ("state", "suspended")),
}
TASK_CODE: Final = "VPCP-2026-00127"
PERIOD: Final = "2026-11"
#: By type: sent, arose, delivered, left, due, in time, late. Statuses are no papers, and not there.
EXPECTED: Final = {
    "document": (1, 1, 1, 0, 1, 1, 0),
    "dossier": (8, 8, 8, 0, 8, 8, 0),
    "report": (3, 3, 3, 0, 2, 1, 1),
    "task": (2, 2, 2, 0, 1, 1, 0),
}


def run_types(
    home: Path, *, lang: Lang, echo: Callable[[str], None], broker_url: str | None = None
) -> list[str]:
    """Run the demo in a fresh folder ``home`` and return what was not as it should be.

    Raises:
        NoRabbitMQError: there is no RabbitMQ on this machine.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    teller = Teller(lang, echo)
    teller.head("Starting RabbitMQ and an axis", "Khởi động RabbitMQ và trục")
    with ExitStack() as stack:
        if broker_url is None:
            broker = stack.enter_context(PrivateRabbitMQ(home / "rabbitmq", disposable=True))
            broker_url = broker.url
        place = build_place(home, broker_url, now=today())
        stack.callback(place.stop)
        place.start()
        _Day(place, teller).tell()
    return teller.wrong


class _Day:
    """The story, step by step."""

    def __init__(self, place: Place, teller: Teller) -> None:
        self._place = place
        self._teller = teller
        # What arises after 17:00 belongs to the next day; what is due is due in an hour at least.
        begun = today().astimezone(VIETNAM)
        self._begun: date = (begun + timedelta(hours=7)).date()
        self._closing: date = (begun + timedelta(hours=8)).date()

    def tell(self) -> None:
        """Tell it."""
        self._dossiers()
        self._portal()
        self._report_and_task()
        self._figures()
        for key in ("H41-0003", TASK_CODE):
            self._teller.head(f"axis trace {key}", f"axis trace {key}")
            show_story(self._place.engine, key, self._teller, stories=True)

    def _dossiers(self) -> None:
        self._teller.head(
            "1. A procedure system sends the steps of its dossiers; one step is missing",
            "1. Hệ thống một cửa gửi các bước của hồ sơ; thiếu một bước",
        )
        for number, steps in DOSSIERS.items():
            for revision, (step, state) in enumerate(steps, 1):
                if (number, revision) != ("H41-0003", 2):
                    self._write(number, revision, step, state)
        sent = self._run("procedure_system", "send", code=1)
        self._teller.check(
            sent.count("accepted") == 6 and "order.revision-early" in sent,
            "6 steps accepted; revision 3 came before revision 2 and was refused with its number",
            "6 bước được tiếp nhận; bản 3 đến trước bản 2 nên bị từ chối, nêu bản còn thiếu",
        )
        self._list({"waits-routed": 6, "order.revision-early": 1})

    def _portal(self) -> None:
        self._teller.head(
            "2. The portal takes what waits; the missing step is sent, then all the rest",
            "2. Cổng lấy những gì đang chờ; gửi bước còn thiếu, rồi phần còn lại",
        )
        self._run("portal")
        self._list({"order.revision-early": 1})
        self._write("H41-0003", 2, *DOSSIERS["H41-0003"][1])
        self._run("procedure_system", "send")
        self._run("portal")
        self._list({})
        kept = [json.loads(path.read_text()) for path in self._kept()]
        self._teller.check(
            [(one["number"], one["revision"]) for one in kept]
            == [(number, len(steps)) for number, steps in DOSSIERS.items()],
            "the portal has the last step of every dossier, each in order",
            "Cổng có bước mới nhất của mọi hồ sơ, đúng thứ tự",
        )

    def _report_and_task(self) -> None:
        self._teller.head(
            "3. The Government Office asks for a report and assigns a task; a province answers",
            "3. Văn phòng Chính phủ yêu cầu báo cáo và giao nhiệm vụ; tỉnh trả lời",
        )
        due = f"{self._closing}"
        to = ("--to", PROVINCE, "--to", PORTAL)
        self._run("report_collector", "ask", *to, "--period", PERIOD, "--due", due)
        self._run("report_collector", "assign", "--to", PROVINCE, "--code", TASK_CODE, "--due", due)
        self._run("procedure_system", "answer")
        self._run("report_collector", "collect")
        tables = list((self._place.home / "report_collector").glob("*.csv"))
        self._teller.check(
            [path.name for path in tables] == [f"TTHC-01_{PERIOD}_{PROVINCE}_ho-so.csv"],
            "the report is there as a table of typed cells",
            "báo cáo đã về, là bảng có kiểu dữ liệu",
        )
        self._league("report", f"TTHC-01/{PERIOD}", {PROVINCE: "in-time", PORTAL: "waits"})
        self._league("task", TASK_CODE, {PROVINCE: "in-time"}, documents=1)

    def _figures(self) -> None:
        self._teller.head(
            "4. The day by type, and what is left at 17:00",
            "4. Trong ngày theo loại, và còn tồn lúc 17:00",
        )
        self._run("portal")
        found: dict[str, Day] = {}
        for day in sorted({self._begun, self._closing}):
            period = period_of(Kind.DAILY, day)
            report = close_day(self._place.engine, period, now=max(today(), period.end))
            lang = self._teller.lang
            sheet = day_sheet_of(report, period, scope=Scope(), by=By.OFFICE, lang=lang)
            for told in (sheet.title, *sheet.under):
                self._teller.note(told)
            for line in report.lines:
                found.setdefault(line.type, Day()).add(line.tally)
            for form in Form:
                path = self._place.home / f"{day}.{form.value}"
                path.write_bytes(write(sheet, form))
        figures = {
            kind: (day.sent, day.arose, day.delivered, day.left, day.due, day.in_time, day.late)
            for kind, day in found.items()
        }
        self._teller.check(
            figures == EXPECTED and not any(day.refused for day in found.values()),
            "the report of 17:00 is right about all four types: everything arrived",
            "báo cáo 17:00 đúng với cả bốn loại: tất cả đã đến nơi",
        )
        self._teller.check(
            found["report"].why == {UNANSWERED: 1},
            "one report is late, and it says why: it was asked for, and not answered",
            "một báo cáo quá hạn, nêu rõ lý do: đã yêu cầu, chưa trả lời",
        )

    def _list(self, expected: Mapping[str, int]) -> None:
        """Show the live list of what is not synced, and hold it to what is so."""
        now = today()
        with transaction(self._place.engine) as connection:
            found = list(unsynced(connection, "dossier", refused_since=now - timedelta(days=1)))
        counts: dict[str, int] = {}
        for one in found:
            row = row_of_open(one, lang=self._teller.lang, name_of=lambda code: code)
            counts[str(row["code"])] = counts.get(str(row["code"]), 0) + 1
            self._teller.note(f"{row['number']} ({row['revision']}): {row['why']} [{row['owner']}]")
        self._teller.check(
            counts == expected,
            f"the list of 17:00 has {sum(expected.values())}, each with its reason",
            f"danh sách 17:00 có {sum(expected.values())} mục, mỗi mục nêu lý do",
        )

    def _league(
        self, name: str, key: str, expected: Mapping[str, str], *, documents: int = 0
    ) -> None:
        with transaction(self._place.engine) as connection:
            rules = load_types(connection).ruling(name)
            found = asked(connection, rules, [key])
        placed = league(found, now=today())
        for rank, one, how in placed:
            self._teller.note(f"{rank or '–'}  {one.address}  {how.value}")
        standings: dict[str, Standing] = {one.address: how for _, one, how in placed}
        self._teller.check(
            standings == dict(expected) and sum(one.documents for one in found) == documents,
            f"{name} {key}: who has answered, and who has not",
            f"{name} {key}: ai đã trả lời, ai chưa",
        )

    def _write(self, number: str, revision: int, step: str, state: str) -> None:
        folder = self._place.home / "procedure_system" / "dossiers"
        folder.mkdir(parents=True, exist_ok=True)
        said: dict[str, Any] = {
            "to": PORTAL,
            "number": number,
            "revision": revision,
            "step": step,
            "state": state,
            "procedure": "Đăng ký khai sinh",
            "procedure_code": "1.001193",
            "title": "Đăng ký khai sinh cho trẻ em",
            "applicant": "Nguyễn Văn Mẫu",
            "changed_at": today().astimezone(VIETNAM).isoformat(),
        }
        path = folder / f"{number}-{revision}.json"
        path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")

    def _kept(self) -> list[Path]:
        return sorted((self._place.home / "portal" / "dossiers").glob("*.json"))

    def _run(self, program: str, *words: str, code: int = 0) -> str:
        done = self._place.run(program, *words)
        for line in done.stdout.splitlines():
            self._teller.note(f"{program}: {line}")
        if done.returncode != code:
            self._teller.note(done.stderr[-2000:])
        self._teller.check(
            done.returncode == code,
            f"{program} {' '.join(words[:1])} ended as it should",
            f"{program} {' '.join(words[:1])} kết thúc đúng",
        )
        return done.stdout
