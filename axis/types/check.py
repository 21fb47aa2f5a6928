"""Everything that is wrong with a type folder, at once, before anybody relies on it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import msgspec
import xmlschema
from lxml import etree

from axis.envelope.limits import DEFAULT, prescan
from axis.envelope.tree import parse_tree
from axis.envelope.values import Message
from axis.errors import AxisError, Refusal
from axis.types.compose import frame_around
from axis.types.errors import (
    TypeBreaksStoredError,
    TypeExampleError,
    TypeFileMissingError,
    TypeNameError,
    TypePathCountError,
    TypePathFormError,
    TypeRulesError,
    TypeSchemaError,
    TypeStepsError,
)
from axis.types.reader import MessageType
from axis.types.rules import FILE, Rules, parse_rules
from axis.types.survey import Spot, Survey

EXAMPLES: Final = "examples/"
REFUSED: Final = "examples/refused/"
MOST_BYTES: Final = 2 * 1024 * 1024  #: of all files of a folder together

_ONCE: Final = ("read.sender", "order.revision", "order.key[")  # must stand, and once
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "read.due": ("date", "dateTime"),
    "read.urgency": ("decimal",),
    "order.revision": ("decimal",),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that was carried: what it said, and its exact bytes."""

    package_id: str
    body: bytes
    said: Message


def check(
    files: Mapping[str, bytes],
    *,
    name: str,
    version: str,
    others: Iterable[Rules] = (),
    stored: Iterable[Stored] = (),
    progress: Callable[[], None] | None = None,
) -> tuple[MessageType | None, list[Refusal]]:
    """Return the type, where its rules can be read, and every problem of its folder.

    Args:
        files: all files of the folder by their names below it.
        name: what the folder says that it is.
        version: likewise.
        others: the types beside which it is to stand.
        stored: messages of this version that were carried; they must be read as before.
        progress: called for each stored message.
    """
    problems: list[AxisError] = []
    # 1. The rule file: without it nothing else can be told.
    if FILE not in files:
        return None, [TypeFileMissingError(file=FILE).refusal]
    try:
        rules = parse_rules(files[FILE])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, [TypeRulesError(file=FILE, reason=str(error)).refusal]
    found = MessageType(files)
    # 2. Names.
    problems += _names(rules, files, name, version, others)
    # 3. The schemas, by both of those who will read them.
    survey = None
    if rules.schema not in files:
        problems.append(TypeFileMissingError(file=rules.schema))
    else:
        survey, broken = _schemas(found)
        problems += broken
    # 4. The rules against the schema.
    if survey is not None:
        problems += _rules(rules, survey)
    # 5. The examples and what was carried, by the reader that the relay has.
    if survey is not None and not problems:
        problems += _examples(found)
        problems += _stored(found, stored, progress)
    return found, [problem.refusal for problem in problems]


def read_payload(found: MessageType, payload: bytes) -> Message:
    """Return what a payload says, in a frame that nobody has signed.

    Raises:
        AxisError: why it would be refused.
    """
    body = frame_around(payload, found.rules.type, found.rules.version)
    scan = prescan(body)
    return found.read(parse_tree(body), None, scan, DEFAULT)


def _names(
    rules: Rules,
    files: Mapping[str, bytes],
    name: str,
    version: str,
    others: Iterable[Rules],
) -> Iterator[AxisError]:
    for key, expected, got in (("type", name, rules.type), ("version", version, rules.version)):
        if expected != got:
            yield TypeNameError(key=key, expected=expected, got=got)
    for other in others:
        if other.id != rules.id and other.namespace == rules.namespace:
            yield TypeNameError(key="namespace", expected=f"≠ {other.id}", got=rules.namespace)
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        yield TypeRulesError(file=".", reason=f"{size} > {MOST_BYTES} bytes")
    for file in sorted(files):
        if ".." in PurePosixPath(file).parts or file.startswith("/"):
            yield TypeRulesError(file=file, reason="..")


def _schemas(found: MessageType) -> tuple[Survey | None, list[AxisError]]:
    rules, problems = found.rules, list[AxisError]()
    survey = None
    try:
        found.gate.compile()
        survey = Survey(found.files, rules.schema)
        if not survey.root(rules.namespace, rules.root):
            raise TypeNameError(
                key="root", expected=f"{{{rules.namespace}}}{rules.root}", got=rules.schema
            )
    except TypeNameError as error:
        return None, [error]
    except (etree.LxmlError, xmlschema.XMLSchemaException, OSError) as error:
        problems.append(TypeSchemaError(file=rules.schema, reason=_first_line(error)))
    if rules.diagnosis is not None:
        if rules.diagnosis not in found.files:
            problems.append(TypeFileMissingError(file=rules.diagnosis))
        else:
            try:
                Survey(found.files, rules.diagnosis, newest=True)
            except (xmlschema.XMLSchemaException, etree.LxmlError, OSError) as error:
                problems.append(TypeSchemaError(file=rules.diagnosis, reason=_first_line(error)))
    return survey, problems


