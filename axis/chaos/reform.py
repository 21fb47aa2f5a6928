"""Communes that are merged and divided while papers are on their way to them.

A paper that is addressed to a commune must arrive once: where the commune was served when the paper
was judged, or where a successor of it was. Which of these it is depends on the instant, so the
ground truth is the set of systems that may have got it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from axis.directory.acts import Act, Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.store.directory_changes import change_directory

COMMUNES: Final = tuple(f"000.{n // 100:02d}.{n % 100:02d}.H57" for n in range(1, 101))


@dataclass(slots=True)
class Reform:
    """Which communes there are, and who came after those that ended."""

    systems: Mapping[str, str]  #: commune → the system that served it in the beginning
    open: list[str] = field(init=False)  #: communes that have not ended
    after: dict[str, str] = field(default_factory=dict)  #: ended commune → the one that serves it

    def __post_init__(self) -> None:
        self.open = list(self.systems)

    def happen(self, engine: sa.Engine, chance: random.Random) -> None:
        """Merge a commune into another, or divide it between two, from this instant on.

        Raises:
            DatabaseUnavailableError: whether it happened is unknown; the same again is refused.
            DirectoryRefusedError: it happened already.
        """
        ended, heir, other = chance.sample(self.open, 3)
        kind = chance.choice((SuccessionKind.MERGE, SuccessionKind.SPLIT))
        # Before it is tried: a COMMIT whose answer is lost took effect all the same.
        self.open.remove(ended)
        self.after[ended] = heir
        now = datetime.now(UTC)
        is_split = kind is SuccessionKind.SPLIT
        act = Act(
            kind=kind,
            old=(ended,),
            at=micros(now),
            legal_basis="soak",
            new=tuple(Successor(code=code) for code in ((heir, other) if is_split else (heir,))),
            default=heir if is_split else "",
        )
        change_directory(
            engine,
            lambda directory: plan_reorganisation(directory, [act], source="soak"),
            kind="succession",
            by="soak",
            at=now,
        )

    def may_serve(self, code: str) -> set[str]:
        """Return the systems that a paper to this commune may have gone to."""
        found = {self.systems[code]}
        while code in self.after:
            code = self.after[code]
            found.add(self.systems[code])
        return found
