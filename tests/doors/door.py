"""What every door must do, as one interface: a door's tests are one class that speaks its protocol.

To add a door, write a class with these methods and a factory that opens it beside a relay, and name
the factory in ``tests/doors/conftest.py``. The suite in ``test_contract.py`` does the rest.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from enum import StrEnum

from tests.relay.installation import Installation


class Outcome(StrEnum):
    """How a door answered, in words that all doors share."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  #: these bytes can never pass
    LATER = "later"  #: nothing was accepted; send the same again
    WAITING = "waiting"  #: taken, the verdict follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The answer to a submission."""

    outcome: Outcome
    package: str | None = None  #: what the door calls the package, the same for the same bytes
    code: str | None = None  #: of a refusal, as the door tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a mailbox shows of a delivery."""

    id: str
    address: str


class DoorError(Exception):
    """A door said no; ``code`` is what it said."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Door(abc.ABC):
    """One door of one installation, open; systems are those of ``tests/relay/installation.py``."""

    axis: Installation

    #: What the door says to an id that is not known, and to one of another system: the same.
    unknown: str
    #: What it says to a package that is over the limit.
    oversize: str

    #: The system that sends and the one that receives through this door, and the latter's office.
    sender = "vpcp"
    sender_office = "000.00.00.G22"
    receiver = "khac"
    receiver_office = "000.00.00.H14"
    #: A system that is a party to nothing; its ids are foreign to the others.
    stranger = "nghean"

    @abc.abstractmethod
    async def submit(self, package: bytes, *, system: str | None = None) -> Sent:
        """Send a package and wait for its verdict."""

    @abc.abstractmethod
    async def submit_half(self, package: bytes) -> None:
        """Begin to send a package and break off before its end."""

    @abc.abstractmethod
    async def mailbox(self, *, system: str | None = None) -> list[Listed]:
        """List what waits."""

    @abc.abstractmethod
    async def fetch(self, delivery: str, *, system: str | None = None) -> bytes:
        """Take the bytes of a delivery.

        Raises:
            DoorError: they are not given out.
        """

    @abc.abstractmethod
    async def confirm(self, delivery: str, *, system: str | None = None) -> None:
        """Confirm a delivery.

        Raises:
            DoorError: it cannot be.
        """
