"""What a check is given, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from axis.errors import AxisError, Fact
from axis.settings import Settings

if TYPE_CHECKING:
    from axis.doctor.broker import Broker


class Verdict(StrEnum):
    """What a check came to; the worst of what it found."""

    GOOD = "good"
    REMARK = "remark"  #: worth knowing; nobody must act
    WARNING = "warning"  #: nothing is lost yet; somebody must act soon
    WRONG = "wrong"  #: something does not work, or could be lost
    UNKNOWN = "unknown"  #: the check could not be made


#: From the least to the worst.
ORDER = (Verdict.GOOD, Verdict.REMARK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.WRONG)


class Trouble(AxisError):  # noqa: N818  its classes have the suffix
    """Something that a check found; a class says how bad it is."""

    verdict: ClassVar[Verdict] = Verdict.WARNING
    about: ClassVar[str] = ""  #: the fact that tells one such trouble from another

    @property
    def subject(self) -> str:
        """What it is about, for alarms: the same trouble with the same subject is one."""
        return str(self.facts.get(self.about) or "axis")


def verdict_of(error: AxisError) -> Verdict:
    """Return how bad a refusal is; one of another room means that something does not work."""
    return error.verdict if isinstance(error, Trouble) else Verdict.WRONG


def subject_of(error: AxisError) -> str:
    """Return what a refusal is about."""
    return error.subject if isinstance(error, Trouble) else "axis"


@dataclass(slots=True)
class Findings:
    """What one check writes down while it looks."""

    facts: dict[str, Fact] = field(default_factory=dict)
    troubles: list[AxisError] = field(default_factory=list)

    def note(self, **facts: Fact) -> None:
        """Write down what is there."""
        self.facts.update(facts)

    def add(self, trouble: AxisError) -> None:
        """Write down what is wrong."""
        self.troubles.append(trouble)


class Patient:
    """An installation, as the checks look at it: nothing here changes anything."""

    def __init__(self, settings: Settings, engine: sa.Engine, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.engine = engine  #: reads only
        self.now = now
        self._lock = Lock()

    @property
    def broker(self) -> Broker:
        """What RabbitMQ says of itself and of our queues; asked once.

        Raises:
            BusUnavailableError: it is away.
        """
        with self._lock:
            return self._broker

    @cached_property
    def _broker(self) -> Broker:
        from axis.doctor.broker import look

        return look(self)

    def seen(self, broker: Broker) -> None:
        """Take what was seen of RabbitMQ from somebody else."""
        vars(self)["_broker"] = broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question."""

    name: str
    look: Callable[[Patient, Findings], None]
    en: str  #: what is looked at
    vi: str
    why_en: str  #: why it matters
    why_vi: str
    needs: tuple[str, ...] = ()  #: checks without which this one cannot be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a check came to."""

    check: Check
    verdict: Verdict
    facts: Mapping[str, Fact]
    troubles: tuple[AxisError, ...]
    took_s: float
