"""Runs the yardstick beside the bench, on the same servers, with the same size and workers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from axis.bench.errors import FloorFailedError
from axis.bench.relay import RelayBench
from axis.bench.servers import Servers

TIMEOUT_S = 900


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
