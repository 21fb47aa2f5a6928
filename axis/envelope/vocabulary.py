"""What the authored schemas allow, read from the schema files themselves.

With it a refusal says what was expected in a notation that needs no translation: names of elements,
forms such as ``yyyy/MM/dd``, numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from lxml import etree

from axis.envelope.tree import EDXML

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_SHARED: Final = "types.xsd"


class Kind(Enum):
    """Which schema a package is held to."""

    DOCUMENT = "document.xsd"
    STATUS = "status.xsd"
    MESSAGE = "message.xsd"  #: the frame of all other types; their payload has its own schema


@dataclass(frozen=True, slots=True)
class Member:
    """An element that may stand in another."""

    name: str
    type_name: str
    required: bool
    repeats: bool
    namespace: str = EDXML


@dataclass(frozen=True, slots=True)
class Type:
    """What an element may hold."""

    name: str
    file: str
    members: Mapping[str, Member] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    notation: str | None = None  #: the form of a text, such as ``yyyy/MM/dd``
    most_characters: int | None = None

    @property
    def rule(self) -> str:
        """The type as a refusal names it, such as ``document.xsd Organization``."""
        return f"{self.file} {self.name}"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All types of one kind of package."""

    root: str  #: the type of edXML
    types: Mapping[str, Type]

    def type_at(self, path: Sequence[str]) -> Type | None:
        """Return the type of the element at a path of local names, ``edXML`` first."""
        if not path or path[0] != "edXML":
            return None
        found = self.types.get(self.root)
        for name in path[1:]:
            member = None if found is None else found.members.get(name)
            if member is None:
                return None
            found = self.types.get(member.type_name)
        return found


def schema_path(name: str) -> Path:
    """Return where a schema file of the package data is."""
    return Path(str(files("xsd").joinpath("edxml", "1.0", name)))


@cache
def vocabulary(kind: Kind) -> Vocabulary:
    """Read the schema files of one kind of package."""
    schemas = {
        name: etree.fromstring(schema_path(name).read_bytes()) for name in (_SHARED, kind.value)
    }
    groups = {
        group.get("name", ""): tuple(_attribute_names(group))
        for schema in schemas.values()
        for group in schema.iterchildren(_XS + "attributeGroup")
    }
    types: dict[str, Type] = {}
    for file, schema in schemas.items():
        for element in schema:
            name = element.get("name", "")
            if element.tag == _XS + "complexType":
                types[name] = _complex(element, name, file, groups)
            elif element.tag == _XS + "simpleType":
                types[name] = _simple(element, name, file)
    root = next(schemas[kind.value].iterchildren(_XS + "element"))
    return Vocabulary(root.get("type", ""), types)


def _complex(
    element: etree._Element, name: str, file: str, groups: Mapping[str, tuple[str, ...]]
) -> Type:
    attributes = list(_attribute_names(element))
    for reference in element.iterchildren(_XS + "attributeGroup"):
        attributes.extend(groups[reference.get("ref", "")])
    members = [_member(member) for member in element.iter(_XS + "element")]
    return Type(name, file, {member.name: member for member in members}, tuple(attributes))


def _member(element: etree._Element) -> Member:
    parent = element.getparent()
    choice = parent is not None and parent.tag == _XS + "choice"
    reference = element.get("ref")
    return Member(
        name=element.get("name", "") if reference is None else reference.partition(":")[2],
        type_name=element.get("type", ""),
        required=not choice and element.get("minOccurs", "1") != "0",
        repeats=choice or element.get("maxOccurs", "1") != "1",
        namespace=EDXML if reference is None else _namespace(element, reference),
    )


def _namespace(element: etree._Element, reference: str) -> str:
    return element.nsmap.get(reference.partition(":")[0], EDXML)


def _simple(element: etree._Element, name: str, file: str) -> Type:
    notation = element.find(f"{_XS}annotation/{_XS}appinfo")
    length = element.find(f"{_XS}restriction/{_XS}maxLength")
    return Type(
        name,
        file,
        notation=None if notation is None else notation.text,
        most_characters=None if length is None else int(length.get("value", "0")),
    )


def _attribute_names(element: etree._Element) -> list[str]:
    return [attribute.get("name", "") for attribute in element.iterchildren(_XS + "attribute")]
