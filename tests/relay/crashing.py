"""A relay worker that is killed at a named point: ``python -m tests.relay.crashing POINT ROUND``.

POINT names the step after which SIGKILL comes, in the batch number ROUND (from 1). The settings are
those of ``$AXIS_CONFIG``.
"""

from __future__ import annotations

import os
import signal
import sys

from axis.relay import run
from axis.relay.pipeline import Pipeline
from axis.settings import load_settings

POINTS = ("examined", "recorded", "half-published", "published", "acknowledged")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(point: str, in_round: int) -> None:
    """Change the pipeline so that it dies at the point."""
    rounds = 0
    real_judge, real_commit = Pipeline._judge_all, Pipeline._commit
    real_publish, real_answer = Pipeline._publish, Pipeline._answer

    def judge_all(self, batch, outcome):
        nonlocal rounds
        rounds += 1
        judged = real_judge(self, batch, outcome)
        if point == "examined" and rounds == in_round:
            die()
        return judged

    async def commit(self, *args):
        committed = await real_commit(self, *args)
        if point == "recorded" and rounds == in_round:
            die()
        return committed

    async def publish(self, committed):
        if point == "half-published" and rounds == in_round:
            half = committed.deliveries[: len(committed.deliveries) // 2]
            await real_publish(self, type(committed)(verdicts=committed.verdicts, deliveries=half))
            die()
        told = await real_publish(self, committed)
        if point == "published" and rounds == in_round:
            die()
        return told

    def answer(self, *args):
        if point == "acknowledged" and rounds == in_round:
            die()
        real_answer(self, *args)

    Pipeline._judge_all = judge_all
    Pipeline._commit = commit
    Pipeline._publish = publish
    Pipeline._answer = answer


if __name__ == "__main__":
    crash_at(sys.argv[1], int(sys.argv[2]))
    run.work(load_settings())
