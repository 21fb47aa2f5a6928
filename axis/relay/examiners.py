"""Examines many packages at a time: in processes of their own, or here where none are wanted.

What is urgent has one process and threads of its own: it never waits until a circular to every
commune, or a flood of large documents, has been examined.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from axis.envelope.limits import Limits
from axis.envelope.package import EDXML_ONLY, Types
from axis.errors import AxisError, Refusal
from axis.examine.inspect import Inspection, inspect
from axis.examine.isolation import Budget, Pool

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


class Examiners:
    """Examining processes, and as many threads that keep them busy.

    Args:
        processes: how many, beside the one for what is urgent; 0 examines in this process, where a
            package that kills its examiner kills the relay.
        limits: what a package may be.
        second_opinion: read each signature twice, by two implementations.
        budget: what examining one package may cost, where there are processes.
    """

    def __init__(
        self,
        *,
        processes: int,
        limits: Limits,
        second_opinion: bool,
        budget: Budget | None = None,
    ) -> None:
        self._limits = limits
        self._second_opinion = second_opinion
        self._pool: Pool | None = None
        self._threads: dict[bool, ThreadPoolExecutor] = {}
        if processes:
            self._pool = Pool(
                workers=processes + 1,
                limits=limits,
                second_opinion=second_opinion,
                budget=budget,
                kept=1,
            )
            # One more than there are processes: it reads the next bodies while they all work.
            self._threads = {
                urgent: ThreadPoolExecutor(processes + 1, thread_name_prefix=name)
                for urgent, name in ((False, "examine"), (True, "examine-urgent"))
            }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def examine(
        self, bodies: Sequence[bytes], types: Types = EDXML_ONLY, *, urgent: bool = False
    ) -> list[Inspection | Refusal]:
        """Return what each package says, or why it cannot be read; never raises for a package.

        Args:
            bodies: the packages.
            types: reads those of other types than edXML's own.
            urgent: what is not waits for as long as a process may be needed for what is.

        Raises:
            ExaminersUnavailableError: no process can be started now (fault OUTAGE).
        """
        if self._pool is not None:
            return self._pool.submit_many(bodies, types, urgent=urgent)
        return [self._examine_here(body, types) for body in bodies]

    def warm(self, types: Types) -> None:
        """Start the processes, so that the first packages do not wait for them.

        Raises:
            ExaminersUnavailableError: one cannot be started now (fault OUTAGE).
        """
        if self._pool is not None:
            self._pool.warm(types)

    def each(self, work: Callable[[T], R], items: Sequence[T], *, urgent: bool = False) -> list[R]:
        """Return what ``work`` gives for each item, in order; several are at work at a time."""
        if not self._threads:
            return [work(item) for item in items]
        return list(self._threads[urgent].map(work, items))

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.close()
        for threads in self._threads.values():
            threads.shutdown()

    def _examine_here(self, body: bytes, types: Types) -> Inspection | Refusal:
        try:
            return inspect(
                body, limits=self._limits, second_opinion=self._second_opinion, types=types
            )
        except AxisError as error:
            return error.refusal
        except Exception:
            # A bug that one package wakes must not stop the others.
            log.exception("a package could not be examined")
            return AxisError().refusal
