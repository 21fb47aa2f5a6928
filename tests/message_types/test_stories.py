"""A report and a task among offices: who has answered, what is open, and one story of it all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from axis.clock.due import Due
from axis.envelope.values import DocumentId, ResponseForTask
from axis.mailbox import confirm, fetch, waiting
from axis.settings import ClockSettings
from axis.types.errors import TypeRefusedError
from axis.types.folder import folder_of
from cli import axis as axis_command
from tests.message_types.writing import activate, dossier, framed, report, task
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

Ask = Callable[..., list[dict[str, object]]]


@pytest.fixture
def ask(axis: Installation, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run a command on the installation; return its rows."""
    monkeypatch.setenv("AXIS_HOME", axis.settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", axis.settings.database.url)

    def run(*words: str, code: int = 0, lang: str = "en") -> list[dict[str, object]]:
        result = CliRunner().invoke(
            axis_command, ["--lang", lang, *words, "--json"], catch_exceptions=False
        )
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


def far_day() -> str:
    """The day whose 17:00 comes next: what arises after it belongs to the next day."""
    return f"{datetime.now(UTC) + timedelta(hours=14):%Y-%m-%d}"


def copy_of(name: str, folder: Path) -> Path:
    shutil.copytree(folder_of(name, "1"), folder / name / "1")
    return folder / name / "1"


async def test_reports_and_tasks_are_followed_to_their_end(
    axis: Installation, ask: Ask, tmp_path: Path
) -> None:
    activate(axis, "dossier", "report", "task", systems=("vpcp", "nghean", "khac"))
    due = datetime.now(UTC) + timedelta(days=2)

    async def send(code: str, payload: bytes, type_id: str, system: str) -> None:
        signed = axis.sign(code, framed(payload, type_id))
        answer = await axis.verdict(
            (await axis.submit(signed, system=system)).package_id, timeout_s=120
        )
        assert answer.accepted, answer.refusal

    async with axis.running():
        # 1. A report is asked of two provinces; both are reminded once; one answers and corrects.
        instant = due.replace(microsecond=0).isoformat()
        await send(
            G22, report("request", sender=G22, to=(H41, H14), due=instant), "report/1", "vpcp"
        )
        reminding = Due(
            engine=axis.engine,
            settings=ClockSettings(),
            sealer=axis.sealer,
            clock=lambda: datetime.now(UTC),
        )
        for _ in range(2):
            reminding.round()
        assert axis.count("reminder", "kind = 'due-soon'") == 2
        await send(H41, report("report", sender=H41, to=(G22,)), "report/1", "nghean")
        await send(
            H41,
            report("report", sender=H41, to=(G22,), revision=2, value="311"),
            "report/1",
            "nghean",
        )
        reminding.round()
        assert axis.count("reminder", "kind = 'due-soon'") == 2
        first, second = ask("type", "league", "report", "KTXH-01/2026-02")
        assert (first["code"], first["place"], first["standing"]) == (H41, 1, "in-time")
        assert first["revision"] == 2
        assert (second["code"], second["place"], second["standing"]) == (H14, None, "waits")

        # 2. A task is assigned; an edXML document answers it by its code, then it is reported done.
        await send(
            G22, task("VPCP-127", "assign", sender=G22, to=H41, due="2026-12-20"), "task/1", "vpcp"
        )
        answers = replace(
            document(number=55, sender=H41, to=(G22,)),
            document_id=DocumentId("answer-55"),
            response_for_task=ResponseForTask(task_codes=("VPCP-127",)),
        )
        ticket = await axis.submit(axis.sign(H41, package(answers)), system="nghean")
        assert (await axis.verdict(ticket.package_id)).accepted
        await send(H41, task("VPCP-127", "complete", sender=H41, to=G22), "task/1", "nghean")
        (row,) = ask("type", "league", "task", "VPCP-127")
        assert (row["documents"], row["standing"]) == (1, "in-time")
        chapters = ask("trace", "VPCP-127")
        assert [one["title"] for one in chapters] == [
            "Task: assignment (1)",
            "document",
            "Task: completion (1)",
        ]
        assert {story["key"] for one in chapters for story in one["stories"]} == {"VPCP-127"}
        # The document by its own number leads to the same story; proof stays with the document.
        assert len(ask("trace", "answer-55")) == 3

        # 3. A dossier that was refused, or not taken, is in the list of 17:00.
        wrong = await axis.submit(
            axis.sign(H41, framed(dossier("D-1", 2), "dossier/1")), system="nghean"
        )
        assert not (await axis.verdict(wrong.package_id)).accepted
        await send(H41, dossier("D-2", 1, step="submission"), "dossier/1", "nghean")
    # 4. Other files for what was carried are taken only where they read all of it as before.
    folder = copy_of("report", tmp_path)
    assert ask("type", "add", str(folder), "--dry-run") == [
        {"type": "report", "version": "1", "new": None, "dry_run": True}
    ]
    rules = folder / "type.toml"
    rules.write_text(rules.read_text().replace('[story]\nkey = ["Template", ', "[story]\nkey = ["))
    with pytest.raises(TypeRefusedError) as refused:
        ask("type", "add", str(folder))
    assert {one.code for one in refused.value.problems} == {"type.breaks-stored"}

    early, under_way = sorted(ask("type", "unsynced"), key=lambda row: str(row["number"]))
    assert (early["code"], early["owner"]) == ("order.revision-early", "sender")
    assert (under_way["code"], under_way["owner"]) == ("waits-routed", "receiver")
    days = {row["type"]: row for row in ask("type", "day", "--day", far_day())}
    assert (days["dossier"]["left"], days["dossier"]["refused"]) == (1, 1)
    assert {"document", "report", "task"} <= days.keys()
    hours = ask("report", "hours", "--by", "level", "--type", "dossier")
    assert [(row["level"], row["sent"], row["refused"]) for row in hours if row["sent"]] == [
        ("provincial", 1, 1)
    ]
    assert [(row["level"], row["waiting"]) for row in hours if row["came"]] == [("central", 1)]
    for one in waiting(axis.engine, "vpcp"):
        which = {"delivery_id": one.delivery.id, "system_id": "vpcp", "now": datetime.now(UTC)}
        fetch(axis.engine, axis.bodies, axis.sealer, **which)
        confirm(axis.engine, axis.sealer, **which)
    async with axis.running():
        await send(H41, dossier("D-1", 1, step="submission"), "dossier/1", "nghean")
        again = await axis.submit(
            axis.sign(H41, framed(dossier("D-1", 2), "dossier/1")), system="nghean"
        )
        assert (await axis.verdict(again.package_id)).accepted
    assert [row["code"] for row in ask("type", "unsynced")] == ["waits-routed", "waits-routed"]
