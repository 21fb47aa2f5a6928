"""Everything that the command line says is said in Vietnamese too."""

from __future__ import annotations

import ast
import re

from house import catalogue
from house.house import CHECKOUT, committed

HOW = "run .venv/bin/python tests/house/catalogue.py and translate what it names in " + str(
    catalogue.FILE.relative_to(CHECKOUT)
)
PLACEHOLDER = re.compile(r"\{([^}]*)\}|(%\([a-z]+\)s)")


def test_every_text_of_the_command_line_is_translated():
    known = catalogue.read()
    ids = [key if isinstance(key, str) else key[0] for key in catalogue.said()]
    missing = [text for text in ids if known.get(text) is None]
    assert missing + catalogue.untranslated(known) == [], HOW


def test_the_catalogue_has_nothing_that_nobody_says():
    said = {key if isinstance(key, str) else key[0] for key in catalogue.said()}
    stale = [one.id for one in catalogue.read() if one.id and _first(one.id) not in said]
    assert stale == [], HOW


def test_a_translation_names_the_same_facts():
    wrong = []
    for one in catalogue.read():
        if one.id:
            # a plural names the facts of its last form
            text = one.id if isinstance(one.id, str) else one.id[-1]
            spoken = one.string if isinstance(one.string, str) else one.string[0]
            if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(spoken)):
                wrong.append(text)
    assert wrong == []


def test_what_gettext_reads_is_what_people_wrote():
    assert catalogue.COMPILED.read_bytes() == catalogue.mo(catalogue.read()), HOW


def test_what_is_said_is_a_text_with_facts_beside_it():
    """A sentence that is put together while the program runs cannot be looked up."""
    found = [
        f"{path.relative_to(CHECKOUT)}:{node.lineno}"
        for path in committed("axis/commands/*.py", "adapters/*/command*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in catalogue.SPEAKERS
        and isinstance(node.args[0], ast.JoinedStr)
        and _has_words(node.args[0])
    ]
    assert found == []


def _has_words(text: ast.JoinedStr) -> bool:
    parts = [one.value for one in text.values if isinstance(one, ast.Constant)]
    return any(re.search(r"[a-z]{2}", str(part)) for part in parts)


def _first(key: str | tuple[str, ...] | list[str]) -> str:
    return key if isinstance(key, str) else key[0]
