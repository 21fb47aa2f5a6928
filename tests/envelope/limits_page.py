"""Writes ``docs/limits.md`` from the one dataclass: ``python tests/envelope/limits_page.py``."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from axis.envelope.limits import Limits
from axis.envelope.unzip import ZipLimits
from axis.settings import PartSettings

NOTE = "*Written from the code; renew with `.venv/bin/python tests/envelope/limits_page.py`.*\n"

PARTS = (
    ("part_bytes", "bytes of one attachment", "part.too-large"),
    ("waiting_bytes", "bytes of one system without an envelope yet", "part.too-many-waiting"),
    ("uploads", "uploads of one system under way at once", "part.too-many-waiting"),
    ("keep_hours", "hours that an attachment without an envelope is kept", "attachment.missing"),
)


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
    page += (
        "\n## Attachments that travel apart · Tệp đính kèm gửi riêng\n"
        "Set in `[parts]` of the settings.\n\n| limit | at most | of what | refused with |\n"
        "|---|---:|---|---|\n"
    )
    parts = PartSettings()
    for name, what, code in PARTS:
        page += f"| `{name}` | {getattr(parts, name):,} | {what} | `{code}` |\n"
    page += (
        "\n## ZIP-wrapped attachments · Tệp đính kèm bọc ZIP\n"
        "Only agents and clients open them (`axis/envelope/unzip.py`); what is over a limit is"
        " refused with\n`attachment.zip-refused`.\n\n| limit | at most | of what | là |\n"
        "|---|---:|---|---|\n"
    )
    for field in dataclasses.fields(ZipLimits):
        about = field.metadata
        page += f"| `{field.name}` | {field.default:,} | {about['en']} | {about['vi']} |\n"
    return page


if __name__ == "__main__":
    target = Path(__file__).parent.parent.parent / "docs" / "limits.md"
    target.write_text(limits_page(), encoding="utf-8")
