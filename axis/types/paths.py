"""Finds what a path of a rule file names in a payload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the element that it belongs to."""

    text: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Way:
    """A path, taken apart once."""

    path: str
    tags: tuple[str, ...]
    attribute: str | None

    def find(self, payload: etree._Element) -> Iterator[Found]:
        """Yield the filled texts, in document order and without white space around them."""
        yield from self._below(payload, 0)

    def first(self, payload: etree._Element) -> Found | None:
        """Return the first filled text."""
        return next(self._below(payload, 0), None)

    def _below(self, element: etree._Element, at: int) -> Iterator[Found]:
        if at < len(self.tags):
            tag = self.tags[at]
            for child in element:
                if child.tag == tag:
                    yield from self._below(child, at + 1)
            return
        text = element.text if self.attribute is None else element.get(self.attribute)
        text = (text or "").strip(" \t\r\n")
        if text:
            yield Found(text, element)


def way_of(path: str, namespace: str) -> Way:
    """Take a path apart; its elements are of the namespace, its attribute is of none."""
    steps = path.split("/")
    attribute = steps.pop()[1:] if steps[-1].startswith("@") else None
    return Way(path, tuple(f"{{{namespace}}}{step}" for step in steps), attribute)
