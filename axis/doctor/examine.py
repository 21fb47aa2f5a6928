"""Runs the checks beside each other, each for itself; one that hangs keeps nobody waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from axis.doctor.checks import ALL, CHECKS
from axis.doctor.errors import CheckUnknownError, NoAnswerError, SkippedError
from axis.doctor.values import ORDER, Answer, Check, Findings, Patient, Verdict, verdict_of
from axis.errors import AxisError
from axis.settings import Settings
from axis.store.engine import open_reader

log = logging.getLogger(__name__)

#: Of the time that all have together, what those get that others need.
_FIRST_SHARE: Final = 0.6


def examine(
    settings: Settings,
    only: Collection[str] = (),
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Answer]:
    """Return what the checks found, in the order of the table; nothing is changed by asking.

    Args:
        settings: of the installation.
        only: names of checks; none: all of them. Those that they need are made too, but not
            answered for.
        now: the instant.

    Raises:
        CheckUnknownError: there is no such check.
    """
    for name in only:
        if name not in CHECKS:
            raise CheckUnknownError(name=name, known=", ".join(CHECKS))
    wanted = [check for check in ALL if not only or check.name in only]
    needed = {name for check in wanted for name in check.needs}
    engine = open_reader(settings.database_url, answer_s=settings.doctor.answer_s / 2)
    patient = Patient(settings, engine, now)
    until = time.monotonic() + settings.doctor.answer_s
    first_until = time.monotonic() + settings.doctor.answer_s * _FIRST_SHARE
    first = [check for check in ALL if check.name in needed]
    free = [check for check in wanted if not check.needs and check.name not in needed]
    try:
        runs = {check.name: _Run(check, patient) for check in (*first, *free)}
        answers = {check.name: runs[check.name].answer(first_until) for check in first}
        away = {name for name, one in answers.items() if _is_away(one)}
        later = [check for check in wanted if check.needs]
        for check in later:
            if not away & set(check.needs):
                runs[check.name] = _Run(check, patient)
        for check in wanted:
            if check.name in answers:
                continue
            blocked = sorted(away & set(check.needs))
            answers[check.name] = (
                _skipped(check, blocked[0]) if blocked else runs[check.name].answer(until)
            )
    finally:
        engine.dispose()
    return [answers[check.name] for check in wanted]


def worst(answers: Sequence[Answer]) -> Verdict:
    """Return the worst verdict of all."""
    return max((one.verdict for one in answers), key=ORDER.index, default=Verdict.GOOD)


class _Run:
    """One check in a thread of its own: a library that hangs is left behind."""

    def __init__(self, check: Check, patient: Patient) -> None:
        self._check = check
        self._found = Findings()
        self._began = time.monotonic()
        self._took_s = 0.0
        self._done = threading.Event()
        threading.Thread(
            target=self._look, args=(patient,), name=f"check {check.name}", daemon=True
        ).start()

    def _look(self, patient: Patient) -> None:
        try:
            self._check.look(patient, self._found)
        except AxisError as error:
            self._found.add(error)
        except Exception as error:
            # The boundary: a check with a mistake must not hide what the others found.
            log.exception("a check failed", extra={"check": self._check.name})
            self._found.add(_no_answer(self._check, f"{type(error).__name__}: {error}"))
        self._took_s = time.monotonic() - self._began
        self._done.set()

    def answer(self, until: float) -> Answer:
        """Return what was found by then."""
        if not self._done.wait(max(0.0, until - time.monotonic())):
            waited = time.monotonic() - self._began
            late = _no_answer(self._check, f"none within {waited:.1f} s")
            return _answer(self._check, Findings(troubles=[late]), waited)
        return _answer(self._check, self._found, self._took_s)


def _answer(check: Check, found: Findings, took_s: float) -> Answer:
    verdicts = [verdict_of(one) for one in found.troubles]
    return Answer(
        check=check,
        verdict=max(verdicts, key=ORDER.index, default=Verdict.GOOD),
        facts=dict(found.facts),
        troubles=tuple(found.troubles),
        took_s=took_s,
    )


def _is_away(answer: Answer) -> bool:
    """Say whether what others need cannot be used: a remark about it is no obstacle."""
    return any(
        not one.code.startswith("doctor.") or isinstance(one, NoAnswerError)
        for one in answer.troubles
    )


def _no_answer(check: Check, reason: str) -> NoAnswerError:
    return NoAnswerError(check=check.name, reason=reason.split("\n", 1)[0][:200])


def _skipped(check: Check, needs: str) -> Answer:
    error = SkippedError(check=check.name, needs=needs)
    return _answer(check, Findings(troubles=[error]), 0.0)
