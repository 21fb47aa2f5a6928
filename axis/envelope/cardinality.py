"""How often an element stands where order is free: what a repeated choice of XSD 1.0 cannot say.

The numbers are the profile of ``docs/edxml.md``; the rest of the cardinalities is in the schema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from axis.envelope.errors import EnvelopeError, MissingElementError, RepeatedElementError
from axis.envelope.tree import EDXML, local_name, place_of

Occurs = tuple[int, int | None]  #: at least, at most; None is any number

MESSAGE_HEADER: Final[Mapping[str, Occurs]] = {
    "From": (1, 1),
    "To": (1, None),
    "Code": (1, 1),
    "PromulgationInfo": (1, 1),
    "DocumentType": (1, 1),
    "Subject": (1, 1),
    "Content": (0, 1),
    "SignerInfo": (1, 1),
    "DueDate": (0, 1),
    "ToPlaces": (0, 1),
    "OtherInfo": (0, 1),
    "ResponseFor": (0, None),
    "SteeringType": (0, 1),
    "DocumentId": (1, 1),
    "ResponseForTask": (0, 1),
}
TRACE_HEADER_LIST: Final[Mapping[str, Occurs]] = {"TraceHeader": (0, None), "Bussiness": (0, 1)}
RESPONSE_FOR_TASK: Final[Mapping[str, Occurs]] = {"TaskCode": (0, None), "ApplicationType": (0, 1)}

REQUIRED: Final = frozenset(
    f"{{{EDXML}}}{name}" for name, (least, _) in MESSAGE_HEADER.items() if least
)


def faults(parent: etree._Element, table: Mapping[str, Occurs]) -> Iterator[EnvelopeError]:
    """Yield what stands too rarely or too often among the children of an element."""
    counted = Counter(child.tag for child in parent)
    rule = f"edXML {local_name(parent)}"
    for name, (least, most) in table.items():
        tag = f"{{{EDXML}}}{name}"
        got = counted[tag]
        if got < least:
            yield MissingElementError(place=place_of(parent), rule=rule, expected=name, got="–")
        if most is not None and got > most:
            second = [child for child in parent if child.tag == tag][most]
            yield RepeatedElementError(
                place=place_of(second), rule=rule, expected=f"{name} ≤ {most}", got=got
            )
