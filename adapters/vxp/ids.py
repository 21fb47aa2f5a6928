"""The docId of clients: a UUID, or its first 24 hex digits for those that expect an ObjectId. Pure.

A DocId of ``sendEdoc`` is the package's id; a docId of a mailbox is the delivery's. 96 bits of an
id that follows from a hash tell one system's packages apart; where two fitted, none is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.vxp.errors import DocumentIdUnknownError

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", re.ASCII)
_SHORT: Final = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Range:
    """The ids that a text can mean, both ends included."""

    first: UUID
    last: UUID


def parse_doc_id(text: str) -> Range:
    """Return what a docId can mean.

    Raises:
        DocumentIdUnknownError: it has not the form of one, so it names nothing.
    """
    if _UUID.fullmatch(text):
        return Range(UUID(text), UUID(text))
    if _SHORT.fullmatch(text):
        return Range(UUID(hex=text + "0" * 8), UUID(hex=text + "f" * 8))
    raise DocumentIdUnknownError(doc_id=text[:64])


def write_doc_id(value: UUID, *, short: bool) -> str:
    """Return the docId of an id."""
    return value.hex[:24] if short else str(value)
