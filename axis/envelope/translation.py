"""libxml2's schema faults in our words: which rule, what was expected, what came, where.

libxml2 says a class of fault and a node; everything that people read is computed here from the tree
and from :mod:`axis.envelope.vocabulary`, so nothing of its English text passes through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from axis.envelope.cardinality import MESSAGE_HEADER
from axis.envelope.errors import (
    EmptyValueError,
    EnvelopeError,
    InvalidValueError,
    MissingElementError,
    RepeatedElementError,
    RetiredStatusError,
    SchemaViolationError,
    TooLongError,
    UnexpectedAttributeError,
    UnexpectedElementError,
    UnexpectedTextError,
    WrongNamespaceError,
)
from axis.envelope.shown import shown
from axis.envelope.tree import EDXML, local_name, path_of, place_of
from axis.envelope.vocabulary import Kind, Type, vocabulary
from axis.errors import Place

MOST: Final = 100  #: faults of one package that are worth naming

_STEP: Final = re.compile(r"(?:([^:\[\]]+):)?([^:\[\]]+)(?:\[(\d+)\])?")
_ATTRIBUTE: Final = re.compile(r", attribute '([^']{1,80})'")


@dataclass(frozen=True, slots=True)
class Finding:
    """A class of fault and where it was found, whoever found it."""

    name: str  #: libxml2's, such as ``SCHEMAV_ELEMENT_CONTENT``
    node: etree._Element
    kind: Kind
    attribute: str | None = None
    misplaced: bool = False  #: the node must not stand where it is, rather than lack a child

    @property
    def type(self) -> Type | None:
        """What the node may hold."""
        return vocabulary(self.kind).type_at(path_of(self.node))

    @property
    def parent_type(self) -> Type | None:
        """What stands beside the node."""
        return vocabulary(self.kind).type_at(path_of(self.node)[:-1])

    @property
    def rule(self) -> str:
        """The schema type that the node breaks."""
        found = self.type
        return found.rule if found else self.kind.value

    @property
    def place(self) -> Place:
        """Where the fault stands; for an attribute with its name."""
        place = place_of(self.node)
        if self.attribute is None:
            return place
        return Place(xpath=f"{place.xpath}/@{self.attribute}", line=place.line)

    @property
    def value(self) -> str:
        """The text of the node or attribute."""
        text = self.node.text if self.attribute is None else self.node.get(self.attribute)
        return str(text or "")


def translate(
    tree: etree._Element, log: etree._ListErrorLog, kind: Kind
) -> Iterator[EnvelopeError]:
    """Yield our refusal for each fault that libxml2 logged, the first hundred of them."""
    for entry in islice(log, MOST):
        attribute = _ATTRIBUTE.search(entry.message)
        yield refusal_of(
            Finding(
                name=entry.type_name,
                node=_resolve(tree, entry.path or "/*"),
                kind=kind,
                attribute=attribute[1] if attribute else None,
                misplaced="Missing child" not in entry.message,
            )
        )


def refusal_of(finding: Finding) -> EnvelopeError:
    """Return our refusal for a fault; a class that is not known yields ``schema.violation``."""
    return _BY_NAME.get(finding.name, _violation)(finding)


def _resolve(tree: etree._Element, path: str) -> etree._Element:
    """Find the node of libxml2's path, such as ``/*/edXML:edXMLEnvelope/*[2]``."""
    node = tree
    for step in path.split("/")[2:]:
        match = _STEP.fullmatch(step)
        if match is None:
            break
        prefix, name, position = match.groups()
        like = [
            child
            for child in node.iterchildren("*")
            if (name == "*" and prefix is None)
            or (local_name(child) == name and child.prefix == prefix)
        ]
        index = int(position or 1) - 1
        if index >= len(like):
            break
        node = like[index]
    return node


def _content(finding: Finding) -> EnvelopeError:
    """An element that stands where it must not, or one that lacks an element."""
    if not finding.misplaced:
        return _missing(finding.node, finding.type, finding.rule)
    node, parent = finding.node, finding.parent_type
    name = local_name(node)
    namespace = etree.QName(node).namespace or ""
    member = parent.members.get(name) if parent else None
    rule = parent.rule if parent else finding.rule
    if member is not None and namespace != member.namespace:
        return WrongNamespaceError(
            place=finding.place, expected=member.namespace, got=shown(namespace, 120) or "–"
        )
    if member is not None and _is_repeated(node, member.repeats):
        return RepeatedElementError(
            place=finding.place, rule=rule, expected=f"{name} ≤ 1", got=name
        )
    above = node.getparent()
    if member is not None and above is not None and parent is not None and _lacks(above, parent):
        return _missing(above, parent, rule)
    return UnexpectedElementError(
        place=finding.place,
        rule=rule,
        expected=_list(parent.members) if parent else "edXML",
        got=name if namespace == EDXML else shown(f"{{{namespace}}}{name}", 160),
    )


