"""What the largest package may cost in memory; threads do not see each other's faults."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from axis.envelope.diagnosis import diagnose
from axis.envelope.errors import EnvelopeError
from axis.envelope.package import parse
from envelope.hostile import HOSTILE
from envelope.make_bad import SCHEMA
from envelope.measure import peak_in_a_fresh_process
from envelope.papers import document, document_bytes
from tests.work import least_cpu_s


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_package_of_50_mb_takes_less_than_four_times_its_size(tmp_path: Path):
    size_mb, peak_mb = peak_in_a_fresh_process(50_000_000, tmp_path)
    assert size_mb > 47
    assert size_mb < peak_mb < 4 * size_mb


def test_threads_see_only_their_own_faults():
    """lxml keeps the faults of a run on the schema, so each thread has schemas of its own."""
    bad = {name: (code, make()) for name, (code, make) in SCHEMA.items()}
    good = document_bytes()

    def examine(name: str) -> tuple[str, str]:
        assert parse(good).envelope == document()
        with pytest.raises(EnvelopeError) as caught:
            parse(bad[name][1])
        return name, caught.value.code

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            for name, code in pool.map(examine, list(bad) * 5):
                assert code == bad[name][0]
    finally:
        sys.setswitchinterval(switch)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_worst_packages_cost_less_than_a_second_of_work(name: str):
    body = HOSTILE[name]()
    for work in (parse, diagnose):

        def examine(work: Callable[[bytes], object] = work) -> None:
            with contextlib.suppress(EnvelopeError):
                work(body)

        # it is under one second on an idle machine
        assert least_cpu_s(examine, enough_s=3) < 3
