"""The schema gate of a type: compiled from bytes, once in each thread, when it is first needed.

Nothing outside the folder is ever opened: what a schema includes must lie in it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from axis.envelope.errors import (
    EmptyValueError,
    EnvelopeError,
    InvalidValueError,
    MissingElementError,
    SchemaViolationError,
    TooLongError,
    UnexpectedAttributeError,
    UnexpectedElementError,
    UnexpectedTextError,
)
from axis.envelope.shown import shown
from axis.envelope.tree import local_name, path_of, place_of
from axis.errors import Place

_BASE: Final = "type:///"
_LISTED: Final = re.compile(r"\( (.*) \)")  # what libxml2 says that it expected: names, no words
_BRACED: Final = re.compile(r"\{[^{}]*\}")
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'")
_SET: Final = re.compile(r"set \{(.*)\}")

_CLASSES: Final[Mapping[str, type[EnvelopeError]]] = {
    "SCHEMAV_ELEMENT_CONTENT": UnexpectedElementError,
    "SCHEMAV_CVC_PATTERN_VALID": InvalidValueError,
    "SCHEMAV_CVC_ENUMERATION_VALID": InvalidValueError,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": InvalidValueError,
    "SCHEMAV_CVC_MININCLUSIVE_VALID": InvalidValueError,
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": InvalidValueError,
    "SCHEMAV_CVC_MAXLENGTH_VALID": TooLongError,
    "SCHEMAV_CVC_MINLENGTH_VALID": EmptyValueError,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": UnexpectedTextError,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": UnexpectedTextError,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": UnexpectedAttributeError,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": UnexpectedAttributeError,
    "SCHEMAV_CVC_TYPE_3_1_1": UnexpectedAttributeError,
    "SCHEMAV_CVC_TYPE_3_1_2": UnexpectedElementError,
}


class Gate:
    """The schema of one version of a type."""

    def __init__(self, files: Mapping[str, bytes], schema: str, *, rule: str) -> None:
        self._files = files
        self._schema = schema
        self._rule = rule
        self._compiled = threading.local()

    def compile(self) -> etree.XMLSchema:
        """Return the schema as this thread uses it.

        Raises:
            lxml.etree.LxmlError: it does not compile.
        """
        schema: etree.XMLSchema | None = getattr(self._compiled, "schema", None)
        if schema is None:
            parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
            parser.resolvers.add(_Inside(self._files))
            tree = etree.fromstring(
                self._files[self._schema], parser, base_url=_BASE + self._schema
            )
            schema = self._compiled.schema = etree.XMLSchema(tree)
        return schema

    def validate(self, payload: etree._Element) -> None:
        """Hold the root element of a payload to the schema.

        Raises:
            EnvelopeError: the first fault, with its place in the package.
        """
        schema = self.compile()
        if not schema.validate(payload):
            log: Any = schema.error_log
            for entry in log:
                raise self._refusal(payload, entry)
            raise SchemaViolationError(
                place=place_of(payload), rule=self._rule, expected="–", got="libxml2"
            )

    def _refusal(self, payload: etree._Element, entry: Any) -> EnvelopeError:
        node = _node(payload, entry)
        message = str(entry.message)
        name = str(entry.type_name)
        kind = _CLASSES.get(name, SchemaViolationError)
        quoted = list(_QUOTED.findall(message))
        listed = _LISTED.search(message)
        expected = _plain(listed[1]).replace(" | ", ", ") if listed else "–"
        got = local_name(node)
        if name == "SCHEMAV_ELEMENT_CONTENT" and "Missing child" in message:
            kind = MissingElementError
            got = ", ".join(dict.fromkeys(local_name(child) for child in node)) or "–"
        elif issubclass(kind, UnexpectedAttributeError):
            got = _plain(quoted[1]) if len(quoted) > 1 else "–"
        elif not listed and issubclass(kind, InvalidValueError | TooLongError | EmptyValueError):
            among = _SET.search(message)
            pattern = quoted[-1] if len(quoted) > 1 else "–"
            expected = among[1].replace("'", "").replace(", ", " | ") if among else _plain(pattern)
            text = (node.text or "").strip()
            got = str(len(text)) if issubclass(kind, TooLongError) else shown(text) or "–"
        elif kind is SchemaViolationError:
            got = name
        return kind(
            place=Place(xpath=place_of(node).xpath, line=int(entry.line) or None),
            rule=f"{self._rule} {'/'.join(path_of(node)[4:])}",
            expected=expected,
            got=got,
        )


class _Inside(etree.Resolver):
    """Answers with files of the folder; whatever else a schema asks for is not there."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files

    def resolve(  # type: ignore[override]  # the stubs lack the context
        self, system_url: str | None, public_id: str | None, context: Any
    ) -> Any:
        """Return the file, or nothing that anybody could read."""
        url = system_url or ""
        name = url.removeprefix(_BASE)
        data = self._files.get(name) if url.startswith(_BASE) else None
        if data is None:
            raise OSError(f"{url} is not in the folder")
        return self.resolve_string(data, context, base_url=url)


def _node(payload: etree._Element, entry: Any) -> etree._Element:
    """Find the element that libxml2 means: its path counts from the payload's root."""
    node = payload
    for step in str(entry.path or "").split("/")[2:]:
        name, _, position = step.partition("[")
        wanted = name.rpartition(":")[2]
        like = [each for each in node.iterchildren("*") if wanted in ("*", local_name(each))]
        index = int(position.rstrip("]") or 1) - 1
        if index >= len(like):
            break
        node = like[index]
    return node


def _plain(text: str) -> str:
    return _BRACED.sub("", text)
