"""A gateway on a real socket beside a relay that runs, and the tokens of its systems."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from msgspec import structs

from adapters.gateway.serve import serving
from axis.access.tokens import mint
from axis.access.values import Scope, Term, Token
from axis.gateway import Installation, open_installation
from axis.store.access import add_token
from axis.store.engine import transaction
from tests.relay.installation import SYSTEMS
from tests.relay.installation import Installation as Axis


def issue_token(
    axis: Axis,
    system_id: str,
    *,
    scopes: Iterable[Scope] = tuple(Scope),
    lives: timedelta = timedelta(days=1),
) -> str:
    """A token of a system, made the way the command makes one."""
    now = datetime.now(UTC)
    minted = mint()
    token = Token(
        id=minted.id,
        system_id=system_id,
        digest=minted.digest,
        scopes=frozenset(scopes),
        term=Term(created_at=now - timedelta(days=2), expires_at=now + lives),
        note="",
        created_by="test",
    )
    with transaction(axis.engine) as connection:
        add_token(connection, token)
    return minted.text


@dataclass
class Gateway:
    """A gateway that serves; ``of(system)`` is an HTTP client with that system's token."""

    axis: Axis
    installation: Installation
    url: str
    tokens: dict[str, str]
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def of(self, system_id: str | None, **options: Any) -> httpx.AsyncClient:
        headers = options.pop("headers", {})
        if system_id is not None:
            headers |= {"authorization": f"Bearer {self.tokens[system_id]}"}
        client = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=120, trust_env=False, **options
        )
        self.clients.append(client)
        return client

    async def raw(self, data: bytes, *, end: bool = False, timeout_s: float = 20) -> bytes:
        """Write bytes to the socket as they are; return all that comes until it is closed."""
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(data)
            if end:
                writer.write_eof()
            async with asyncio.timeout(timeout_s):
                return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def gateway_of(axis: Axis, **changes: Any) -> AsyncIterator[Gateway]:
    """Serve an installation on a free port; ``changes`` are settings of the gateway."""
    settings = structs.replace(
        axis.settings,
        gateway=structs.replace(axis.settings.gateway, **({"port": 0, "look_ms": 50} | changes)),
    )
    installation = open_installation(settings)
    tokens = {system_id: issue_token(axis, system_id) for system_id in SYSTEMS}
    try:
        async with serving(installation) as url:
            assert await installation.carriage.ready(timeout_s=120)
            gateway = Gateway(axis=axis, installation=installation, url=url, tokens=tokens)
            try:
                yield gateway
            finally:
                for client in gateway.clients:
                    await client.aclose()
    finally:
        installation.engine.dispose()


EDXML = {"content-type": "application/vnd.edxml+xml"}
