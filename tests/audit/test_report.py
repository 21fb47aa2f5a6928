"""The auditor's report counts what is in the records and shows nothing as markup."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from ledger.material import sealed

from axis.audit.report import write_report
from axis.errors import Fault, Refusal
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.notary.process import sequence_pending
from axis.settings import Settings
from axis.store import ledger
from axis.store.audit_figures import Figures, figures, midnight
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from cli import axis

AT = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)  # already 2 July in Vietnam


def record(number: int, **rest: object) -> PackageRecord:
    values: dict[str, object] = {
        "id": UUID(int=number),
        "system_id": "s",
        "digest": number.to_bytes(32),
        "size_bytes": 1,
        "door": "test",
        "received_at": AT,
        "decided_at": AT,
        "accepted": True,
        "kind": "document",
        "document_id": f"doc {number}",
    }
    return PackageRecord(**(values | rest))  # type: ignore[arg-type]


RECORDS = [
    record(1, due_on=date(2026, 7, 3)),
    record(2, kind="status", document_id="doc 1", status_code="06"),
    record(3, due_on=date(2026, 7, 1)),
    record(4, kind="status", document_id="doc 3", status_code="06"),
    record(5, due_on=date(2026, 7, 2)),
    record(6, weak="rsa-sha1"),
    record(
        7,
        accepted=False,
        refusal=Refusal(code="signature.missing", fault=Fault.INPUT),
        decided_at=AT - timedelta(days=1),
    ),
    record(8, decided_at=AT - timedelta(days=40)),
]


def counted(engine: sa.Engine) -> Figures:
    with transaction(engine) as connection:
        add_packages(connection, RECORDS)
    with transaction(engine) as connection:
        return figures(
            connection,
            midnight(date(2026, 7, 1)),
            midnight(date(2026, 7, 4)),
            AT + timedelta(days=10),
        )


def test_the_figures_are_those_of_the_period_by_the_clock_of_vietnam(engine: sa.Engine) -> None:
    found = counted(engine)
    assert found.days == {date(2026, 7, 1): (0, 1), date(2026, 7, 2): (6, 0)}
    assert found.refusals == {"signature.missing": 1}
    assert found.weak == {"rsa-sha1": 1}
    assert (found.due_kept, found.due_missed) == (1, 2)


def test_the_report_is_well_formed_and_shows_markup_as_text() -> None:
    page = write_report(
        Figures(
            days={date(2026, 7, 1): (3, 1)},
            refusals={"<script>alert(1)</script>": 1},
            weak={},
            deliveries={},
            held={},
            due_kept=0,
            due_missed=0,
        ),
        begin=date(2026, 7, 1),
        end=date(2026, 7, 1),
        ledger={"Năm": 2026},
    )
    assert "<script>" not in page
    body = page[page.index("<body>") : page.index("</html>")]
    assert "3 / 1" in "".join(ET.fromstring(body).itertext())


def test_the_command_writes_a_file(
    sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=str(tmp_path))
    make_notary_key(settings.path(settings.notary.key))
    with transaction(sqlite_engine) as connection:
        add_packages(connection, RECORDS)
        ledger.append(connection, sealed(Sealer(b"k" * 32), 5))
    sequence_pending(sqlite_engine, settings)
    monkeypatch.setenv("AXIS_HOME", settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", str(sqlite_engine.url))
    out = tmp_path / "july.html"
    words = ["audit", "report", str(out), "--from", "2026-07-01", "--until", "2026-07-31"]
    made = CliRunner().invoke(axis, words)
    assert made.exit_code == 0, made.output
    assert "signature.missing" in out.read_text(encoding="utf-8")
