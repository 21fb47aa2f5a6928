"""An operation: the one place where its route, its rights and its description stand together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.rest.answer import Answer
from adapters.rest.call import Call
from adapters.rest.deprecation import Deprecation
from axis.access.values import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query, or a header."""

    name: str
    meaning: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body that is sent or answered."""

    meaning: str
    shape: Any = None  #: a type that msgspec describes; None for bytes, text or nothing
    media: tuple[str, ...] = ("application/json",)  #: () for no body
    example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)  #: name and meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str  #: below the door, with ``{names}``
    name: str  #: its operationId
    group: str
    summary: str
    handler: Callable[[Call], Awaitable[Answer]]
    answers: Mapping[int, Content]
    scope: Scope | None = None  #: what the credential must be for; None: any credential
    public: bool = False  #: nobody is asked who calls
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    path_examples: Mapping[str, Any] = field(default_factory=dict)
    body: Content | None = None
    description: str = ""
    deprecated: Deprecation | None = None  #: that it goes, and when


def integer(name: str, meaning: str, *, least: int = 0, most: int, default: int) -> Parameter:
    """Return a parameter that is a whole number."""
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return Parameter(name=name, meaning=meaning, schema=schema)


def flag(name: str, meaning: str) -> Parameter:
    """Return a parameter that is yes or no."""
    return Parameter(name=name, meaning=meaning, schema={"type": "boolean", "default": False})


BYTES = "application/octet-stream"
XML = "application/xml"
EDXML = "application/vnd.edxml+xml"
