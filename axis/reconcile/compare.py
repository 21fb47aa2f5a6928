"""Compares a system's register with the records. Pure.

The register is CSV in UTF-8 with a header. A line names what the office has by ``delivery_id``, by
``sha256`` of the exact bytes, or by ``document_id``; the first that is not empty counts.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from axis.delivery.states import State
from axis.reconcile.errors import RegisterUnreadableError

_COLUMNS: Final = ("delivery_id", "sha256", "document_id")


class Difference(StrEnum):
    """How two registers differ."""

    MISSING = "missing"  #: the axis has its confirmation, the office has no line of it
    UNCONFIRMED = "unconfirmed"  #: the office has it; the axis still waits for its confirmation
    NEVER_GIVEN = "never-given"  #: the office has it; the axis recalled, held or ended it
    UNKNOWN = "unknown"  #: the office has it; the axis never gave it to this system
    TWICE = "twice"  #: the office has two lines of one delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One line of an office's register."""

    line: int
    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One delivery to the system, as the axis knows it."""

    delivery_id: str
    sha256: str
    document_id: str
    sign: str | None
    address: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One difference."""

    difference: Difference
    name: str  #: what the office or the axis calls it
    line: int | None  #: of the register
    given: Given | None


def parse_register(text: str) -> list[Registered]:
    """Read a register.

    Raises:
        RegisterUnreadableError: it has no known column, or a line names nothing.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = [name for name in _COLUMNS if name in (reader.fieldnames or ())]
    if not columns:
        raise RegisterUnreadableError(line=1, reason="no known column")
    found = []
    for row in reader:
        named = next((c for c in columns if (row.get(c) or "").strip()), None)
        if named is None:
            raise RegisterUnreadableError(line=reader.line_num, reason="it names nothing")
        value = row[named].strip()
        found.append(
            Registered(
                line=reader.line_num,
                column=named,
                value=value if named == "document_id" else value.lower(),
            )
        )
    return found


def compare(register: Sequence[Registered], given: Iterable[Given]) -> list[Found]:
    """Return the differences, the office's own first, in the order of its lines."""
    known: dict[tuple[str, str], list[Given]] = {}
    everything = list(given)
    for one in everything:
        for column in _COLUMNS:
            known.setdefault((column, getattr(one, column)), []).append(one)
    found: list[Found] = []
    had: Counter[str] = Counter()
    for entry in register:
        matches = known.get((entry.column, entry.value))
        if not matches:
            found.append(_found(Difference.UNKNOWN, entry, None))
            continue
        # One name may stand for several deliveries; a line is about one that no line was about.
        one = min(matches, key=lambda match: (had[match.delivery_id], match.state is not CONFIRMED))
        had[one.delivery_id] += 1
        if had[one.delivery_id] > 1:
            found.append(_found(Difference.TWICE, entry, one))
        elif one.state in _ON_THEIR_WAY:
            found.append(_found(Difference.UNCONFIRMED, entry, one))
        elif one.state is not CONFIRMED:
            found.append(_found(Difference.NEVER_GIVEN, entry, one))
    found += [
        Found(
            difference=Difference.MISSING,
            name=one.sign or one.document_id or one.delivery_id,
            line=None,
            given=one,
        )
        for one in everything
        if one.state is CONFIRMED and not had[one.delivery_id]
    ]
    return found


CONFIRMED: Final = State.CONFIRMED
_ON_THEIR_WAY: Final = frozenset({State.ROUTED, State.OFFERED, State.FETCHED})


def _found(difference: Difference, entry: Registered, given: Given | None) -> Found:
    return Found(difference=difference, name=entry.value, line=entry.line, given=given)
