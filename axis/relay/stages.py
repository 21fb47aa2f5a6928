"""How much processor a batch takes, stage by stage; several threads may be at work for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stages:
    """Seconds of processor by stage; waiting costs nothing here."""

    cpu_s: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what the block costs in its thread; blocks do not stand in one another."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add({name: time.thread_time() - began})

    def add(self, cpu_s: Mapping[str, float]) -> None:
        """Count what was measured elsewhere."""
        with self._lock:
            for name, used in cpu_s.items():
                self.cpu_s[name] = self.cpu_s.get(name, 0.0) + used
