"""The offices' systems: each speaks with the axis it is at home on, and verifies what comes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from adapters.client import AsyncClient
from adapters.client.errors import NotYetSignedError
from adapters.client.values import Receipt, Received, Submission
from adapters.demo.axes.side import Side
from adapters.demo.country import name_of, system_of
from axis.trust.sign import Signer, sign

TIMEOUT_S: Final = 90.0


class Desks:
    """The desks of all offices of both axes."""

    def __init__(self, clients: Mapping[str, AsyncClient], signers: Mapping[str, Signer]) -> None:
        self._clients = clients
        self._signers = signers
        self.taken: list[tuple[str, str]] = []  #: address and SHA-256 of each delivery

    def of(self, office: str) -> AsyncClient:
        """Return what an office's system speaks with."""
        return self._clients[system_of(office).system_id]

    def name(self, office: str) -> str:
        """Return the name of an office."""
        return name_of(office)

    def sign(self, office: str, package: bytes) -> bytes:
        """Return the package signed with the office's key."""
        return sign(package, self._signers[office])

    async def next(self, office: str, count: int) -> list[Received]:
        """Take, verify and confirm so many packages to an office, however long they take.

        Raises:
            TimeoutError: fewer came.
            AxisError: what came is not to be believed.
        """
        client, received = self.of(office), list[Received]()
        async with asyncio.timeout(TIMEOUT_S):
            while len(received) < count:
                async for delivery in client.mailbox(wait_s=2, forever=False):
                    received.append(await client.fetch(delivery))
                    await client.confirm(delivery)
                    self.taken.append((delivery.address, delivery.sha256))
                    if len(received) == count:
                        break
        return received

    async def left(self) -> bool:
        """Say whether anything waits for any office."""
        return any([(await client.waiting()).items for client in self._clients.values()])

    async def receipts(
        self, office: str, of: Submission | Received, body: bytes | None
    ) -> Sequence[Receipt]:
        """Return what an office's axis can prove, verified, once the notary has signed for it.

        Raises:
            TimeoutError: it did not.
            AxisError: it does not prove it.
        """
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                try:
                    return await self.of(office).receipts(of, body=body)
                except NotYetSignedError:
                    await asyncio.sleep(0.2)


@asynccontextmanager
async def opened(*sides: Side) -> AsyncIterator[Desks]:
    """Open the desks of all offices for the time of a block."""
    async with AsyncExitStack() as stack:
        clients = {
            system.system_id: await stack.enter_async_context(side.client(system))
            for side in sides
            for system in side.systems
        }
        signers = {code: signer for side in sides for code, signer in side.signers.items()}
        yield Desks(clients, signers)


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> bool:
    """Wait until something holds; False: it did not in time."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                found = holds()
                if await found if inspect.isawaitable(found) else found:
                    return True
                await asyncio.sleep(0.1)
    except TimeoutError:
        return False
