"""Draws the tables: Mermaid diagrams and Markdown that docs/delivery.md carries. Pure."""

from __future__ import annotations

from axis.delivery.causes import CAUSES
from axis.delivery.course import ANSWERING, COURSE, Effect
from axis.delivery.states import FINAL, TRANSITIONS, Event


def states_diagram() -> str:
    """Return the life of a delivery as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> held", "    [*] --> routed"]
    for state, row in TRANSITIONS.items():
        ways: dict[str, list[str]] = {}
        for event, after in row.items():
            if after is not state:
                ways.setdefault(after.value, []).append(event.value)
        lines += [
            f"    {state.value} --> {after}: {', '.join(events)}" for after, events in ways.items()
        ]
    lines += [f"    {state.value} --> [*]" for state in TRANSITIONS if state in FINAL]
    return _fenced(lines)


def states_table() -> str:
    """Return every cell of the table of transport states."""
    head = ["", *(event.value for event in Event)]
    rows = [
        [state.value, *(row[event].value if event in row else "–" for event in Event)]
        for state, row in TRANSITIONS.items()
    ]
    return _table(head, rows)


def course_diagram() -> str:
    """Return the course of business statuses as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for before, row in COURSE.items():
        lines += [
            f"    {_name(before)} --> s{comes}: {comes}"
            for comes, cell in row.items()
            if cell is Effect.ADVANCE
        ]
    lines += [f'    state "{code}" as s{code}' for code in COURSE if code is not None]
    return _fenced(lines)


def course_table() -> str:
    """Return every cell of the tables of business statuses."""
    codes = list(COURSE[None])
    rows = [
        [before or "none", *(_cell(row[comes]) for comes in codes)]
        for before, row in COURSE.items()
    ]
    answers = [
        [outcome.value if outcome else "no request", *(_cell(row[c]) for c in ("15", "16"))]
        for outcome, row in ANSWERING.items()
    ]
    return _table(["at \\ comes", *codes], rows) + "\n\n" + _table(["request", "15", "16"], answers)


def causes_table() -> str:
    """Return why deliveries wait or ended, and who must act."""
    rows = [
        [f"`{code}`", cause.owner.value, f"{cause.en} · {cause.vi}", cause.next_en]
        for code, cause in CAUSES.items()
    ]
    return _table(["cause", "owner", "means", "next"], rows)


def _name(before: str | None) -> str:
    return "[*]" if before is None else f"s{before}"


def _cell(cell: Effect | type) -> str:
    return cell.value if isinstance(cell, Effect) else f"`{getattr(cell, 'code', '')}`"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _fenced(lines: list[str]) -> str:
    return "```mermaid\n" + "\n".join(lines) + "\n```"
