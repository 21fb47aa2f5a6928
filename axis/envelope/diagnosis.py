"""Everything that is wrong with a refused package, by xmlschema, for the person who must mend it.

xmlschema is some two hundred times as slow as libxml2, so it sees a package only after the gate
refused it, and never the text of attachments.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from axis.envelope import cardinality, rules, schema
from axis.envelope.elements import Q
from axis.envelope.errors import EnvelopeError, MissingElementError
from axis.envelope.limits import DEFAULT, Limits, Scan, prescan
from axis.envelope.reader import read
from axis.envelope.translation import MOST, Finding, refusal_of
from axis.envelope.tree import parse_tree, path_of
from axis.envelope.vocabulary import Kind, schema_path, vocabulary
from axis.errors import Fact, Place, Refusal

if TYPE_CHECKING:
    import xmlschema

MOST_ELEMENTS: Final = 2_000  #: of a package that xmlschema is shown
MOST_ATTRIBUTES: Final = 200  #: likewise

#: xmlschema's class of validator that complains, as libxml2's class of fault.
_NAMES: Final = {
    "XsdPatternFacets": "SCHEMAV_CVC_PATTERN_VALID",
    "XsdEnumerationFacets": "SCHEMAV_CVC_ENUMERATION_VALID",
    "XsdMaxLengthFacet": "SCHEMAV_CVC_MAXLENGTH_VALID",
    "XsdMinLengthFacet": "SCHEMAV_CVC_MINLENGTH_VALID",
    "XsdAttributeGroup": "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1",
    "XsdAnyAttribute": "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1",
    "XsdElement": "SCHEMAV_CVC_TYPE_3_1_2",
    "XsdGroup": "SCHEMAV_CVC_COMPLEX_TYPE_2_3",
}


def diagnose(
    body: bytes, limits: Limits = DEFAULT, *, attachments_apart: bool | None = None
) -> list[Refusal]:
    """Return every reason to refuse a package, by line; none where it passes.

    A package that is not well-formed or breaks a limit has one reason: nothing behind it is judged.
    """
    try:
        scan = prescan(body, limits)
        tree = parse_tree(body)
        kind = schema.kind_for_schema(tree)
    except EnvelopeError as error:
        return [error.refusal]
    different: dict[tuple[str | None, int | None, Fact], Refusal] = {}
    for fault in (
        *schema.faults(tree),  # what refused it is always named
        *schema_faults(body, scan, kind),
        *islice(_faults_beyond_schema(tree, kind, limits, attachments_apart), MOST),
    ):
        refusal = fault.refusal
        place = refusal.place or Place()
        # several elements may be missing from one place; all else is said once for each place
        what = refusal.facts.get("expected") if refusal.code == MissingElementError.code else None
        different.setdefault((place.xpath, place.line, what), refusal)
    return sorted(different.values(), key=_line)[:MOST]


def schema_faults(body: bytes, scan: Scan, kind: Kind) -> list[EnvelopeError]:
    """Return what xmlschema says against a package, without looking at attachments.

    A package with very many elements or attributes is left to libxml2: xmlschema would take minutes
    for a hostile one.
    """
    if scan.elements > MOST_ELEMENTS or scan.attributes > MOST_ATTRIBUTES:
        return []
    tree = parse_tree(_without_attachments(body, scan))
    errors = islice(_schema(kind).iter_errors(tree), MOST)
    return [refusal_of(_finding(error, kind)) for error in errors]


def _without_attachments(body: bytes, scan: Scan) -> bytes:
    """Leave the text of attachments out and keep its line breaks, so that lines stay true."""
    pieces: list[bytes] = []
    at = 0
    for start, end in scan.attachment_texts:
        pieces += (body[at:start], b"\n" * body.count(b"\n", start, end))
        at = end
    return b"".join((*pieces, body[at:]))


@cache
def _schema(kind: Kind) -> xmlschema.XMLSchema10:
    import xmlschema  # a quarter of a second, for who never sees a refused package

    return xmlschema.XMLSchema10(str(schema_path(kind.value)), allow="local", defuse="always")


def _finding(error: Any, kind: Kind) -> Finding:
    import xmlschema

    node: etree._Element = error.elem
    if isinstance(error, xmlschema.XMLSchemaChildrenValidationError):
        misplaced: Any = error.invalid_child
        if misplaced is None:
            return Finding("SCHEMAV_ELEMENT_CONTENT", node, kind)
        return Finding("SCHEMAV_ELEMENT_CONTENT", misplaced, kind, misplaced=True)
    name = _NAMES.get(type(error.validator).__name__, type(error).__name__)
    return Finding(name, node, kind, _attribute(node, name, kind))


def _attribute(node: etree._Element, name: str, kind: Kind) -> str | None:
    """Return which attribute a fault is about; None where it is about the text."""
    found = vocabulary(kind).type_at(path_of(node))
    if found is None:
        return None
    written = list(map(str, node.attrib))
    if name == "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1":
        return next((one for one in written if one not in found.attributes), None)
    if found.members:  # an element with members has no text whose form could be wrong
        return next((one for one in written if one in found.attributes), None)
    return None


def _faults_beyond_schema(
    tree: etree._Element, kind: Kind, limits: Limits, attachments_apart: bool | None
) -> Iterator[EnvelopeError]:
    """Yield what a schema cannot say; when values cannot be read, only why not."""
    if kind is Kind.DOCUMENT:
        for header in tree.iter(Q + "MessageHeader"):
            yield from cardinality.faults(header, cardinality.MESSAGE_HEADER)
    if kind is Kind.MESSAGE:
        return  # its payload is its type's, and not known here
    try:
        envelope = read(tree)
    except EnvelopeError as error:
        yield error
        return
    apart = rules.is_manifest_signed(tree) if attachments_apart is None else attachments_apart
    yield from rules.faults(tree, envelope, limits, attachments_apart=apart)


def _line(refusal: Refusal) -> int:
    return (refusal.place.line or 0) if refusal.place else 0
