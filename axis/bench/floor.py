"""Runs the yardstick beside the bench, on the same servers, with the same size and workers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, Final

from axis.bench.errors import FloorFailedError
from axis.bench.relay import RelayBench, run
from axis.bench.servers import Servers

TIMEOUT_S: Final = 900
#: Sizes of attachments at which the yardstick is set, with packages that take some seconds.
SIZES: Final = {5_000: 8_000, 30_000: 6_000, 300_000: 2_000}


def run_pairs(
    bench: RelayBench,
    where: Servers,
    home: Path,
    *,
    pairs: int,
    script: Path | None,
    say: Callable[..., None],
) -> dict[str, Any]:
    """Measure several times, each time beside the yardstick if there is one; give the medians.

    Raises:
        FloorFailedError: the yardstick failed or printed no figure.
        BenchUnusableError: the servers hold work of somebody else.
    """
    figures, floors = [], []
    for pair in range(pairs):
        say("run {pair} of {pairs} …", pair=pair + 1, pairs=pairs)
        figures.append(run(bench, where, home / f"run-{pair}"))
        shutil.rmtree(home / f"run-{pair}", ignore_errors=True)
        if script is not None:
            floors.append(run_floor(script, bench, where))
    middle = median(one["docs_per_s"] for one in figures)
    answer = figures[-1] | {
        "docs_per_s": middle,
        "runs": [one["docs_per_s"] for one in figures],
        "lost": sum(one["lost"] for one in figures),
        "duplicated": sum(one["duplicated"] for one in figures),
        "refused": sum(one["refused"] for one in figures),
        "wrong": [why for one in figures for why in one["wrong"]],
    }
    if floors:
        answer["floor_docs_per_s"] = median(floors)
        answer["floor_runs"] = floors
        answer["ratio"] = round(middle / answer["floor_docs_per_s"], 3)
    return answer


def run_sizes(
    benches: Iterable[RelayBench],
    where: Servers,
    home: Path,
    *,
    pairs: int,
    script: Path,
    say: Callable[..., None],
) -> dict[str, Any]:
    """Measure the relay beside the yardstick at several sizes.

    Raises:
        FloorFailedError, BenchUnusableError: see :func:`run_pairs`.
    """
    rows, wrong = [], []
    for bench in benches:
        say("attachments of {size} bytes …", size=bench.size_bytes)
        one = run_pairs(bench, where, home, pairs=pairs, script=script, say=say)
        wrong += [f"{bench.size_bytes} bytes: {why}" for why in one["wrong"]]
        rows.append(
            {
                "size": bench.size_bytes,
                **{
                    name: one[name]
                    for name in (
                        *("document_bytes", "docs", "docs_per_s", "floor_docs_per_s", "ratio"),
                        *("runs", "floor_runs", "stage_ms", "cpu_ms", "busy_share", "peak_mib"),
                        *("lost", "duplicated", "refused"),
                    )
                },
            }
        )
    return {"sizes": rows, "pairs": pairs, "wrong": wrong}


def run_floor(script: Path, bench: RelayBench, where: Servers) -> float:
    """Return the yardstick's documents per second.

    Raises:
        FloorFailedError: it failed or printed no figure.
    """
    words = [
        sys.executable,
        str(script),
        *("--amqp", where.amqp),
        *("--pg", where.pg.replace("postgresql+psycopg://", "postgresql://", 1)),
        *("--size", str(bench.size_bytes)),
        *("--docs", str(bench.docs)),
        *("--workers", str(bench.workers)),
    ]
    done = subprocess.run(  # the operator named the script
        words, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise FloorFailedError(script=str(script), reason=reason)
    return float(json.loads(lines[-1])["docs_per_s"])
