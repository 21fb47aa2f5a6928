"""A relay worker that is killed at a named point: ``python -m tests.relay.crashing POINT ROUND``.

POINT names the step after which SIGKILL comes, in the batch number ROUND (from 1). The settings are
those of ``$AXIS_CONFIG``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter

from axis.relay import run
from axis.relay.pipeline import Pipeline
from axis.settings import load_settings

POINTS = ("examined", "recorded", "half-published", "published", "acknowledged")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(point: str, in_round: int) -> None:
    """Change the pipeline so that it dies at the point."""
    #: The next batch may be examined while one is recorded: each step counts its own.
    rounds: Counter[str] = Counter()
    real_judge, real_commit = Pipeline._judge_all, Pipeline._commit
    real_publish, real_answer = Pipeline._publish, Pipeline._answer

    def is_now(*names: str) -> bool:
        """Count a step that was reached, and say whether this is where death comes."""
        rounds.update(names)
        return point in names and rounds[point] == in_round

    def judge_all(self, batch, outcome):
        judged = real_judge(self, batch, outcome)
        if is_now("examined"):
            die()
        return judged

    async def commit(self, *args):
        committed = await real_commit(self, *args)
        if is_now("recorded"):
            die()
        return committed

    async def publish(self, committed):
        if is_now("half-published"):
            half = committed.deliveries[: len(committed.deliveries) // 2]
            await real_publish(self, type(committed)(verdicts=committed.verdicts, deliveries=half))
            die()
        told = await real_publish(self, committed)
        if is_now("published"):
            die()
        return told

    def answer(self, *args):
        if is_now("acknowledged"):
            die()
        real_answer(self, *args)

    Pipeline._judge_all = judge_all
    Pipeline._commit = commit
    Pipeline._publish = publish
    Pipeline._answer = answer


if __name__ == "__main__":
    crash_at(sys.argv[1], int(sys.argv[2]))
    run.work(load_settings())
