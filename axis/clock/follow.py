"""What is written behind the relay for those who search and count; it costs the relay nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from axis.figures.counting import Counter
from axis.search.filling import Filler


@dataclass(slots=True, kw_only=True)
class Follower:
    """Follows what was judged and delivered."""

    engine: sa.Engine
    clock: Callable[[], datetime]
    _filler: Filler = field(init=False)
    _counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Begin where the records end."""
        self._filler = Filler(self.engine)
        self._counter = Counter(self.engine)

    def round(self) -> None:
        """Write down what came since.

        Raises:
            DatabaseUnavailableError: the rest comes in the next round.
        """
        self._filler.round(self.clock())
        self._counter.round(self.clock())
