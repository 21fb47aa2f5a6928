"""Data on stdout, in forms that programs can rely on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from axis.commands.output import show_object, show_rows


def test_json_has_hex_digests_and_utc_instants(capsys: pytest.CaptureFixture[str]) -> None:
    show_object(
        {
            "sha256": b"\x00\xff",
            "at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
            "id": UUID(int=1),
            "inner": [{"digest": b"\x01"}],
            "name": "Văn phòng",
            "none": None,
        }
    )
    assert json.loads(capsys.readouterr().out) == {
        "sha256": "00ff",
        "at": "2026-03-02T01:00:00Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "inner": [{"digest": "01"}],
        "name": "Văn phòng",
        "none": None,
    }


def test_rows_are_json_lines_or_a_table_with_short_digests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"digest": bytes(32), "name": "a"}, {"digest": bytes(32), "name": "b"}]
    show_rows(rows, as_json=True, columns=("name",))
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == ["a", "b"]
    show_rows(rows, as_json=False, columns=("digest", "name"))
    table = capsys.readouterr().out
    assert "0" * 12 in table
    assert "0" * 13 not in table
