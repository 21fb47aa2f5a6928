"""Examines packages in processes of their own, under limits of CPU, memory and wall clock.

A package that kills or hangs its examiner costs a refusal (``examine.resource-limit``) for itself
and one new process for us; the others in work do not notice. The limits are far above what any
package within the limits of :mod:`axis.envelope.limits` was ever seen to cost; they are there for
what nobody has thought of.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator, Sequence
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
from axis.examine.places import Places
from axis.examine.wire import decode_answers, encode_answers

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_PRELOAD: Final = ["axis.examine.isolation"]
_START_S: Final = 60.0  #: a process that is not ready by then never will be
_LOOKS: Final = 8  #: how often a slow process is looked at before it is given up


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
        kept: int = 0,
    ) -> None:
        """Begin without a process; each is started when it is first needed.

        Args:
            workers: how many processes.
            limits: what a package may be.
            second_opinion: read each signature twice, by two implementations.
            budget: what examining one package may cost.
            kept: how many of the processes work for what is urgent only.
        """
        self._limits = limits
        self._second_opinion = second_opinion
        self._budget = budget or Budget()
        self._idle: Places[_Examiner] = Places(workers, kept=kept)
        self._all: set[_Examiner] = set()
        self._lock = threading.Lock()
        self._closed = False
        _CONTEXT.set_forkserver_preload(_PRELOAD)

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
        self, bodies: Sequence[bytes], types: Types = EDXML_ONLY, *, urgent: bool = False
    ) -> list[Inspection | Refusal]:
        """Examine packages one after the other in one process; the answers are in their order.

        A process knows the types that it began with; where they changed, a new one takes its place.

        They travel to the process and back as one message each way, which makes a batch much
        cheaper than single packages. If it dies, the package that it was at is refused, those
        before it are examined once more, and another process goes on with the next.

        Raises:
            ExaminersUnavailableError: no process can be started now.
            AxisError: with fault AXIS, if the examination itself is broken.
        """
        answers: list[Inspection | Refusal] = []
        refused: dict[int, Refusal] = {}
        idle_deaths = 0  #: processes that ended before they had begun with a package
        while len(answers) < len(bodies):
            place = len(answers)
            if place in refused:
                answers.append(refused[place])
                continue
            until = min((one for one in refused if one > place), default=len(bodies))
            got = self._examine(bodies[place:until], types, urgent)
            if not isinstance(got, _Ended):
                answers += got
            elif got.is_nonsense and until - place > 1:
                # Which of them took the process over is seen when each has one to itself.
                for body in bodies[place:until]:
                    answers += self.submit_many([body], types, urgent=urgent)
            elif got.at is not None:
                refused[place + got.at] = got.refusal
            elif idle_deaths:
                refused[place] = got.refusal
            else:
                idle_deaths += 1
        return answers

    def _examine(
        self, bodies: Sequence[bytes], types: Types, urgent: bool
    ) -> list[Inspection | Refusal] | _Ended:
        examiner = self._idle.take(urgent=urgent)
        try:
            if examiner is not None and examiner.types != types.digest:
                self._drop(examiner)
                examiner = None
            if examiner is None:
                examiner = self._start(types)
            answer = examiner.examine(bodies)
        except BaseException:
            self._drop(examiner)
            self._idle.give(None, urgent=urgent)
            raise
        if examiner.is_spent:
            self._drop(examiner)
            examiner = None
        self._idle.give(examiner, urgent=urgent)
        return answer

    def warm(self, types: Types = EDXML_ONLY) -> None:
        """Start all processes that are free, so that no package waits for one.

        Raises:
            ExaminersUnavailableError: one cannot be started now.
        """
        self._idle.fill(lambda: self._start(types))

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """A process ended at its work."""

    at: int | None  #: which package it was at; None: it had not begun with any
    refusal: Refusal
    is_nonsense: bool = False  #: it did answer, but not in the form of answers


class _Examiner:
    """One process, the pipe to it, and a pipe on which it says with which package it begins."""

    def __init__(self, limits: Limits, second_opinion: bool, budget: Budget, types: Types) -> None:
        self._budget = budget
        self.types: Final = types.digest
        self._pipe, other = _CONTEXT.Pipe()
        self._begins, says = _CONTEXT.Pipe(duplex=False)
        self._process: ForkServerProcess = _CONTEXT.Process(
            target=_serve, args=(other, says, limits, second_opinion, budget, types), daemon=True
        )
        self._process.start()
        other.close()
        says.close()
        self._left = budget.packages
        if not self._pipe.poll(_START_S):
            self.end()
            raise OSError("an examining process did not start")
        self.pid: Final = int(self._pipe.recv())

    @property
    def is_spent(self) -> bool:
        """Say whether the process has ended or has worked enough."""
        return self._left <= 0

    def examine(self, bodies: Sequence[bytes]) -> list[Inspection | Refusal] | _Ended:
        """Return the answers to all packages, or at which of them the process ended."""
        self._left -= len(bodies)
        sender = threading.Thread(target=self._send, args=(bodies,), daemon=True)
        sender.start()
        try:
            return self._answers()
        except BaseException:
            self._left = 0
            raise
        finally:
            if self._left <= 0:
                self._process.kill()  # ends the sender too
            sender.join(30)

    def _send(self, bodies: Sequence[bytes]) -> None:
        try:
            self._pipe.send([len(body) for body in bodies])
            self._pipe.send_bytes(bodies[0] if len(bodies) == 1 else b"".join(bodies))
        except OSError:
            return  # the process has ended; who waits for its answers finds out

    def _answers(self) -> list[Inspection | Refusal] | _Ended:
        begun, waited, look_s = 0, 0.0, self._budget.wall_s / _LOOKS
        try:
            while waited < self._budget.wall_s:
                if self._pipe.poll(look_s):
                    told = self._pipe.recv_bytes()
                    begun += self._begun()
                    return self._read(told, begun)
                more = self._begun()
                begun, waited = begun + more, 0.0 if more else waited + look_s
            reason = f"over {self._budget.wall_s:g} s"
        except (EOFError, OSError):
            self._process.join(5)
            reason = _cause(self._process.exitcode)
        self._left = 0
        begun += self._begun()
        refusal = ResourceLimitError(reason=reason).refusal
        return _Ended(at=begun - 1 if begun else None, refusal=refusal)

    def _read(self, told: bytes, begun: int) -> list[Inspection | Refusal] | _Ended:
        try:
            heard = decode_answers(told)
            if len(heard) > begun:
                raise ValueError(f"{len(heard)} answers to {begun} packages")
        except ValueError:
            self._left = 0  # whatever answers in this way reads no other package
            refusal = ResourceLimitError(reason="its examiner gave no answer").refusal
            return _Ended(at=0, refusal=refusal, is_nonsense=True)
        answers: list[Inspection | Refusal] = []
        for answer in heard:
            if isinstance(answer, AxisError):
                if answer.fault is Fault.AXIS:
                    raise answer
                answers.append(answer.refusal)
            else:
                answers.append(answer)
        if len(answers) < begun:
            self._left = 0  # it is out of memory, and ends
            refusal = ResourceLimitError(reason="out of memory").refusal
            return _Ended(at=len(answers), refusal=refusal)
        return answers

    def _begun(self) -> int:
        """Return with how many more packages the process says that it has begun."""
        count = 0
        with contextlib.suppress(OSError):
            while self._begins.poll() and (said := os.read(self._begins.fileno(), 4096)):
                count += len(said)
        return count

    def end(self) -> None:
        """Kill the process; nothing that it does is worth waiting for."""
        self._pipe.close()
        self._begins.close()
        if self._process.is_alive():
            self._process.kill()
        self._process.join(10)


def _cause(exitcode: int | None) -> str:
    if exitcode == -signal.SIGXCPU:
        return "over its time of CPU"
    if exitcode is not None and exitcode < 0:
        return f"its examiner died of {signal.Signals(-exitcode).name}"
    return "its examiner died"


def _serve(
    pipe: Connection,
    says: Connection,
    limits: Limits,
    second_opinion: bool,
    budget: Budget,
    types: Types,
) -> None:
    """Run in the process: examine what comes through the pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the package
    resource.setrlimit(resource.RLIMIT_AS, (budget.memory_bytes, budget.memory_bytes))
    pipe.send(os.getpid())
    allowance = _Allowance()
    while True:
        try:
            sizes = pipe.recv()
            bodies = _taken_apart(pipe.recv_bytes(), sizes)
        except (EOFError, OSError):
            return
        answers: list[Inspection | AxisError] = []
        try:
            for body in bodies:
                os.write(says.fileno(), b".")
                allowance.give(budget.cpu_s + len(body) // (32 * 1024 * 1024))
                answers.append(_examine(body, limits, second_opinion, types))
        except MemoryError:
            pipe.send_bytes(encode_answers(answers))  # fewer than were begun
            return
        pipe.send_bytes(encode_answers(answers))


def _taken_apart(whole: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    if len(sizes) == 1:
        yield whole
        return
    at = 0
    for size in sizes:
        yield whole[at : at + size]
        at += size


class _Allowance:
    """The processor time that this process may use up to a package's end.

    The kernel takes 0.1 ms and more to set the limit, which counts whole seconds: it is set anew
    only where what is left of it does not do for the next package.
    """

    def __init__(self) -> None:
        self._until = 0

    def give(self, seconds: int) -> None:
        """Let the next package use so many seconds, and up to two more."""
        spent = math.ceil(time.process_time())
        if not spent + seconds <= self._until <= spent + seconds + 1:
            self._until = spent + seconds + 1
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (self._until, hard))


def _examine(
    body: bytes, limits: Limits, second_opinion: bool, types: Types
) -> Inspection | AxisError:
    try:
        return inspect(body, limits=limits, second_opinion=second_opinion, types=types)
    except AxisError as error:
        return error
