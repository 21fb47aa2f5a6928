"""How the reader takes texts, numbers, flags and dates out of elements, and where it complains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from lxml import etree

from axis.envelope.dates import WrittenDate, WrittenTime, parse_date, parse_time
from axis.envelope.errors import InvalidValueError, MissingElementError, RepeatedElementError
from axis.envelope.fields import Fields
from axis.envelope.shown import shown
from axis.envelope.tree import EDXML, local_name, place_of

Q: Final = f"{{{EDXML}}}"


class Form(Protocol):
    """Makes a value of a text, which is never empty."""

    def __call__(self, text: str, element: etree._Element, /) -> object: ...


_WHITE_SPACE: Final = " \t\r\n"  # of XML; a no-break space belongs to the text
_FLAGS: Final = {"0": False, "false": False, "1": True, "true": True}


@dataclass(frozen=True, slots=True)
class Table:
    """The texts that an element holds, by the tags of its children."""

    by_tag: Mapping[str, tuple[str, Form | None]]
    required: tuple[tuple[str, str], ...]  #: name of the field, local name of the element


def table(names: Fields, *, required: str = "", forms: Mapping[str, Form] | None = None) -> Table:
    """Make a table: which fields there are, which must be filled, which are more than text."""
    known = forms or {}
    return Table(
        by_tag={Q + name: (field, known.get(name)) for name, field in names.items()},
        required=tuple((names[name], name) for name in required.split()),
    )


def read_fields(element: etree._Element, known: Table) -> dict[str, Any]:
    """Return the filled fields of an element; an empty one is left out.

    Raises:
        EnvelopeError: a field is repeated, a required one is missing, or a value has a wrong form.
    """
    found: dict[str, Any] = {}
    by_tag = known.by_tag
    for child in element:
        entry = by_tag.get(child.tag)
        if entry is None:
            continue
        text = (child.text or "").strip(_WHITE_SPACE)
        if not text:
            continue
        name, form = entry
        if name in found:
            raise _repeated(child)
        found[name] = text if form is None else form(text, child)
    for name, local in known.required:
        if name not in found:
            raise MissingElementError(place=place_of(element), expected=local, got="–")
    return found


def children_of(element: etree._Element) -> dict[str, etree._Element]:
    """Return the children of an element by tag.

    Raises:
        RepeatedElementError: two have the same tag.
    """
    children = {child.tag: child for child in element}
    if len(children) != len(element):
        seen: set[str] = set()
        for child in element:
            if child.tag in seen:
                raise _repeated(child)
            seen.add(child.tag)
    return children


def child_of(element: etree._Element, name: str) -> etree._Element:
    """Return the child of that local name.

    Raises:
        MissingElementError: there is none.
    """
    child = first(element, Q + name)
    if child is None:
        raise MissingElementError(place=place_of(element), expected=name, got="–")
    return child


def first(element: etree._Element, tag: str) -> etree._Element | None:
    """Return the first child of that tag; a plain loop costs a third of lxml's search by tag."""
    for child in element:
        if child.tag == tag:
            return child
    return None


def all_of(element: etree._Element, tag: str) -> list[etree._Element]:
    """Return the children of that tag."""
    return [child for child in element if child.tag == tag]


def text_of(element: etree._Element | None) -> str | None:
    """Return the text of an element without outer white space; None where there is none."""
    if element is None:
        return None
    return (element.text or "").strip(_WHITE_SPACE) or None


def filled(element: etree._Element) -> str:
    """Return the text of an element that must have one.

    Raises:
        MissingElementError: it has none.
    """
    text = text_of(element)
    if text is None:
        raise MissingElementError(place=place_of(element), expected=local_name(element), got="–")
    return text


def lines_of(element: etree._Element | None, name: str) -> tuple[str, ...]:
    """Return the texts of the children of that local name, empty ones left out."""
    if element is None:
        return ()
    tag = Q + name
    return tuple(
        text for child in element if child.tag == tag and (text := text_of(child)) is not None
    )


def number(text: str, element: etree._Element) -> int:
    """Read a whole number of at most nine digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise invalid(text, element, "0 … 999999999")
    return int(text)


def flag(text: str, element: etree._Element) -> bool:
    """Read 0 or 1, true or false."""
    value = _FLAGS.get(text.lower())
    if value is None:
        raise invalid(text, element, "0 | 1")
    return value


def written_date(text: str, element: etree._Element) -> WrittenDate:
    """Read a date, which may be one that no calendar has."""
    written = parse_date(text)
    if written is None:
        raise invalid(text, element, "yyyy/MM/dd")
    return written


def written_time(text: str, element: etree._Element) -> WrittenTime:
    """Read a point in time, which may be one that no calendar has."""
    written = parse_time(text)
    if written is None:
        raise invalid(text, element, "yyyy/MM/dd HH:mm:ss")
    return written


def invalid(text: str, element: etree._Element, expected: str) -> InvalidValueError:
    """Make the refusal of a value that has not the form that its element demands."""
    return InvalidValueError(
        place=place_of(element),
        rule=f"edXML {local_name(element)}",
        expected=expected,
        got=shown(text),
    )


def _repeated(child: etree._Element) -> RepeatedElementError:
    name = local_name(child)
    return RepeatedElementError(
        place=place_of(child), rule=f"edXML {name}", expected=f"{name} ≤ 1", got=name
    )
