"""Reads values from a tree that passed the schema."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from axis.envelope.values import Envelope


def read(tree: etree._Element) -> Envelope:
    """Return what the package says. Signature final; body follows."""
    raise NotImplementedError


def attachment_bytes(tree: etree._Element, content_id: str) -> Iterator[bytes]:
    """Yield the decoded bytes of one inline attachment in pieces. Signature final; body follows."""
    raise NotImplementedError
