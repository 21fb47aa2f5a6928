"""Types are added, activated, taken and retired by commands; problems come all at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from axis.types.errors import TypeRefusedError, TypeStateError
from axis.types.folder import folder_of
from cli import axis as axis_command
from tests.relay.installation import Installation


async def test_a_type_goes_from_its_folder_to_its_retirement(
    axis_on_postgresql: Installation, tmp_path: Path
) -> None:
    axis = axis_on_postgresql
    env = {
        "AXIS_HOME": axis.settings.home,
        "AXIS_DATABASE_URL": axis.settings.database.url,
        "AXIS_LANG": "en",
    }

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(axis_command, words, env=env, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.stdout

    def rows(*words: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in run(*words, "--json").splitlines()]

    folder = tmp_path / "task" / "1"
    shutil.copytree(folder_of("task", "1"), folder)
    rules = folder / "type.toml"
    whole = rules.read_text()
    rules.write_text(whole.replace('"Title"', '"Titel"').replace('due = "DueAt"', 'due = "Code"'))
    with pytest.raises(TypeRefusedError) as refused:
        run("type", "add", str(folder))
    assert len(refused.value.problems) == 2
    rules.write_text(whole)
    assert rows("type", "add", str(folder), "--dry-run")[0]["new"] is None
    assert rows("type", "add", str(folder))[0]["new"] is True
    assert rows("type", "add", str(folder))[0]["new"] is False
    with pytest.raises(TypeStateError):
        run("type", "retire", "task/1")
    run("type", "activate", "task/1")
    run("type", "accept", "task/1", "--system", "nghean")
    run("type", "accept", "task/1", "--office", "28.22.H17")
    assert [(row["type"], row["state"], row["takers"]) for row in rows("type", "list")] == [
        ("document", "built in", "all"),
        ("status", "built in", "all"),
        ("task", "active", 2),
    ]
    assert rows("office", "show", "000.00.00.H41")[0]["accepts"] == [
        "document/1.0",
        "status/1.0",
        "task/1",
    ]
    assert rows("type", "show", "task")[0]["state"] == "active"
    example = folder / "examples" / "assign.xml"
    read = rows("type", "test", "task/1", str(example))[0]
    assert (read["document_id"], read["step"]) == (
        "task:000.00.00.G22:VPCP-2026-00127:1",
        "assign",
    )
    run("type", "test", str(folder), str(folder / "examples/refused/percent-over-100.xml"), code=1)
    framed = tmp_path / "task.edxml"
    run(
        "type",
        "frame",
        str(example),
        "--type",
        "task/1",
        "--attach",
        str(rules),
        "--out",
        str(framed),
    )
    assert (
        b'<m:Payload xmlns:m="urn:axis:message:1" type="task" version="1">' in framed.read_bytes()
    )
    run("type", "decline", "task/1", "--office", "28.22.H17")
    run("type", "retire", "task/1")
    assert rows("office", "show", "000.00.00.H41")[0]["accepts"] == ["document/1.0", "status/1.0"]
    with pytest.raises(TypeStateError):
        run("type", "retire", "document/1.0")
