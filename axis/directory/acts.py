"""Acts of reorganisation as values: what a law says about offices, from when on.

A plan is a CSV file with one act a line, applied in the order of the file:

===================  ==============================================================================
``kind``             merge, split, rename, recode, move or close
``from``             the codes before the act, separated by spaces (required)
``to``               merge, split: the successors, separated by ``;`` – ``CODE``, or ``CODE=NAME``
                     to found the office by this act; recode: the new code
``effective``        ``2025-07-01`` (midnight in Vietnam) or an instant (required)
``legal_basis``      such as ``NQ 202/2025/QH15`` (required)
``name``             rename: the new name
``parent``           move: a code of the new parent; founding: of the founded office's parent
``level``            move: the new level; founding: of the founded office
``default``          split: the code of the successor that takes what no other rule takes
``hold``             split: the person who decides about each letter
``subunits``         split: ``NAME=CODE`` separated by ``;``
``document_types``   split: ``TYPE=CODE`` separated by ``;``
``system``           the system that acts for the offices founded
===================  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from axis.directory.errors import MissingValueError, UnknownValueError
from axis.directory.table import Line, Problems, read_lines
from axis.directory.values import Level, SuccessionKind, micros, parse_moment
from axis.errors import Place

REQUIRED: Final = ("kind", "from", "effective", "legal_basis")
OPTIONAL: Final = (
    "to",
    "name",
    "parent",
    "level",
    "default",
    "hold",
    "subunits",
    "document_types",
    "system",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """Who comes after: an office that is there, or with a name one that the act founds."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of reorganisation."""

    kind: SuccessionKind
    old: tuple[str, ...]  #: codes in force just before
    at: int  #: when it takes effect, microseconds
    legal_basis: str
    new: tuple[Successor, ...] = ()
    name: str = ""
    parent: str = ""
    level: Level | None = None
    default: str = ""
    hold: str = ""
    subunits: Mapping[str, str] = field(default_factory=dict)
    document_types: Mapping[str, str] = field(default_factory=dict)
    system: str = ""
    place: Place | None = None  #: the line of the plan


def read_plan(data: bytes, problems: Problems) -> list[Act]:
    """Return the acts of a plan; what is wrong goes to ``problems``."""
    lines = read_lines(data, problems, required=REQUIRED, optional=OPTIONAL)
    return [act for line in lines if (act := _read(line, problems)) is not None]


def parse_successor(word: str) -> Successor:
    """Read ``CODE`` or ``CODE=NAME``."""
    code, _, name = word.partition("=")
    return Successor(code=code.strip(), name=name.strip())


def parse_pairs(words: str) -> dict[str, str]:
    """Read ``NAME=CODE; NAME=CODE``.

    Raises:
        ValueError: a word has no ``=``.
    """
    pairs = {}
    for word in filter(None, (word.strip() for word in words.split(";"))):
        name, sign, code = word.rpartition("=")
        if not sign:
            raise ValueError(word)
        pairs[name.strip()] = code.strip()
    return pairs


def _read(line: Line, problems: Problems) -> Act | None:
    cells = {**dict.fromkeys(OPTIONAL, ""), **line.cells}
    before = len(problems)
    if not all(cells[name] for name in REQUIRED):
        return None
    if cells["kind"] not in list(SuccessionKind):
        expected = ", ".join(SuccessionKind)
        problems.at(line, "kind", UnknownValueError, got=cells["kind"], expected=expected)
    if cells["level"] and cells["level"] not in list(Level):
        expected = ", ".join(Level)
        problems.at(line, "level", UnknownValueError, got=cells["level"], expected=expected)
    at = 0
    try:
        at = micros(parse_moment(cells["effective"]))
    except ValueError:
        got = cells["effective"]
        problems.at(line, "effective", UnknownValueError, got=got, expected="2025-07-01")
    pairs: dict[str, dict[str, str]] = {}
    for name in ("subunits", "document_types"):
        try:
            pairs[name] = parse_pairs(cells[name])
        except ValueError as error:
            problems.at(line, name, UnknownValueError, got=str(error), expected="NAME=CODE")
    if cells["kind"] in ("merge", "split", "recode") and not cells["to"]:
        problems.at(line, "to", MissingValueError)
    if len(problems) > before:
        return None
    words = filter(None, (word.strip() for word in cells["to"].split(";")))
    return Act(
        kind=SuccessionKind(cells["kind"]),
        old=tuple(cells["from"].split()),
        at=at,
        legal_basis=cells["legal_basis"],
        new=tuple(parse_successor(word) for word in words),
        name=cells["name"],
        parent=cells["parent"],
        level=Level(cells["level"]) if cells["level"] else None,
        default=cells["default"],
        hold=cells["hold"],
        subunits=pairs["subunits"],
        document_types=pairs["document_types"],
        system=cells["system"],
        place=line.place("from"),
    )
