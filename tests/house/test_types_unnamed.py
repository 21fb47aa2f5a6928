"""No code knows a message type by its name, except those who read and write edXML and VXP.

What lists and figures take a type for stands in its rule file (``[counts]``), so a type needs no
change here. These tests read the code: a comparison with the name of a type is found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
#: Every type that comes with the program.
NAMES = {path.parent.parent.name for path in ROOT.glob("xsd/*/*/type.toml")}
#: The same, as constants.
CONSTANTS = {"DOCUMENT", "STATUS", "BUILT_IN"}
#: What holds the name of a type.
HOLDERS = {"kind", "type", "message_type", "type_name"}

#: Who names types, and why. A folder ends in a slash.
MAY = {
    "axis/envelope/": "reader and writer of edXML",
    "axis/types/book.py": "registers the two types that have a reader of their own",
    "axis/commands/envelope_form.py": "form from which the writer makes edXML",
    "adapters/folder/compose.py": "makes edXML of a folder's files",
    "adapters/vxp/kinds.py": "the two types that VXP knows by its words",
    "adapters/demo/": "a story that sends them",
    "axis/bench/": "fills tables with them",
}


def _sources() -> Iterator[tuple[str, Path]]:
    for top in ("axis", "adapters"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not any(name == one or (one.endswith("/") and name.startswith(one)) for one in MAY):
                yield name, path


def named_types(source: str) -> list[int]:
    """Return the lines of a source that compare, look up or preset the type of something."""
    found = []
    for node in ast.walk(ast.parse(source)):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            sides = [node.func.value, *node.args]  # kind.in_(…), kind.is_distinct_from(…)
        elif isinstance(node, ast.Match):
            patterns = [one for one in ast.walk(node) if isinstance(one, ast.MatchValue)]
            sides = [node.subject, *(one.value for one in patterns)]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            sides = [node.target, node.value]  # kind: str = "document"
        elif isinstance(node, ast.Subscript):
            sides = [node.value, node.slice]
            sides = [*sides, *(one for one in [node.slice] if _holds(one))]
        elif isinstance(node, ast.BoolOp):
            sides = list(node.values)  # kind or "document"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("axis."):
            found += [node.lineno for one in node.names if one.name in CONSTANTS]
        if any(map(_holds, sides)) and any(map(_names, sides)):
            found.append(node.lineno)
    return found


def _holds(node: ast.expr) -> bool:
    """Say whether an expression is the type of something, such as ``package.kind``."""
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        last = node.slice.value
    return last in HOLDERS


def _names(node: ast.expr) -> bool:
    """Say whether an expression is the name of a type, or holds some."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(map(_names, node.elts))
    if isinstance(node, ast.Dict):
        return any(_names(key) for key in node.keys if key is not None)
    if isinstance(node, ast.Name):
        return node.id in CONSTANTS
    return isinstance(node, ast.Constant) and node.value in NAMES


def test_no_code_beside_reader_and_writer_asks_for_a_type_by_name() -> None:
    assert len(NAMES) == 5
    found = [
        f"{name}:{line}"
        for name, path in _sources()
        for line in named_types(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "give the type a property in its rule file instead ([counts] …)"


def test_no_statement_and_no_page_names_a_type() -> None:
    names = "|".join(sorted(NAMES))
    asks = re.compile(rf"(?i)\b(kind|type)\b[\"']?\s*(==|!=|=|<>|in)\s*\(?\s*'({names})'")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*(path for _, path in _sources()), *ROOT.glob("adapters/**/*.html")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if asks.search(line) and "type=" not in line
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "if package.kind == 'status': pass",
        "query.where(PACKAGE.c.kind != 'document')",
        "PACKAGE.c.kind.in_(['document', 'task'])",
        "PACKAGE.c.kind.is_distinct_from('status')",
        "row['kind'] in {'dossier'}",
        "kind: str = 'document'",
        "told = one.kind or 'document'",
        "{'document': 1}[package.kind]",
        "{'document': 1}.get(kind)",
        "from axis.envelope.values import DOCUMENT",
        "match one.type:\n    case 'report': pass",
    ],
)
def test_a_comparison_that_is_added_is_found(source: str) -> None:
    assert named_types(source) != []
    assert named_types("if package.kind == other.kind and said['status'] == 'OK': pass") == []
