"""The one hardened XML parser for packages: from bytes, never from a path, never a DTD."""

from __future__ import annotations

import threading
from typing import Final

from lxml import etree

from axis.envelope.errors import NotWellFormedError
from axis.errors import Place

EDXML: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"

_LOCAL = threading.local()  # lxml serialises the calls of one parser: each thread has its own


def parse_tree(body: bytes) -> etree._Element:
    """Parse a package that :func:`axis.envelope.limits.prescan` let pass; return its root.

    ``huge_tree`` lifts libxml2's 10 MB limit of one text, which inline attachments exceed. That is
    safe only behind the prescan, which bounds bytes, depth and counts and refuses a DOCTYPE.

    Raises:
        NotWellFormedError: libxml2 finds what expat let pass, such as a namespace error.
    """
    try:
        return etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        raise NotWellFormedError(place=Place(line=error.lineno), got=_reason(error)) from error
    except ValueError as error:  # lxml's answer to a body that it does not take for XML
        raise NotWellFormedError(got=type(error).__name__) from error


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


def _reason(error: etree.XMLSyntaxError) -> str:
    number = error.code if isinstance(error.code, int) else 0
    return etree.ErrorTypes._getName(number, "ERR_UNKNOWN")  # type: ignore[attr-defined,no-any-return]
