"""Whatever is read into is worked out by one thread at a time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Of these the library works nothing out.
PLAIN = {"dict", "list", "tuple", "str", "bytes", "int", "bool", "Any", "object"}

#: Four threads of a new process read one rule file, changing as often as they can.
PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-7)
from axis.types.folder import files_of, folder_of
from axis.types.rules import parse_rules
data = files_of(folder_of("task", "1"))["type.toml"]
barrier = threading.Barrier(4)
def read():
    barrier.wait()
    parse_rules(data)
threads = [threading.Thread(target=read) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
"""


@pytest.mark.parametrize("_time", range(5))
def test_threads_that_read_into_a_struct_for_the_first_time_do_not_end_the_process(
    _time: int,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


def _into(call: ast.Call) -> ast.expr | None:
    """What a call of the library reads into; None where it is no such call, or names nothing."""
    if not (isinstance(call.func, ast.Attribute) and "msgspec" in ast.unparse(call.func)):
        return None
    match call.func.attr:
        case "decode":
            return next((word.value for word in call.keywords if word.arg == "type"), None)
        case "Decoder":
            return call.args[0] if call.args else None
        case "convert":
            return call.args[1]
    return None


def test_whatever_is_read_into_goes_through_ready() -> None:
    found, bare = 0, []
    for folder in ("axis", "adapters"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path == ROOT / "axis" / "structs.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                kind = _into(node) if isinstance(node, ast.Call) else None
                if kind is None:
                    continue
                found += 1
                names = {one.id for one in ast.walk(kind) if isinstance(one, ast.Name)}
                if "ready" not in names and not names <= PLAIN:
                    bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(kind)}")
    assert found > 30
    assert bare == []
