"""The doors that the demo's documents can go through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol
from uuid import UUID

from axis.errors import Refusal
from axis.settings import Settings


class DemoDoor(Protocol):
    """How the country's systems speak with the axis."""

    async def send(self, system_id: str, package: bytes) -> bool | Refusal:
        """Send a package as a system; say whether the door's answer is that it was accepted.

        A refusal is the door's own: the package never came to the axis.
        """
        ...

    async def receive(self, system_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Take so many deliveries as a system, confirm them, and return their ids and bytes."""
        ...


Open = Callable[[Settings], AbstractAsyncContextManager[DemoDoor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorKind:
    """What a door needs."""

    module: str  #: has ``prepare(settings)``, called before the axis runs, and ``opened(settings)``
    by_amqp: bool = False  #: whether all systems receive by AMQP, from accounts of their own

    def prepare(self, settings: Settings) -> None:
        """Give the systems what they prove themselves by."""
        import_module(self.module).prepare(settings)

    def opened(self, settings: Settings) -> AbstractAsyncContextManager[DemoDoor]:
        """Open the door for the time of a block."""
        opened: AbstractAsyncContextManager[DemoDoor] = import_module(self.module).opened(settings)
        return opened


#: The doors by name. Without one, the demo calls the rooms behind the doors.
DOORS: Final[Mapping[str, DoorKind]] = {
    "amqp": DoorKind(module="adapters.demo.door_amqp", by_amqp=True),
    "folder": DoorKind(module="adapters.demo.door_folder"),
    "rest": DoorKind(module="adapters.demo.door_rest"),
    "vxp": DoorKind(module="adapters.demo.door_vxp"),
}
