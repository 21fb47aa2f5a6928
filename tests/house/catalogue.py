"""The catalogue of what the command line says: ``python tests/house/catalogue.py`` renews it.

Texts are taken from the commands themselves, from the calls of ``translate`` in the code, and from
click. What stands translated stays; what nobody says any more goes; what is new waits for its
Vietnamese, and a test names it.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from axis.commands.asking import IRREVOCABLE
from axis.commands.language import DOMAIN, LOCALE, texts_of
from axis.doctor.values import Verdict
from axis.examine.explain import Outcome
from axis.ledger.commitments import PLACES
from cli import SUMMARIES, SUMMARIES_BELOW
from cli import axis as axis_words
from house.house import commands, committed

FILE: Final = LOCALE / "vi" / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED: Final = FILE.with_suffix(".mo")
HEADER: Final = """\
What the command line says, in Vietnamese. A text in English is its own key.
Renew with: .venv/bin/python tests/house/catalogue.py"""

#: Functions whose first argument is a text that people read.
SPEAKERS: Final = frozenset({"translate", "say", "tell"})

#: Functions that show a table; their ``columns=`` are its headings.
TABLES: Final = frozenset({"show_rows"})

#: Functions that show an object; the names of its fields stand in a dict near by.
SHEETS: Final = frozenset({"show_fields"})

#: What is looked up by a variable: click's own word, verdicts, and names of fields.
BY_VARIABLE: Final = (
    "required",
    *(one.value for one in Verdict),
    *(one.value for one in Outcome),
    *("event", "time", "index", "log", "prev", "reason", "status", "weak", "leaf", "leaf hash"),
    *(name.replace("_", " ") for name in PLACES),
)

Key = str | tuple[str, str]


def said() -> dict[Key, str]:
    """Every text that the command line can say, with where it is said; a pair has a plural."""
    found: dict[Key, str] = {}
    for text, place in _texts():
        if text:
            found.setdefault(text, place)
    return found


def _texts() -> Iterator[tuple[Key, str]]:
    for text in texts_of(axis_words):
        yield text, "axis"
    for words, text in {**SUMMARIES, **SUMMARIES_BELOW}.items():
        yield text, f"axis {words}"
    for words, text in IRREVOCABLE.items():
        yield text, f"axis {words}"
    for words, command in commands():
        for text in texts_of(command):
            yield text, f"axis {words}"
    speaking = ("axis/commands/*.py", "axis/bench/*.py", "adapters/*/command*.py", "cli.py")
    for path in committed(*speaking):
        source = path.read_text(encoding="utf-8")
        if any(f"{name}(" in source for name in SPEAKERS):
            for text in _arguments(source, SPEAKERS):
                yield text, "said"
        for text in _headings(source):
            yield text, "heading"
        for text in _fields(source):
            yield text, "field"
    for text in BY_VARIABLE:
        yield text, "word"
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for text in _arguments(path.read_text(encoding="utf-8"), {"_", "ngettext"}):
            yield text, "click"


def _arguments(source: str, names: frozenset[str] | set[str]) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in names:
            continue
        texts = [
            one.value
            for one in node.args[:2]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if node.func.id == "ngettext":
            yield texts[0], texts[1]
        elif texts:
            yield texts[0]


def _headings(source: str) -> Iterator[str]:
    """The columns of tables: what stands in ``columns=``, or in the tuple that it names."""
    nodes = list(ast.walk(ast.parse(source)))
    named: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(node.value)
    for node in nodes:
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in TABLES:
            continue
        for word in node.keywords:
            if word.arg == "columns":
                given = [word.value]
                if isinstance(word.value, ast.Name):
                    given = named.get(word.value.id, [])
                for value in given:
                    for one in ast.walk(value):
                        if isinstance(one, ast.Constant) and isinstance(one.value, str):
                            yield one.value.replace("_", " ")


def _fields(source: str) -> Iterator[str]:
    """The names of the fields of objects, in functions that show one."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        nodes = list(ast.walk(function))
        calls = [ast.unparse(one.func) for one in nodes if isinstance(one, ast.Call)]
        if SHEETS.isdisjoint(calls):
            continue
        for node in nodes:
            if isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value.replace("_", " ")


def read() -> Catalog:
    """Return the catalogue that is committed."""
    with FILE.open("rb") as opened:
        return read_po(opened, locale="vi", domain=DOMAIN)


def renewed(known: Catalog) -> Catalog:
    """Return a catalogue of exactly what is said, with the translations that are known."""
    fresh = Catalog(
        locale="vi",
        domain=DOMAIN,
        project="axis",
        version="1",
        last_translator="axis",
        language_team="vi",
        msgid_bugs_address="",
        header_comment="\n".join(f"# {line}" for line in HEADER.splitlines()),
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        revision_date=datetime(2026, 1, 1, tzinfo=UTC),
        fuzzy=False,
    )
    for key, place in said().items():
        before = known.get(key if isinstance(key, str) else key[0])
        empty = ("",) if isinstance(key, tuple) else ""
        fresh.add(key, before.string if before else empty, auto_comments=[place])
    return fresh


def po(catalog: Catalog) -> bytes:
    """Return a catalogue as a file for people."""
    opened = io.BytesIO()
    write_po(opened, catalog, width=100, ignore_obsolete=True)
    return opened.getvalue()


def mo(catalog: Catalog) -> bytes:
    """Return a catalogue as the file that gettext reads."""
    opened = io.BytesIO()
    write_mo(opened, catalog)
    return opened.getvalue()


def renew() -> list[str]:
    """Write both files; return what has no translation yet."""
    catalog = renewed(read())
    FILE.write_bytes(po(catalog))
    COMPILED.write_bytes(mo(read()))
    return untranslated(catalog)


def untranslated(catalog: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [str(one.id) for one in catalog if one.id and not all(_strings(one.string))]


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else string


if __name__ == "__main__":
    for waiting in renew():
        print(f"not translated: {waiting}", file=sys.stderr)
