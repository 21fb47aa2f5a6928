"""A batch between its examination and its end, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from axis.bus.consumer import Taken
from axis.relay.judge import Judged
from axis.relay.stages import Stages

#: Deliveries that one transaction makes, where one package does not make more: a second or less
#: under any load, after which others get at the interpreter, the disk and the channel.
DELIVERIES: Final = 2000


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    accepted: int = 0
    refused: int = 0
    again: list[Taken] = field(default_factory=list)  #: to be tried later
    parked: list[Taken] = field(default_factory=list)  #: not to be tried by itself
    began: float = 0.0  #: on the machine's monotonic clock, in seconds
    ended: float = 0.0
    stages: Stages = field(default_factory=Stages)


@dataclass(slots=True, kw_only=True)
class Examined:
    """A batch that was examined and not recorded yet; nothing lasting has come of it."""

    batch: list[Taken]
    judged: list[tuple[Taken, Judged]]
    outcome: Outcome

    def join(self, later: Examined) -> None:
        """Take in a batch that came later, to be recorded with this one."""
        self.batch += later.batch
        self.judged += later.judged
        self.outcome.again += later.outcome.again
        self.outcome.parked += later.outcome.parked
        self.outcome.stages.add(later.outcome.stages.cpu_s)

    def parts(self, most: int = DELIVERIES) -> Iterator[Examined]:
        """Yield what is recorded at once, in the order in which it came; a package stays whole.

        Args:
            most: deliveries of one part, where one package does not make more.
        """
        judged = {taken.delivery_tag: one for taken, one in self.judged}
        part: list[Taken] = []
        count = 0
        for taken in self.batch:
            more = _deliveries(judged.get(taken.delivery_tag))
            if part and count + more > most:
                yield self._part(part)
                part, count = [], 0
            part.append(taken)
            count += more
        if len(part) == len(self.batch):
            yield self
        else:
            yield self._part(part)

    def _part(self, batch: list[Taken]) -> Examined:
        tags = {taken.delivery_tag for taken in batch}
        whole = self.outcome
        outcome = Outcome(
            again=[taken for taken in whole.again if taken.delivery_tag in tags],
            parked=[taken for taken in whole.parked if taken.delivery_tag in tags],
            began=whole.began,
            stages=whole.stages,
        )
        whole.stages = Stages()  # what examining all of them cost is told once
        return Examined(
            batch=batch,
            judged=[pair for pair in self.judged if pair[0].delivery_tag in tags],
            outcome=outcome,
        )


def _deliveries(one: Judged | None) -> int:
    return len(one.admission.routes) if one is not None and one.admission is not None else 0
