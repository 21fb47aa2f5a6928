"""Those who wait for a verdict: told by the relay's notice, and by the records where one was lost.

However many wait, the records are asked once for all of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from axis.errors import AxisError
from axis.store.deliveries import DeliveryRecord
from axis.store.packages import PackageRecord

log = logging.getLogger(__name__)

#: Those who wait longer than this are looked for without a notice.
UNTOLD_S: Final = 1.0
#: Packages that are read at once.
MOST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A package that was judged, and where it goes."""

    package: PackageRecord
    deliveries: tuple[DeliveryRecord, ...]  #: in the order of the addressees; () where refused


Load = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, Verdict]]]


class Verdicts:
    """Futures by package; :meth:`run` fulfils them."""

    def __init__(self, load: Load) -> None:
        """Keep how verdicts are read.

        Args:
            load: reads the packages that were judged, of those that are named.
        """
        self._load = load
        self._waiting: dict[UUID, set[asyncio.Future[Verdict]]] = {}
        self._told: set[UUID] = set()
        self._wake = asyncio.Event()

    def expect(self, package_id: UUID) -> asyncio.Future[Verdict]:
        """Return what will be the verdict; expect it before the package is given to the relay."""
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(package_id, set()).add(future)
        future.add_done_callback(lambda done: self._forget(package_id, done))
        return future

    async def wait(self, future: asyncio.Future[Verdict], *, timeout_s: float) -> Verdict | None:
        """Return the verdict, or None where it is not there in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            return None

    def told(self, package_id: UUID) -> None:
        """Take the news that a package was judged."""
        if package_id in self._waiting:
            self._told.add(package_id)
            self._wake.set()

    async def run(self) -> None:
        """Read verdicts for those who wait, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(UNTOLD_S):
                    await self._wake.wait()
                wanted = list(self._told)[:MOST]
            except TimeoutError:
                wanted = list(self._waiting)[:MOST]
            self._told.difference_update(wanted)
            if not self._told:
                self._wake.clear()
            if not wanted:
                continue
            try:
                found = await self._load(wanted)
            except AxisError as error:
                log.warning("verdicts cannot be read now", extra={"code": error.code})
                continue
            for package_id, verdict in found.items():
                for future in list(self._waiting.get(package_id, ())):
                    if not future.done():
                        future.set_result(verdict)

    def _forget(self, package_id: UUID, future: asyncio.Future[Verdict]) -> None:
        waiting = self._waiting.get(package_id)
        if waiting is not None:
            waiting.discard(future)
            if not waiting:
                del self._waiting[package_id]
                self._told.discard(package_id)
