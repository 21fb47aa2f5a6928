"""The ASGI application of the native door: identify first, then route, then answer.

What is refused is raised; the front before all doors answers it with problem details.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec
from starlette.routing import Route, Router, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.gateway.errors import MethodError, NoSuchPathError
from adapters.gateway.identity import client_address, identify
from adapters.gateway.limits import Limits
from adapters.rest import (
    about,
    offices,
    parts,
    proofs,
    receiving,
    sending_table,
    statistics,
    types,
    uploads,
)
from adapters.rest.answer import Answer, as_json
from adapters.rest.call import Call
from adapters.rest.deprecation import LIST_PATH, Deprecations, going
from adapters.rest.openapi import document
from adapters.rest.operation import Content, Operation
from adapters.rest.sending import Submitting
from axis.gateway import Installation

#: Where the description is.
DESCRIPTION: Final = "/openapi.json"


def make_app(installation: Installation, limits: Limits) -> ASGIApp:
    """Return the native door."""
    return RestApp(installation, limits)


def all_operations(*, submitting: int = 1) -> tuple[Operation, ...]:
    """Return the table of operations; so many packages are read at once."""
    table = (
        *sending_table.operations(Submitting(submitting)),
        *parts.OPERATIONS,
        *uploads.OPERATIONS,
        *receiving.OPERATIONS,
        *offices.OPERATIONS,
        *types.OPERATIONS,
        *statistics.OPERATIONS,
        *proofs.OPERATIONS,
        *about.OPERATIONS,
    )

    async def describe(call: Call) -> Answer:
        return Answer(body=described, headers={"content-type": "application/json"})

    own = Operation(
        method="GET",
        path=DESCRIPTION,
        name="describe",
        group="About",
        summary="This description",
        handler=describe,
        public=True,
        answers={200: Content(meaning="OpenAPI 3.1")},
    )

    async def list_going(call: Call) -> Answer:
        return as_json(gone)

    listing = Operation(
        method="GET",
        path=LIST_PATH,
        name="listDeprecations",
        group="About",
        summary="List what goes, when, and what takes its place",
        handler=list_going,
        public=True,
        answers={200: Content(meaning="What goes; empty: nothing does", shape=Deprecations)},
    )
    gone = going(table)
    everything = (*table, listing, own)
    described = msgspec.json.encode(document(everything))
    return everything


class RestApp:
    """The native door of one gateway process."""

    def __init__(self, installation: Installation, limits: Limits) -> None:
        self._installation = installation
        self._limits = limits
        table = all_operations(submitting=installation.settings.gateway.submitting)
        self._public = [compile_path(one.path)[0] for one in table if one.public]
        self._router = Router(
            routes=[
                Route(path, _Path(methods, installation, limits))
                for path, methods in _by_path(table)
            ],
            default=_nothing_here,
            redirect_slashes=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; who did not prove itself learns the same of every path."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if _is_public(self._public, path):
            self._limits.demand_rate(f"address {client_address(scope)}")
        else:
            scope["axis.caller"] = await identify(scope, self._installation, self._limits)
        await self._router(scope, receive, send)


class _Path:
    """The operations of one path, by method."""

    def __init__(
        self, methods: dict[str, Operation], installation: Installation, limits: Limits
    ) -> None:
        self._methods = methods
        self._installation = installation
        self._limits = limits
        self._allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to the path."""
        method = scope["method"]
        operation = self._methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise MethodError(expected=self._allowed, got=method[:20])
        if operation.deprecated is not None:
            # For the front, which sends refusals too.
            scope["state"]["fields"] = operation.deprecated.fields
        caller = scope.get("axis.caller")
        if operation.scope is not None and caller is not None:
            caller.demand(operation.scope)
        call = Call(
            scope=scope,
            receive=receive,
            installation=self._installation,
            limits=self._limits,
            path=scope["path_params"],
            _caller=caller,
        )
        answer = await operation.handler(call)
        await answer.send(
            send,
            patience_s=self._installation.settings.gateway.body_s,
            with_body=method != "HEAD",
        )


def _by_path(table: Iterable[Operation]) -> list[tuple[str, dict[str, Operation]]]:
    """Return the paths with their methods; those without a name come first."""
    paths: dict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in table:
        paths[operation.path][operation.method] = operation
    return sorted(paths.items(), key=lambda item: item[0].count("{"))


def _is_public(patterns: Iterable[re.Pattern[str]], path: str) -> bool:
    return any(pattern.match(path) for pattern in patterns)


async def _nothing_here(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise NoSuchPathError
