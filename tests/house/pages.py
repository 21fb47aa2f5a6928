"""Writes the pages of docs/ that follow from the code: ``python tests/house/pages.py``.

A test holds them up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import click
import yaml

from adapters.amqp.asyncapi import document as amqp_document
from axis.commands.language import speaking, translate
from cli import SUMMARIES
from house import catalogue
from house.house import CHECKOUT, commands, refusals, settings

NOTE = "*Written from the code; renew with `.venv/bin/python tests/house/pages.py`.*\n"

FAULTS: Final = {
    "input": "these bytes can never pass: correct, send again · gói tin sai, phải sửa rồi gửi lại",
    "outage": "cannot tell now: try again later · tạm thời chưa xử lý được, thử lại sau",
    "axis": "the axis itself is wrong: tell the operator · lỗi của trục, báo đơn vị vận hành",
}


def commands_page() -> str:
    """The help of every command."""
    page = f"# Commands\n{NOTE}\n"
    page += (
        "Data go to stdout, everything else to stderr. `--json` prints one object or JSON Lines.\n"
        "What the exit codes mean: [command line](command-line.md). Tiếng Việt:\n"
        "[commands.vi.md](commands.vi.md).\n"
    )
    with speaking("en"):
        return page + _every_help()


def commands_page_vi() -> str:
    """The same in Vietnamese, from the catalogue."""
    page = f"# Các lệnh\n{NOTE}\n"
    page += (
        "Dữ liệu ra đầu ra chuẩn, mọi thứ khác ra luồng báo lỗi. `--json` in một đối tượng hoặc\n"
        "JSON Lines. Ý nghĩa của mã thoát: [dòng lệnh](command-line.md). Hướng dẫn này hiện bằng\n"
        "`axis --lang vi LỆNH --help`, hoặc khi đặt `AXIS_LANG=vi`.\n"
    )
    with speaking("vi"):
        return page + _every_help()


def _every_help() -> str:
    page = group = ""
    for words, command in commands():
        if words.split()[0] != group:
            group = words.split()[0]
            page += f"\n## axis {group}\n{translate(SUMMARIES[group])}\n"
        context = click.Context(command, info_name=f"axis {words}", max_content_width=96)
        context.terminal_width = 96
        text = command.get_help(context)
        page += f"\n### axis {words}\n```text\n{text.strip()}\n```\n"
    return page


def errors_page() -> str:
    """Every code that the axis can answer with."""
    page = f"# Refusals · Các mã từ chối\n{NOTE}\n"
    page += "A code never changes its meaning. Who must act:\n\n| fault | means |\n|---|---|\n"
    page += "".join(f"| `{fault}` | {meaning} |\n" for fault, meaning in FAULTS.items())
    room = ""
    for code, refusal in sorted(refusals().items()):
        if code.partition(".")[0] != room:
            room = code.partition(".")[0]
            page += f"\n## {room}\n"
        page += (
            f"\n### `{code}`\n"
            f"Fault: `{refusal.fault.value}`.\n"
            f"- {_line(refusal.en)}  \n  → {_line(refusal.hint_en)}\n"
            f"- {_line(refusal.vi)}  \n  → {_line(refusal.hint_vi)}\n"
        )
    return page


def settings_page() -> str:
    """Every key of the settings file."""
    page = f"# Settings\n{NOTE}\n"
    page += (
        "One TOML file: the one that `--config` or `AXIS_CONFIG` names, else `axis.toml` in the\n"
        "current folder. A variable overrides the file. An unknown key or variable is refused.\n"
        "Relative paths stand under `home`. Secrets are given by path only, except in a URL.\n"
    )
    before = None
    for section, key, value, meaning in settings():
        if section != before:
            before = section
            page += f"\n## {f'[{section}]' if section else 'At the top'}\n"
            page += "| key | default | variable | meaning |\n|---|---|---|---|\n"
        variable = "_".join(["AXIS", *([section] if section else []), key]).upper()
        shown = meaning.replace("``", "`").replace("|", "\\|")
        page += f"| `{key}` | `{value}` | `{variable}` | {shown} |\n"
    return page


def amqp_page() -> str:
    """The AMQP door as an AsyncAPI document."""
    text = yaml.safe_dump(amqp_document(), allow_unicode=True, sort_keys=False, width=96)
    return f"# {NOTE}{text}"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/commands.md": commands_page,
    "docs/commands.vi.md": commands_page_vi,
    "docs/errors.md": errors_page,
    "docs/settings.md": settings_page,
    "docs/integrate/amqp.asyncapi.yaml": amqp_page,
}


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    for waiting in catalogue.renew():
        print(f"not translated: {waiting}", file=sys.stderr)
    for name, page in PAGES.items():
        (CHECKOUT / name).write_text(page(), encoding="utf-8")
