"""The drill in docs/directory.md, run as it is written there, with documents on their way."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.tables.delivery import DELIVERY, PACKAGE
from cli import axis

CHECKOUT = Path(__file__).parents[2]
JUNE = datetime(2025, 6, 30, 3, tzinfo=UTC)
PAGE = CHECKOUT / "docs" / "directory.md"


def lines_of_the_drill() -> list[list[str]]:
    drill = PAGE.read_text(encoding="utf-8").partition("The drill:")[2]
    block = re.search(r"```sh\n(.*?)```", drill, re.DOTALL)
    return [shlex.split(line)[1:] for line in block.group(1).splitlines()]


def send(engine: sa.Engine, address: str) -> str:
    """Put a document on its way to an address, as the relay would on 30 June."""
    package_id, delivery_id = uuid4(), uuid4()
    with transaction(engine) as connection:
        office = load_directory(connection).find(address, JUNE)
        connection.execute(
            sa.insert(PACKAGE).values(
                id=package_id,
                system_id="vpcp",
                digest=package_id.bytes * 2,
                size_bytes=1,
                door="test",
                received_at=JUNE,
                decided_at=JUNE,
                accepted=True,
            )
        )
        connection.execute(
            sa.insert(DELIVERY).values(
                id=delivery_id,
                package_id=package_id,
                position=0,
                address=address,
                office_id=office.office_id,
                lane="normal",
                state="routed",
                routed_at=JUNE,
                last_entry=uuid4(),
            )
        )
    return str(delivery_id)


@pytest.fixture
def run(tmp_path, sqlite_engine, monkeypatch):
    monkeypatch.chdir(CHECKOUT)
    env = {"AXIS_HOME": str(tmp_path), "AXIS_DATABASE_URL": str(sqlite_engine.url)}
    return lambda words: CliRunner().invoke(axis, words, env=env)


def test_the_drill_runs_as_written_on_documents_in_flight(run, sqlite_engine):
    held_now = None
    in_flight: dict[str, str] = {}
    answers = {}
    for words in lines_of_the_drill():
        as_json = [*words, "--json"]
        if words[:2] == ["office", "rehearse"]:
            in_flight = {send(sqlite_engine, a): a for a in ("H62", "H28.1", "H28.2", "H44", "G22")}
            assert run(words).exit_code == 0
        result = run(as_json)
        expected = 1 if words[:3] == ["office", "resolve", "H28.1"] and held_now is None else 0
        assert result.exit_code == expected, (words, result.output, result.exception)
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        if expected:
            (held_now,) = rows
        answers[" ".join(words[:3])] = rows

    (rehearsal,) = answers["office rehearse docs/drill/plan.csv"]
    assert len(rehearsal["lost_codes"]) == 10
    assert rehearsal["idle_systems"] == ["ioffice-h28", "ioffice-h62"]
    outcomes = {
        in_flight[r["delivery_id"]]: (r["outcome"], r["to"]) for r in rehearsal["redirections"]
    }
    assert outcomes == {
        "H62": ("redirected", "H44"),
        "H28.1": ("held", None),
        "H28.2": ("redirected", "H44.103"),
    }
    assert answers["office resolve 000.00.00.H62"][0]["code"] == "H44"
    assert answers["office resolve H28.2"][0]["code"] == "H44.103"
    assert held_now["assigned_to"] == "Nguyễn Thị B"
    assert answers["office resolve H28.1"][0]["code"] == "H44.102"
    whats = {(row["code"], row["what"]) for row in answers["office diff --from"]}
    assert {("H62", "closed"), ("H28", "closed"), ("H44.101", "founded")} <= whats
