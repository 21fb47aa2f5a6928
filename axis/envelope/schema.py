"""The XSD 1.0 gate that libxml2 runs on every package, and its verdict in our words.

The schemas are compiled once for each thread: lxml collects the faults of a run on the schema
object, so two threads must not share one.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from lxml import etree

from axis.envelope.elements import Q, first
from axis.envelope.errors import (
    EnvelopeError,
    SchemaInstanceError,
    SchemaViolationError,
    WrongNamespaceError,
    WrongRootError,
)
from axis.envelope.reader import is_status
from axis.envelope.shown import shown
from axis.envelope.translation import translate
from axis.envelope.tree import EDXML, MESSAGE, local_name, place_of
from axis.envelope.vocabulary import Kind, schema_path

PAYLOAD: Final = f"{{{MESSAGE}}}Payload"

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


class _Gate(threading.local):
    """What one thread needs to validate, made when the thread first does."""

    def __init__(self) -> None:
        self.schemas = {kind: etree.XMLSchema(file=str(schema_path(kind.value))) for kind in Kind}
        self._instance = etree.XPath("descendant-or-self::*/@xsi:*", namespaces={"xsi": _XSI})

    def refuse_instance_attributes(self, tree: etree._Element) -> None:
        """Refuse an xsi attribute: libxml2 would follow ``xsi:schemaLocation``."""
        found: Any = self._instance(tree)
        for attribute in found:
            got = f"xsi:{str(attribute.attrname).rpartition('}')[2]}"
            raise SchemaInstanceError(place=place_of(attribute.getparent()), expected="–", got=got)


_GATE: Final = _Gate()


def validate(tree: etree._Element) -> Kind:
    """Hold a package to the schema of its kind, and return the kind.

    Of a message of another type than edXML's own, this is its frame only.

    Raises:
        EnvelopeError: the first fault, with its XPath, line, rule, what was expected and what came.
    """
    kind = kind_for_schema(tree)
    schema = _GATE.schemas[kind]
    if not schema.validate(tree):
        unexplained = SchemaViolationError(place=place_of(tree), expected="–", got="libxml2")
        raise next(translate(tree, schema.error_log, kind), unexplained)
    return kind


def faults(tree: etree._Element) -> list[EnvelopeError]:
    """Return every fault that libxml2 finds, in document order."""
    try:
        kind = kind_for_schema(tree)
    except EnvelopeError as refusal:
        return [refusal]
    schema = _GATE.schemas[kind]
    return [] if schema.validate(tree) else list(translate(tree, schema.error_log, kind))


def kind_of(tree: etree._Element) -> Kind:
    """Return the kind of a package by its MessageHeader, or by the payload in its place.

    A package that has neither is held to the schema of documents.
    """
    element: etree._Element | None = tree
    for name in ("edXMLEnvelope", "edXMLHeader", "MessageHeader"):
        element = None if element is None else first(element, Q + name)
    if element is not None:
        return Kind.STATUS if is_status(element) else Kind.DOCUMENT
    return Kind.DOCUMENT if payload_of(tree) is None else Kind.MESSAGE


def payload_of(tree: etree._Element) -> etree._Element | None:
    """Return the payload of a message of another type than edXML's own, where there is one."""
    element: etree._Element | None = tree
    for tag in (Q + "edXMLEnvelope", Q + "edXMLBody", PAYLOAD):
        element = None if element is None else first(element, tag)
    return element


def kind_for_schema(tree: etree._Element) -> Kind:
    """Return the kind of a package that may be shown to a schema processor.

    Raises:
        EnvelopeError: it is no edXML, or has an xsi attribute.
    """
    if tree.tag != Q + "edXML":
        if local_name(tree) != "edXML":
            raise WrongRootError(
                place=place_of(tree), expected="edXML", got=shown(local_name(tree))
            )
        got = etree.QName(tree).namespace or "–"
        raise WrongNamespaceError(place=place_of(tree), expected=EDXML, got=shown(got, 120))
    _GATE.refuse_instance_attributes(tree)
    return kind_of(tree)
