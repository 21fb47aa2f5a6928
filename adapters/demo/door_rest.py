"""The demo through the native HTTP API: tokens of the systems, long polling, confirmations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import httpx

from adapters.demo.country import SYSTEMS
from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.settings import Settings
from axis.store.access import add_token
from axis.store.engine import open_engine, transaction

#: The systems' tokens, for the time of the demo.
_TOKENS: Final[dict[str, str]] = {}
MEDIA: Final = "application/vnd.edxml+xml"
START_S: Final = 60.0


def prepare(settings: Settings) -> None:
    """Give every system a token."""
    now = datetime.now(UTC)
    engine = open_engine(settings.database_url)
    with transaction(engine) as connection:
        for system in SYSTEMS:
            minted = mint()
            _TOKENS[system.system_id] = minted.text
            token = Token(
                id=minted.id,
                system_id=system.system_id,
                digest=minted.digest,
                scopes=ALL_SCOPES,
                term=Term(created_at=now, expires_at=now + timedelta(days=1)),
                note="demo",
                created_by="demo",
            )
            add_token(connection, token)
    engine.dispose()


def token_of(system_id: str) -> str:
    """Return the token that :func:`prepare` gave a system."""
    return _TOKENS[system_id]


class RestDoor:
    """Speaks the native API for all systems."""

    def __init__(self, client: httpx.AsyncClient, tokens: Mapping[str, str]) -> None:
        self._client = client
        self._tokens = tokens

    async def send(self, system_id: str, package: bytes) -> bool:
        """Submit and follow the package to its verdict; come again where the axis says later."""
        headers = self._headers(system_id, MEDIA)
        while True:
            answer = await self._client.post("/v1/packages", content=package, headers=headers)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.2)
        while answer.status_code == 202 or answer.json().get("state") == "waiting":
            where = answer.json()["links"]["self"]
            answer = await self._client.get(f"{where}&wait=10", headers=headers)
        if answer.status_code != 422:
            answer.raise_for_status()
        return bool(answer.json().get("state") == "accepted")

    async def receive(self, system_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Wait for deliveries, fetch and confirm them."""
        taken: list[tuple[UUID, bytes]] = []
        headers = self._headers(system_id)
        while len(taken) < count:
            listed = await self._client.get("/v1/mailbox?wait=10", headers=headers)
            listed.raise_for_status()
            for item in listed.json()["items"]:
                path = f"/v1/deliveries/{item['delivery_id']}"
                body = await self._client.get(f"{path}/body", headers=headers)
                body.raise_for_status()
                kept = await self._client.post(f"{path}/confirm", headers=headers)
                kept.raise_for_status()
                taken.append((UUID(item["delivery_id"]), body.content))
        return taken

    def _headers(self, system_id: str, media: str | None = None) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._tokens[system_id]}"}
        return headers | ({"content-type": media} if media else {})


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RestDoor]:
    """Connect to the gateway of the demo, once it answers."""
    own = settings.gateway
    async with httpx.AsyncClient(
        base_url=f"http://{own.host}:{own.port}",
        timeout=START_S,
        trust_env=False,
    ) as client:
        async with asyncio.timeout(START_S):
            await until_there(client)
        yield RestDoor(client, _TOKENS)


async def until_there(client: httpx.AsyncClient) -> None:
    """Wait for the gateway, which may be a moment behind."""
    while True:
        try:
            await client.get("/v1/openapi.json")
        except httpx.TransportError:
            await asyncio.sleep(0.2)
        else:
            return