def _rules(rules: Rules, survey: Survey) -> Iterator[AxisError]:
    spots: dict[str, Spot] = {}
    for key, path in rules.paths().items():
        try:
            spot = spots[key] = survey.spot(rules.namespace, rules.root, key, path)
        except AxisError as error:
            yield error
            continue
        if not spot.form:
            yield TypePathFormError(key=key, path=path, got="elements", expected="text")
        elif key in _FORMS and spot.form not in _FORMS[key]:
            yield TypePathFormError(
                key=key, path=path, got=spot.form, expected=" | ".join(_FORMS[key])
            )
        if key.startswith(_ONCE) and (not spot.required or spot.repeats):
            yield TypePathCountError(key=key, path=path, expected="1", got=_count(spot))
        elif key == "read.recipients" and not spot.required:
            yield TypePathCountError(key=key, path=path, expected="≥ 1", got=_count(spot))
        elif key == "read.id" and rules.order is None and not spot.required:
            yield TypePathCountError(key=key, path=path, expected="1", got=_count(spot))
        elif spot.repeats and key not in ("read.recipients", "read.reply_to"):
            yield TypePathCountError(key=key, path=path, expected="≤ 1", got=_count(spot))
    if rules.read.id is None and rules.order is None:
        yield TypePathCountError(key="read.id", path="–", expected="read.id | order", got="–")
    if rules.deadline is not None and rules.deadline.by == "due" and rules.read.due is None:
        yield TypePathCountError(key="read.due", path="–", expected="deadline.by = due", got="–")
    if rules.deadline is not None and rules.deadline.done != "confirmed":
        if rules.deadline.by != "due":
            reason = f"deadline.done = {rules.deadline.done}: deadline.by = due"
            yield TypeRulesError(file=FILE, reason=reason)
        elif rules.deadline.done == "answered" and rules.league is None:
            yield TypeRulesError(file=FILE, reason="deadline.done = answered: [league]")
    yield from _steps(rules, spots.get("read.step"))
    labelled = {*rules.read.facts, *rules.read.__struct_fields__, "revision"}
    for name in rules.labels:
        if name not in labelled:
            yield TypeRulesError(file=FILE, reason=f"labels.{name}: no such fact")


def _steps(rules: Rules, spot: Spot | None) -> Iterator[AxisError]:
    listed = spot.listed if spot is not None else ()
    if listed and set(listed) != set(rules.steps):
        yield TypeStepsError(
            key="steps", expected=", ".join(sorted(listed)), got=", ".join(sorted(rules.steps))
        )
    for step in rules.send.steps:
        if step not in rules.steps:
            yield TypeStepsError(
                key="send.steps", expected=", ".join(sorted(rules.steps)), got=step
            )
    if rules.league is not None:
        league = rules.league
        steps = {"ask": league.ask, "answer": league.answer, "extend": league.extend}
        for key, step in ((f"league.{name}", step) for name, step in steps.items() if step):
            if step not in rules.steps:
                yield TypeStepsError(key=key, expected=", ".join(sorted(rules.steps)), got=step)
        if rules.story is None:
            yield TypeStepsError(key="league", expected="[story]", got="–")


def _examples(found: MessageType) -> Iterator[AxisError]:
    good = [name for name in found.files if name.startswith(EXAMPLES) and name.endswith(".xml")]
    good = [name for name in good if not name.startswith(REFUSED)]
    if not good:
        yield TypeFileMissingError(file=f"{EXAMPLES}*.xml")
    for name in good:
        try:
            read_payload(found, found.files[name])
        except AxisError as error:
            yield TypeExampleError(file=name, expected="passes", got=_said(error.refusal))
    for name in found.files:
        if name.startswith(REFUSED) and name.endswith(".xml"):
            try:
                read_payload(found, found.files[name])
            except AxisError:
                continue
            yield TypeExampleError(file=name, expected="is refused", got="–")


def _stored(
    found: MessageType, stored: Iterable[Stored], progress: Callable[[], None] | None
) -> Iterator[AxisError]:
    for one in stored:
        if progress is not None:
            progress()
        try:
            tree = parse_tree(one.body)
            reads = found.read(tree, None, prescan(one.body), DEFAULT)
        except AxisError as error:
            yield TypeBreaksStoredError(
                package_id=one.package_id, expected=one.said.document_id, got=_said(error.refusal)
            )
            continue
        for name in ("document_id", "sender", "recipients", "stories", "order_key", "revision"):
            if getattr(reads, name) != getattr(one.said, name):
                yield TypeBreaksStoredError(
                    package_id=one.package_id,
                    expected=f"{name} {_text(getattr(one.said, name))}",
                    got=f"{name} {_text(getattr(reads, name))}",
                )
                break


def diagnose(found: MessageType, payload: bytes) -> list[str]:
    """Return what the XSD 1.1 schema says against a payload; nothing where the type has none."""
    rules = found.rules
    if rules.diagnosis is None:
        return []
    survey = Survey(found.files, rules.diagnosis, newest=True)
    return survey.faults(parse_tree(payload))


def _said(refusal: Refusal) -> str:
    place = refusal.place.xpath if refusal.place and refusal.place.xpath else ""
    return f"{refusal.code}: {refusal.text('en')}{' @ ' + place if place else ''}"


def _count(spot: Spot) -> str:
    return f"{'1' if spot.required else '0'} … {'n' if spot.repeats else '1'}"


def _text(value: object) -> str:
    return str(value)[:120]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
