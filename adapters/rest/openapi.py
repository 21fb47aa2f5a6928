"""The description of the API (OpenAPI 3.1), made from the table of operations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from adapters.gateway.refusals import MEDIA_TYPE
from adapters.rest.operation import Content, Operation, Parameter
from adapters.rest.shapes import Problem
from axis import __version__

_NAME: Final = re.compile(r"\{(\w+)(?::path)?\}")
_REFERENCE: Final = "#/components/schemas/{name}"
_IDENTIFIERS: Final = {"package_id", "delivery_id", "entry_id", "upload_id"}
_GOING: Final = {
    "Deprecation": "since when it is deprecated (RFC 9745)",
    "Sunset": "from when on it may be gone (RFC 8594)",
    "Link": "`deprecation`: the policy; `successor-version`: what takes its place",
}
_GROUPS: Final = {
    "Sending": "Submitting packages, and following what was sent",
    "Large attachments": "Attachments that travel apart from their envelope",
    "Receiving": "The mailbox of a system",
    "Directory": "Who can be addressed",
    "Ledger": "What proves what happened",
    "About": "The API itself",
}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document of operations."""
    table = list(operations)
    shapes = _shapes(table)
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REFERENCE)
    schema_of = dict(zip(map(id, shapes), schemas, strict=True))
    paths: dict[str, Any] = {}
    for operation in table:
        path = _NAME.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _described(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "axis: the HTTP API",
            "version": __version__,
            "description": (
                "Submit signed packages, take what waits, prove what happened. Fields and paths "
                "are added at any time; nothing is taken away from /v1 for two years after an "
                "answer first carried Deprecation (RFC 9745) and Sunset (RFC 8594)."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/v1"}],
        "security": [{"bearer": []}, {"certificate": []}],
        "tags": [{"name": name, "description": text} for name, text in _GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "axt_…"},
                "certificate": {"type": "mutualTLS"},
            },
        },
    }


def _shapes(table: Iterable[Operation]) -> list[Any]:
    found: dict[int, Any] = {id(Problem): Problem}
    for operation in table:
        for content in (*operation.answers.values(), operation.body):
            if content is not None and content.shape is not None:
                found[id(content.shape)] = content.shape
    return list(found.values())


def _described(operation: Operation, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.group],
        "summary": operation.summary,
        "parameters": [
            *(_in_path(name, operation) for name in _NAME.findall(operation.path)),
            *(_parameter(one, "query") for one in operation.query),
            *(_parameter(one, "header") for one in operation.headers),
        ],
        "responses": {
            str(status): _content(content, schema_of, going=operation.deprecated is not None)
            for status, content in operation.answers.items()
        }
        | {"default": _problem(schema_of)},
    }
    words = [operation.description] if operation.description else []
    if operation.deprecated is not None:
        said["deprecated"] = True
        words.append(operation.deprecated.words)
    if operation.public:
        said["security"] = []
    elif operation.scope is not None:
        words.append(f"The credential must be for `{operation.scope.value}`.")
    if words:
        said["description"] = " ".join(words)
    if operation.body is not None:
        said["requestBody"] = _content(operation.body, schema_of) | {"required": True}
    return said


def _in_path(name: str, operation: Operation) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if name in _IDENTIFIERS:
        schema = {"type": "string", "format": "uuid"}
    elif name == "sha256":
        schema = {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}
    said = {"name": name, "in": "path", "required": True, "schema": schema}
    if name in operation.path_examples:
        said["example"] = operation.path_examples[name]
    return said


def _parameter(one: Parameter, where: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "in": where,
        "description": one.meaning,
        "schema": dict(one.schema),
        "required": one.required,
    }
    if one.example is not None:
        said["example"] = one.example
    return said


def _content(
    content: Content, schema_of: Mapping[int, Any], *, going: bool = False
) -> dict[str, Any]:
    said: dict[str, Any] = {"description": content.meaning}
    headers = {**content.headers, **(_GOING if going else {})}
    if headers:
        said["headers"] = {
            name: {"description": meaning, "schema": {"type": "string"}}
            for name, meaning in headers.items()
        }
    if content.media:
        media: dict[str, Any] = {}
        if content.shape is not None:
            media["schema"] = schema_of[id(content.shape)]
        if content.example is not None:
            media["example"] = content.example
        said["content"] = dict.fromkeys(content.media, media)
    return said


def _problem(schema_of: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "description": "Refused",
        "content": {MEDIA_TYPE: {"schema": schema_of[id(Problem)]}},
    }
