"""The commands of offices, systems and groups, from the first import to the sealed list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from axis.errors import AxisError
from axis.ledger.keys import make_notary_key
from cli import axis

from .conftest import COUNTRY


class Shell:
    """Runs commands against one database."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self._env = {"AXIS_HOME": str(home), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(axis, words, env=self._env)

    def read(self, *words: str) -> list[dict]:
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refusal(self, *words: str) -> str:
        error = self(*words).exception
        assert isinstance(error, AxisError)
        return error.code


@pytest.fixture
def shell(tmp_path: Path, sqlite_engine: sa.Engine) -> Shell:
    return Shell(tmp_path, str(sqlite_engine.url))


@pytest.fixture
def country_file(tmp_path: Path) -> str:
    path = tmp_path / "country.csv"
    path.write_text(COUNTRY, encoding="utf-8")
    return str(path)


@pytest.fixture
def filled(shell: Shell, country_file: str) -> Shell:
    (answer,) = shell.read("office", "import", country_file, "--by", "Bà A")
    assert (answer["added"], answer["version"]) == (5, 1)
    return shell


def test_import_lists_every_problem_and_changes_nothing(shell, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("code,name,level\nG22,,central\nH1,X,planet\n", encoding="utf-8")
    assert shell.refusal("office", "import", str(path)) == "directory.refused"
    result = shell("office", "import", str(path), "--json")
    assert [
        (row["line"], row["column"], row["code"])
        for row in map(json.loads, result.stdout.splitlines())
    ] == [(2, 2, "directory.missing-value"), (3, 3, "directory.unknown-value")]
    assert shell.read("office", "list") == []


def test_a_dry_run_of_an_import_changes_nothing(shell, country_file):
    (answer,) = shell.read("office", "import", country_file, "--dry-run")
    assert (answer["added"], answer["version"]) == (5, 0)
    assert shell.read("office", "list") == []


def test_offices_are_listed_and_shown_at_an_instant(filled):
    rows = filled.read("office", "list", "--level", "commune", "--below", "H44")
    assert [row["code"] for row in rows] == ["H44.1"]
    (office,) = filled.read("office", "show", "26", "--at", "2025-06-30")
    assert (office["code"], office["name"]) == ("H62", "Tỉnh Vĩnh Phúc")
    assert "Tỉnh Vĩnh Phúc" in filled("office", "show", "H62").stdout
    assert "Xã Hy Cương" in filled("office", "list").stdout
    assert filled.refusal("office", "show", "H99") == "office.unknown"


def test_what_is_exported_can_be_imported_elsewhere(filled, tmp_path):
    target = tmp_path / "export.csv"
    assert filled("office", "export", str(target)).exit_code == 0
    (again,) = filled.read("office", "import", str(target))
    assert (again["added"], again["unchanged"]) == (0, 5)


def test_systems_are_added_assigned_changed_and_listed(filled):
    filled.read("system", "add", "s44", "--name", "eOffice", "--receives-by", "amqp")
    (answer,) = filled.read("system", "assign", "s44", "H44", "--below")
    assert (answer["offices"], answer["changed"]) == (2, True)
    filled.read("system", "set", "s44", "--not-connected", "--state", "suspended")
    (row,) = filled.read("system", "list")
    assert (row["offices"], row["connected"], row["state"]) == (2, False, "suspended")
    assert filled.refusal("system", "assign", "none", "H44") == "system.unknown"


def test_the_merge_of_two_provinces_from_plan_to_history(filled):
    on = ("--on", "2025-07-01", "--basis", "NQ 202/2025/QH15")
    (dry,) = filled.read("office", "merge", "H62", "--into", "H44", *on, "--dry-run")
    assert (dry["closed"], dry["version"]) == (1, 1)
    (done,) = filled.read("office", "merge", "H62", "--into", "H44", *on, "--by", "Bà A")
    assert done["version"] == 2
    (before,) = filled.read("office", "resolve", "H62", "--at", "2025-06-30")
    (after,) = filled.read("office", "resolve", "H62", "--at", "2025-07-02")
    assert (before["outcome"], before["code"]) == ("served", "H62")
    assert (after["outcome"], after["code"]) == ("served", "H44")
    assert after["via"][0]["legal_basis"] == "NQ 202/2025/QH15"
    (heir,) = filled.read("office", "successors", "H62")
    assert heir["code"] == "H44"
    told = [row["what"] for row in filled.read("office", "history", "H62")]
    assert "succession" in told
    found = filled.read("office", "diff", "--from", "2025-06-30", "--to", "2025-07-02")
    assert ("H62", "closed", "H44") in {(row["code"], row["what"], row["after"]) for row in found}
    filled.read("office", "revoke", "2", "--basis", "ghi nhầm")
    assert filled.read("office", "resolve", "H62")[0]["code"] == "H62"


def test_a_divided_office_is_held_until_a_rule_is_set(filled):
    on = ("--on", "2025-07-01", "--basis", "NQ 1676")
    assert filled.refusal("office", "split", "H62.1", "--into", "H44", "--into", "H44.1", *on) == (
        "directory.refused"
    )
    filled.read(
        *("office", "split", "H62.1", "--into", "H44", "--into", "H44.1"), "--hold", "Ông C", *on
    )
    result = filled("office", "resolve", "H62.1", "--json")
    assert result.exit_code == 1
    held = json.loads(result.stdout)
    assert (held["outcome"], held["assigned_to"], len(held["candidates"])) == ("held", "Ông C", 2)
    filled.read("office", "rule", "H62.1", "--document-type", "Báo cáo=H44.1")
    (served,) = filled.read("office", "resolve", "H62.1", "--document-type", "Báo cáo")
    assert served["code"] == "H44.1"


def test_renaming_recoding_moving_and_closing(filled):
    on = ("--on", "2025-07-01", "--basis", "NQ 1")
    filled.read("office", "rename", "H44.1", "Phường Một", *on)
    filled.read("office", "recode", "H44.1", "H44.01", *on)
    filled.read("office", "move", "H62.1", "--to", "H44", "--level", "district", *on)
    filled.read("office", "close", "G22", *on)
    (office,) = filled.read("office", "show", "H44.01")
    assert office["name"] == "Phường Một"
    (office,) = filled.read("office", "show", "H62.1")
    assert (office["level"], office["parent_code"]) == ("district", "H44")
    assert filled("office", "resolve", "G22").exit_code == 1


def test_a_plan_is_rehearsed_and_then_applied(filled, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text(
        "kind,from,to,effective,legal_basis\nmerge,H62,H44,2025-07-01,NQ 202/2025/QH15\n",
        encoding="utf-8",
    )
    (found,) = filled.read("office", "rehearse", str(plan))
    assert {row["code"] for row in found["lost_codes"]} == {"H62", "000.00.00.H62", "26"}
    assert found["on"] == "2025-06-30T17:00:00.000Z"
    assert "codes lost: 3" in filled("office", "rehearse", str(plan)).stderr
    assert filled.read("office", "resolve", "H62")[0]["code"] == "H62"
    (done,) = filled.read("office", "apply", str(plan))
    assert (done["acts"], done["version"]) == (1, 2)
    assert filled.read("office", "resolve", "H62")[0]["code"] == "H44"


def test_offices_are_searched_and_followed(filled):
    (found,) = filled.read("office", "search", "xa dinh trung")
    assert found["code"] == "H62.1"
    (page,) = filled.read("office", "changes", "--limit", "2")
    assert (len(page["offices"]), page["version"]) == (2, 1)
    (rest,) = filled.read("office", "changes", "--after", page["next"])
    assert len(rest["offices"]) == 3
    (nothing,) = filled.read("office", "changes", "--since", "1")
    assert nothing["offices"] == []


def test_the_whole_list_is_sealed_for_systems_to_carry_away(filled, tmp_path):
    make_notary_key(tmp_path / "notary.key")
    (answer,) = filled.read("office", "snapshot", str(tmp_path / "directory.axis"))
    assert answer["offices"] == 5
    assert (tmp_path / "directory.axis").read_bytes().startswith(b"axis directory v1\n1\n")


def test_groups_are_made_and_expanded(filled):
    filled.read("group", "set", "xa", "--rule", "level=commune", "--except", "H62.1")
    assert [row["code"] for row in filled.read("group", "show", "xa")] == ["H44.1"]
    assert [row["group_id"] for row in filled.read("group", "list")] == ["xa"]


def test_the_real_files_are_imported_and_given_back(shell, shared, tmp_path):
    folder = shared / "data" / "directory"
    words = ("office", "import", "--format", "vn2025", str(folder))
    (dry,) = shell.read(*words, "--dry-run")
    assert (dry["communes"], dry["edges"], dry["version"]) == (3321, 10602, 0)
    result = shell(*words)
    assert "471  commune divided" in result.stderr
    assert shell("office", "export", "--format", "vn2025", str(tmp_path / "out")).exit_code == 0
    for path in folder.glob("*.csv"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_nothing_can_be_given_back_that_was_not_imported(filled, tmp_path):
    words = ("office", "export", "--format", "vn2025", str(tmp_path / "out"))
    assert filled.refusal(*words) == "directory.never-imported"


def test_an_office_is_suspended_resumes_and_is_reached(filled):
    filled.read("office", "suspend", "H44.1", "--on", "2025-07-01", "--basis", "dời trụ sở")
    assert filled("office", "resolve", "H44.1").exit_code == 1
    filled.read("office", "resume", "H44.1", "--on", "2025-07-08")
    assert filled.read("office", "resolve", "H44.1")[0]["code"] == "H44.1"
    filled.read("office", "contact", "H44.1", "--email", "vanthu@h44.example")
    (office,) = filled.read("office", "show", "H44.1")
    assert office["contacts"][0]["email"] == "vanthu@h44.example"
    assert filled.refusal("office", "suspend", "H99") == "directory.refused"