def _missing(node: etree._Element, found: Type | None, rule: str) -> EnvelopeError:
    return MissingElementError(
        place=place_of(node),
        rule=rule,
        expected=_list(_lacks(node, found) if found else ()),
        got=_list(dict.fromkeys(local_name(child) for child in node.iterchildren("*"))),
    )


def _lacks(node: etree._Element, found: Type) -> list[str]:
    present = {local_name(child) for child in node.iterchildren("*")}
    return [name for name in _required(found) if name not in present]


def _required(found: Type) -> list[str]:
    if found.rule == "document.xsd MessageHeader":  # a choice: its cardinalities are in code
        return [name for name, (least, _) in MESSAGE_HEADER.items() if least]
    return [member.name for member in found.members.values() if member.required]


def _is_repeated(node: etree._Element, may_repeat: bool) -> bool:
    return not may_repeat and next(node.itersiblings(node.tag, preceding=True), None) is not None


def _value(finding: Finding) -> EnvelopeError:
    text = finding.value.strip()
    expected = _expected(finding)
    if not text:
        return EmptyValueError(place=finding.place, rule=finding.rule, expected=expected, got="–")
    if local_name(finding.node) == "StatusCode" and text == "14":
        return RetiredStatusError(place=finding.place, expected="15 | 16", got=text)
    return InvalidValueError(
        place=finding.place, rule=finding.rule, expected=expected, got=shown(text)
    )


def _too_long(finding: Finding) -> EnvelopeError:
    found = finding.type
    most = found.most_characters if found and finding.attribute is None else None
    most = most or vocabulary(finding.kind).types["Key"].most_characters
    return TooLongError(
        place=finding.place, rule=finding.rule, expected=f"≤ {most}", got=len(finding.value)
    )


def _empty(finding: Finding) -> EnvelopeError:
    return EmptyValueError(
        place=finding.place, rule=finding.rule, expected=_expected(finding), got="–"
    )


def _text(finding: Finding) -> EnvelopeError:
    texts = [finding.node.text, *(child.tail for child in finding.node)]
    got = next((text.strip() for text in texts if text and text.strip()), "–")
    found = finding.type
    return UnexpectedTextError(
        place=finding.place,
        rule=finding.rule,
        expected=_list(found.members) if found else "–",
        got=shown(got),
    )


def _attribute(finding: Finding) -> EnvelopeError:
    found = finding.type
    got = finding.attribute or next(iter(map(str, finding.node.attrib)), "–")
    return UnexpectedAttributeError(
        place=finding.place,
        rule=finding.rule,
        expected=_list(found.attributes) if found else "–",
        got=got,
    )


def _child_of_text(finding: Finding) -> EnvelopeError:
    child = next(finding.node.iterchildren("*"), finding.node)
    return UnexpectedElementError(
        place=place_of(child),
        rule=finding.rule,
        expected=_expected(finding),
        got=local_name(child),
    )


def _violation(finding: Finding) -> EnvelopeError:
    return SchemaViolationError(
        place=finding.place, rule=finding.rule, expected="–", got=finding.name
    )


def _expected(finding: Finding) -> str:
    if finding.attribute is not None:
        return "NCName"
    found = finding.type
    if found is None:
        return "–"
    return found.notation or f"1 … {found.most_characters}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "–"


_BY_NAME: Final[Mapping[str, Callable[[Finding], EnvelopeError]]] = {
    "SCHEMAV_ELEMENT_CONTENT": _content,
    "SCHEMAV_CVC_PATTERN_VALID": _value,
    "SCHEMAV_CVC_ENUMERATION_VALID": _value,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _value,
    "SCHEMAV_CVC_MAXLENGTH_VALID": _too_long,
    "SCHEMAV_CVC_MINLENGTH_VALID": _empty,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": _text,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": _text,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": _attribute,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": _attribute,
    "SCHEMAV_CVC_TYPE_3_1_1": _attribute,
    "SCHEMAV_CVC_TYPE_3_1_2": _child_of_text,
}
