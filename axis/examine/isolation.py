"""Examines packages in processes of their own, under limits of CPU, memory and wall clock.

A package that kills or hangs its examiner costs a refusal (``examine.resource-limit``) for itself
and one new process for us; the others in work do not notice. The limits are far above what any
package within the limits of :mod:`axis.envelope.limits` was ever seen to cost; they are there for
what nobody has thought of.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import resource
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Final, Self

from axis.envelope.limits import Limits
from axis.envelope.package import EDXML_ONLY, Types
from axis.errors import AxisError, Fault, Refusal
from axis.examine.errors import ExaminersUnavailableError, ResourceLimitError
from axis.examine.inspect import Inspection, inspect

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_PRELOAD: Final = ["axis.examine.isolation"]
_START_S: Final = 60.0  #: a process that is not ready by then never will be


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What examining one package may cost."""

    cpu_s: int = 2  #: seconds of CPU, and one more for each 32 MiB of the package
    wall_s: float = 20.0  #: from handing it over to having the answer
    memory_bytes: int = 1024 * 1024 * 1024  #: address space of an examining process
    packages: int = 20_000  #: after so many a process makes room for a fresh one


class Pool:
    """A fixed number of examining processes; :meth:`submit` may be called from many threads."""

    def __init__(
        self,
        *,
        workers: int,
        limits: Limits,
        second_opinion: bool = True,
        budget: Budget | None = None,
    ) -> None:
        self._limits = limits
        self._second_opinion = second_opinion
        self._budget = budget or Budget()
        self._idle: queue.SimpleQueue[_Examiner | None] = queue.SimpleQueue()
        self._all: set[_Examiner] = set()
        self._lock = threading.Lock()
        self._closed = False
        _CONTEXT.set_forkserver_preload(_PRELOAD)
        for _ in range(workers):
            self._idle.put(None)  # a place; the process is started when it is first needed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, body: bytes) -> Inspection | Refusal:
        """Examine a package as :func:`axis.examine.inspect.inspect` does; waits for a free process.

        Raises:
            ExaminersUnavailableError: no process can be started now.
            AxisError: with fault AXIS, if the examination itself is broken.
        """
        return self.submit_many([body])[0]

    def submit_many(
        self, bodies: Sequence[bytes], types: Types = EDXML_ONLY
    ) -> list[Inspection | Refusal]:
        """Examine packages one after the other in one process; the answers are in their order.

        A process knows the types that it began with; where they changed, a new one takes its place.

        The process reads the next package while its answer to the last is on the way, which makes
        a batch much cheaper than single packages. If it dies, the package that it was at is
        refused, and another process goes on with the next.

        Raises:
            ExaminersUnavailableError: no process can be started now.
            AxisError: with fault AXIS, if the examination itself is broken.
        """
        answers: list[Inspection | Refusal] = []
        while len(answers) < len(bodies):
            examiner = self._idle.get()
            try:
                if examiner is not None and examiner.types != types.digest:
                    self._drop(examiner)
                    examiner = None
                if examiner is None:
                    examiner = self._start(types)
                answers += examiner.examine(bodies[len(answers) :])
            except BaseException:
                self._drop(examiner)
                self._idle.put(None)
                raise
            if examiner.is_spent:
                self._drop(examiner)
                examiner = None
            self._idle.put(examiner)
        return answers

    def pids(self) -> tuple[int, ...]:
        """Return the processes that run now."""
        with self._lock:
            return tuple(sorted(each.pid for each in self._all))

    def close(self) -> None:
        """End all processes; who waits in :meth:`submit` gets an error."""
        with self._lock:
            self._closed = True
            examiners = list(self._all)
        for each in examiners:
            self._drop(each)

    def _start(self, types: Types) -> _Examiner:
        try:
            examiner = _Examiner(self._limits, self._second_opinion, self._budget, types)
        except (OSError, EOFError) as error:
            raise ExaminersUnavailableError(reason=str(error) or type(error).__name__) from error
        with self._lock:
            self._all.add(examiner)
        if self._closed:
            self._drop(examiner)
            raise ExaminersUnavailableError(reason="the pool is closed")
        return examiner

    def _drop(self, examiner: _Examiner | None) -> None:
        if examiner is not None:
            with self._lock:
                self._all.discard(examiner)
            examiner.end()


