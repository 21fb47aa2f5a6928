"""The one hardened XML parser for packages: from bytes, never from a path, never a DTD."""

from __future__ import annotations

import threading
from typing import Final, cast

from lxml import etree

from axis.envelope import counting
from axis.envelope.errors import NotWellFormedError
from axis.errors import Place

EDXML: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
MESSAGE: Final = "urn:axis:message:1"  #: of the frame around the payload of other types

_LOCAL: Final = threading.local()  # lxml serialises calls of one parser: each thread has its own


def parse_tree(body: bytes, *, whole: bytes | None = None) -> etree._Element:
    """Parse a package that :func:`axis.envelope.limits.prescan` let pass; return its root.

    ``huge_tree`` lifts libxml2's 10 MB limit of one text, which inline attachments exceed. That is
    safe only behind the prescan, which bounds bytes, depth and counts and refuses a DOCTYPE.

    Args:
        body: what is parsed.
        whole: the package, where ``body`` is its skeleton; a refusal names places in it.

    Raises:
        EnvelopeError: the package is not well-formed; the code says in what way.
    """
    try:
        return etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        raise _explain(whole or body, error.lineno) from error
    except ValueError as error:  # lxml's answer to a body that it does not take for XML
        raise _explain(whole or body, None) from error


def xpath_of(element: etree._Element) -> str:
    """Return where an element stands: local names, with a position where names repeat."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        steps.append(_step(node))
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


def path_of(element: etree._Element) -> tuple[str, ...]:
    """Return the local names from the root to an element."""
    names = [local_name(element), *(local_name(above) for above in element.iterancestors())]
    return tuple(reversed(names))


def place_of(element: etree._Element) -> Place:
    """Return the place of an element as refusals name it."""
    return Place(xpath=xpath_of(element), line=cast("int | None", element.sourceline))


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _step(node: etree._Element) -> str:
    name = local_name(node)
    same = f"{{*}}{name}"
    before = sum(1 for _ in node.itersiblings(same, preceding=True))
    if before == 0 and next(node.itersiblings(same), None) is None:
        return name
    return f"{name}[{before + 1}]"


def _parser() -> etree.XMLParser:
    parser: etree.XMLParser | None = getattr(_LOCAL, "parser", None)
    if parser is None:
        parser = _LOCAL.parser = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=True,
            recover=False,
            collect_ids=False,
        )
    return parser


def _explain(body: bytes, line: int | None) -> Exception:
    """Say it in our words: expat finds nearly every fault that libxml2 finds, and where."""
    refusal = counting.explain(body)
    if refusal is not None:
        return refusal
    return NotWellFormedError(place=Place(line=line), expected="XML 1.0", got="libxml2")
