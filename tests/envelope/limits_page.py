"""Writes ``docs/limits.md`` from the one dataclass: ``python tests/envelope/limits_page.py``."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from axis.envelope.limits import Limits

NOTE = "*Written from the code; renew with `.venv/bin/python tests/envelope/limits_page.py`.*\n"


def limits_page() -> str:
    """Every limit of one package, its number and the code of what exceeds it."""
    page = f"# Limits · Giới hạn\n{NOTE}\n"
    page += (
        "What one package may cost. A package at a limit passes, one over it is refused with the\n"
        "code. `package_bytes` is set by `[limits] package_bytes`; the others are fixed, because\n"
        "they keep hostile XML cheap. Larger attachments travel apart from their envelope.\n\n"
        "| limit | at most | of what | là | refused with |\n|---|---:|---|---|---|\n"
    )
    for field in dataclasses.fields(Limits):
        about = field.metadata
        page += (
            f"| `{field.name}` | {field.default:,} | {about['en']} | {about['vi']}"
            f" | `{about['code']}` |\n"
        )
    page += (
        "\nAn attachment's name may hold `/`, as document numbers do, and is never used as a path."
        " It may\nnot hold control characters, line or paragraph separators, or characters that"
        " change the direction of\nwriting (`attachment.name-unsafe`). A ZIP-wrapped attachment is"
        " never opened by the axis.\n"
    )
    return page


if __name__ == "__main__":
    target = Path(__file__).parent.parent.parent / "docs" / "limits.md"
    target.write_text(limits_page(), encoding="utf-8")