class _Examiner:
    """One process and the pipe to it."""

    def __init__(self, limits: Limits, second_opinion: bool, budget: Budget, types: Types) -> None:
        self._budget = budget
        self.types: Final = types.digest
        self._pipe, other = _CONTEXT.Pipe()
        self._process: ForkServerProcess = _CONTEXT.Process(
            target=_serve, args=(other, limits, second_opinion, budget, types), daemon=True
        )
        self._process.start()
        other.close()
        self._left = budget.packages
        self._is_over = False
        if not self._pipe.poll(_START_S):
            self.end()
            raise OSError("an examining process did not start")
        self.pid: Final = int(self._pipe.recv())

    @property
    def is_spent(self) -> bool:
        """Say whether the process has ended or has worked enough."""
        return self._left <= 0

    def examine(self, bodies: Sequence[bytes]) -> list[Inspection | Refusal]:
        """Return the answers until the process ended, at most one for each package."""
        # Bodies go out while answers come in: neither side waits with a full pipe for the other.
        sender = threading.Thread(target=self._send, args=(bodies,), daemon=True)
        sender.start()
        answers: list[Inspection | Refusal] = []
        try:
            while len(answers) < len(bodies) and (not answers or not self._is_over):
                answers.append(self._answer())
        finally:
            if self._is_over or len(answers) < len(bodies):
                self._left, self._is_over = 0, True
                self._process.kill()  # ends the sender too
            sender.join(30)
        return answers

    def _send(self, bodies: Sequence[bytes]) -> None:
        try:
            for body in bodies:
                self._pipe.send_bytes(body)
        except OSError:
            return  # the process has ended; who waits for its answer finds out

    def _answer(self) -> Inspection | Refusal:
        self._left -= 1
        try:
            if not self._pipe.poll(self._budget.wall_s):
                return self._ended(f"over {self._budget.wall_s:g} s")
            answer = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            return self._ended(_cause(self._process.exitcode))
        if isinstance(answer, AxisError):
            if answer.fault is Fault.AXIS:
                raise answer
            return answer.refusal
        if isinstance(answer, Inspection):
            return answer
        return self._ended("out of memory")

    def end(self) -> None:
        """Kill the process; nothing that it does is worth waiting for."""
        self._pipe.close()
        if self._process.is_alive():
            self._process.kill()
        self._process.join(10)

    def _ended(self, reason: str) -> Refusal:
        self._left, self._is_over = 0, True
        return ResourceLimitError(reason=reason).refusal


def _cause(exitcode: int | None) -> str:
    if exitcode == -signal.SIGXCPU:
        return "over its time of CPU"
    if exitcode is not None and exitcode < 0:
        return f"its examiner died of {signal.Signals(-exitcode).name}"
    return "its examiner died"


def _serve(
    pipe: Connection, limits: Limits, second_opinion: bool, budget: Budget, types: Types
) -> None:
    """Run in the process: examine what comes through the pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the package
    resource.setrlimit(resource.RLIMIT_AS, (budget.memory_bytes, budget.memory_bytes))
    pipe.send(os.getpid())
    while True:
        try:
            body = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        more = budget.cpu_s + len(body) // (32 * 1024 * 1024)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + more + 1, hard))
        try:
            pipe.send(_examine(body, limits, second_opinion, types))
        except MemoryError:
            pipe.send("out of memory")
            return


def _examine(
    body: bytes, limits: Limits, second_opinion: bool, types: Types
) -> Inspection | AxisError:
    try:
        return inspect(body, limits=limits, second_opinion=second_opinion, types=types)
    except AxisError as error:
        return error
