"""The pages say what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from house.house import CHECKOUT, committed, refuse_wrong_call, settings
from house.pages import NOTE, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_follows_from_the_code_is_up_to_date(name: str):
    page = CHECKOUT / name
    assert page.exists(), NOTE
    assert page.read_text(encoding="utf-8") == PAGES[name](), NOTE


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_a_page_exist(name: str):
    script = (CHECKOUT / "run").read_text(encoding="utf-8")
    for line in _calls((CHECKOUT / name).read_text(encoding="utf-8")):
        if line.startswith("./run axis"):
            refuse_wrong_call(line.removeprefix("./run "))
        elif line.startswith("./run"):
            assert f"./run {line.split()[1]} " in script, line
        else:
            refuse_wrong_call(line)


def test_the_first_screen_of_the_readme_has_the_two_commands():
    first_screen = (CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()[:25]
    assert "./run demo" in " ".join(first_screen)
    assert "./run test" in " ".join(first_screen)


def test_every_room_is_in_the_plan_of_the_house():
    plan = (CHECKOUT / "docs" / "house.md").read_text(encoding="utf-8")
    rooms = {
        f"{path.relative_to(CHECKOUT).parent.as_posix()}/"
        for path in committed("axis/*/__init__.py", "adapters/*/__init__.py")
        if len(path.relative_to(CHECKOUT).parts) == 3
    }
    assert sorted(room for room in rooms if f"`{room}`" not in plan) == []
    named = set(re.findall(r"^\| `((?:axis|adapters)/[a-z_]+/)`", plan, re.MULTILINE))
    assert sorted(room for room in named if not (CHECKOUT / room).is_dir()) == []


def test_every_setting_says_what_it_does():
    assert [f"{section}.{key}" for section, key, _, meaning in settings() if not meaning] == []


def test_every_decision_has_a_number_and_says_what_it_costs():
    decisions = sorted((CHECKOUT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert len(numbers) == len(set(numbers))
    for path in decisions:
        assert "\n## What it costs\n" in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("page", [p.relative_to(CHECKOUT).as_posix() for p in committed("*.md")])
def test_a_link_to_a_file_leads_to_one(page: str):
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    folder = (CHECKOUT / page).parent
    assert [target for target in targets if not Path(folder, target).exists()] == []


def _calls(page: str) -> list[str]:
    """The calls of ``./run`` and ``axis`` in the code blocks of a page."""
    blocks = re.findall(r"^```(?:sh|console|shell)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"\./run |(?:[A-Z_]+=\S+ )*axis ", line)]
