"""The house rules that no linter knows."""

from __future__ import annotations

import re

from house.house import CHECKOUT, committed

MOST_LINES = 400


def _code() -> list[str]:
    paths = committed("axis/*.py", "adapters/*.py", "cli.py")
    return [path.relative_to(CHECKOUT).as_posix() for path in paths]


def test_a_file_has_one_purpose_and_fits_a_few_screens():
    lengths = {name: len((CHECKOUT / name).read_text().splitlines()) for name in _code()}
    too_long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    # a room's refusals are one list, however long
    assert {name: n for name, n in too_long.items() if not name.endswith("/errors.py")} == {}


def test_nothing_is_named_after_what_does_not_fit_elsewhere():
    vague = re.compile(r"(^|[/_])(utils?|helpers?|common|managers?|misc)([/_.]|$)")
    assert [name for name in _code() if vague.search(name)] == []


def test_every_module_says_what_it_is_for():
    assert [name for name in _code() if not (CHECKOUT / name).read_text().startswith('"""')] == []


def test_only_the_boundaries_catch_everything():
    """A process and the command line may; a room lets its bugs be seen."""
    pattern = re.compile(r"^\s*except(\s+Exception\b[^:]*)?:", re.MULTILINE)
    rooms = ("envelope", "trust", "directory", "delivery", "ledger", "bodies", "store", "examine")
    found = [
        name
        for name in _code()
        if name.startswith(tuple(f"axis/{room}/" for room in rooms))
        and pattern.search((CHECKOUT / name).read_text())
    ]
    assert found == []


def test_nothing_speaks_of_the_machine_that_it_was_written_on():
    places = re.compile(r"/root/|/home/(?!linuxbrew)[a-z]|\.pyenv")
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.name != "test_style.py" and places.search(text):
            found.append(path.relative_to(CHECKOUT).as_posix())
    assert found == []


def test_no_private_key_is_committed():
    marker = "-----BEGIN " + "(RSA |EC |ENCRYPTED |)PRIVATE KEY-----"
    assert [
        path.name
        for path in committed()
        if path.stat().st_size < 1_000_000 and re.search(marker, path.read_text(errors="replace"))
    ] == []
