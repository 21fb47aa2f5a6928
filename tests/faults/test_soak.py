"""Every fault under load, each once at least: nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from axis.chaos.faults import FAULTS
from axis.chaos.soak import Report, soak
from axis.sandbox.errors import NoPostgreSQLError, NoRabbitMQError


@pytest.mark.timeout(600)
def test_under_every_fault_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    try:
        report = soak(tmp_path, minutes=0.5, seed=seed, rate=4, pause_s=(0.3, 1.0), say=print)
    except (NoRabbitMQError, NoPostgreSQLError) as error:
        pytest.skip(str(error))
    assert report.verdict == "PASS", report.to_json()
    assert report.figures["lost"] == report.figures["duplicated"] == 0


def test_a_run_without_one_of_the_faults_proves_nothing() -> None:
    report = Report(seed=1, minutes=1)
    report.faults.update(list(FAULTS)[1:])
    assert report.verdict == "INVALID"
    report.faults.update(list(FAULTS))
    assert report.verdict == "PASS"
    report.wrong.append("lost: …")
    assert report.verdict == "FAIL"
