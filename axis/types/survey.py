"""What a schema allows where a rule points: whether it is there, how often, and of what form.

xmlschema reads the schema a second time here, so that two implementations have understood it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xmlschema

from axis.types.errors import TypePathError


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path leads."""

    required: bool  #: it stands in every payload
    repeats: bool  #: it may stand more than once
    form: str  #: the primitive type of XSD, such as ``date``; empty where it holds elements
    listed: tuple[str, ...]  #: the values, where the schema lists them


class Survey:
    """A schema as xmlschema understands it.

    Raises:
        xmlschema.XMLSchemaException: it does not.
    """

    def __init__(self, files: Mapping[str, bytes], schema: str, *, newest: bool = False) -> None:
        make = xmlschema.XMLSchema11 if newest else xmlschema.XMLSchema10
        with TemporaryDirectory(prefix="axis-type-") as folder:
            for name, data in files.items():
                path = Path(folder, name)
                if path.resolve().is_relative_to(Path(folder).resolve()):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
            self._schema: Any = make(str(Path(folder, schema)), allow="sandbox", defuse="always")

    def root(self, namespace: str, name: str) -> bool:
        """Say whether a payload may begin with this element."""
        return f"{{{namespace}}}{name}" in self._schema.maps.elements

    def faults(self, payload: Any) -> list[str]:
        """Return what is wrong with a payload, in xmlschema's words."""
        resource: Any = xmlschema.XMLResource(payload, allow="none")
        return [str(error.reason or error.message) for error in self._schema.iter_errors(resource)]

    def spot(self, namespace: str, root: str, key: str, path: str) -> Spot:
        """Return where a path leads.

        Raises:
            TypePathError: nowhere; it says how far it led and what stands there.
        """
        element: Any = self._schema.maps.elements[f"{{{namespace}}}{root}"]
        required, repeats = True, False
        above = root
        for step in path.split("/"):
            if step.startswith("@"):
                return self._attribute(element, key, path, step[1:], above, required, repeats)
            found = {
                child.local_name: (child, must, many)
                for child, must, many in _members(element.type.content)
                if child.target_namespace == namespace or child.qualified
            }
            if step not in found:
                raise TypePathError(
                    key=key, path=path, parent=above, expected=", ".join(found) or "–"
                )
            element, must, many = found[step]
            required, repeats = required and must, repeats or many
            above = f"{above}/{step}"
        simple = element.type.simple_type if element.type.has_simple_content() else None
        if element.type.is_simple():
            simple = element.type
        return Spot(required, repeats, _form(simple), _listed(simple))

    def _attribute(
        self,
        element: Any,
        key: str,
        path: str,
        name: str,
        above: str,
        required: bool,
        repeats: bool,
    ) -> Spot:
        found = element.attributes.get(name)
        if found is None:
            names = ", ".join(f"@{one}" for one in element.attributes if one)
            raise TypePathError(key=key, path=path, parent=above, expected=names or "–")
        return Spot(
            required and found.use == "required", repeats, _form(found.type), _listed(found.type)
        )


def _members(
    group: Any, *, must: bool = True, many: bool = False
) -> Iterator[tuple[Any, bool, bool]]:
    """Yield the elements of a content: whether they must stand, whether they may repeat."""
    if not hasattr(group, "model"):
        return  # a simple type
    must = must and group.min_occurs > 0 and (group.model != "choice" or len(group) == 1)
    many = many or group.max_occurs is None or group.max_occurs > 1
    for child in group:
        if hasattr(child, "model"):
            yield from _members(child, must=must, many=many)
        elif hasattr(child, "local_name") and child.local_name:
            some = child.max_occurs is None or child.max_occurs > 1
            yield child, must and child.min_occurs > 0, many or some


def _form(simple: Any) -> str:
    primitive = getattr(simple, "primitive_type", None)
    return "" if primitive is None else str(primitive.local_name)


def _listed(simple: Any) -> tuple[str, ...]:
    return tuple(map(str, getattr(simple, "enumeration", None) or ()))
