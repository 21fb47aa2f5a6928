"""The auditor's report counts what is in the records and shows nothing as markup."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from ledger.material import sealed
from pypdf import PdfReader

from axis.audit.report import heading, legend, period, sections, write_report
from axis.audit.report_pdf import write_pdf
from axis.errors import Fault, Refusal
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key, make_salt_key
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


def test_the_pdf_says_the_same_in_vietnamese_letters() -> None:
    figures = Figures(
        days={date(2026, 7, 1) + timedelta(days=n): (n, n % 3) for n in range(92)},
        refusals={"signature.missing": 31},
        weak={"rsa-sha1": 7},
        deliveries={"Đã nhận": 12},
        held={},
        due_kept=5,
        due_missed=2,
    )
    ledger: dict[str, str | int | None] = {"Số mục đã ký": 4567, "Mã băm gốc": "ab" * 32}
    begin, end = date(2026, 7, 1), date(2026, 9, 30)
    pdf = write_pdf(figures, begin=begin, end=end, ledger=ledger, made_at=AT)
    reader = PdfReader(BytesIO(pdf))
    text = " ".join(word for page in reader.pages for word in page.extract_text().split())
    for section in sections(figures, ledger):
        assert section.title in text
        for name, value in section.rows:
            assert name in text
            assert str(value) in text
    for said in (heading(), period(begin, end), legend(figures.days), "Không có."):
        assert said in text
    assert write_pdf(figures, begin=begin, end=end, ledger=ledger, made_at=AT) == pdf


def test_the_font_of_the_pdf_has_every_vietnamese_letter() -> None:
    bases = "aăâeêioôơuưy"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = "đ" + "".join(normalize("NFC", base + tone) for base in bases for tone in tones)
    ledger: dict[str, str | int | None] = {"chữ": letters, "CHỮ": letters.upper()}
    nothing = Figures(
        days={}, refusals={}, weak={}, deliveries={}, held={}, due_kept=0, due_missed=0
    )
    day = date(2026, 7, 1)
    pdf = write_pdf(nothing, begin=day, end=day, ledger=ledger, made_at=AT)
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
    assert letters in text
    assert letters.upper() in text


def test_the_command_writes_a_file(
    sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=str(tmp_path))
    make_notary_key(settings.path(settings.notary.key))
    make_salt_key(settings.path(settings.notary.salt_key))
    with transaction(sqlite_engine) as connection:
        add_packages(connection, RECORDS)
        ledger.append(connection, sealed(Sealer(b"k" * 32), 5))
    sequence_pending(sqlite_engine, settings)
    monkeypatch.setenv("AXIS_HOME", settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", str(sqlite_engine.url))
    out = tmp_path / "july.html"
    words = [
        "audit",
        "report",
        str(out),
        "--from",
        "2026-07-01",
        "--until",
        "2026-07-31",
        "--why",
        "monthly",
    ]
    made = CliRunner().invoke(axis, words)
    assert made.exit_code == 0, made.output
    assert "signature.missing" in out.read_text(encoding="utf-8")
    made = CliRunner().invoke(axis, [*words, "--format", "pdf"])
    assert made.exit_code == 0, made.output
    assert "signature.missing" in PdfReader(out).pages[0].extract_text()
