"""The ledger's bench measures a log that verifies, and its sizes grow with the logarithm."""

from __future__ import annotations

from pathlib import Path

from axis.bench.ledger import LedgerBench, measure_proofs, run, sizes


def test_a_small_run_gives_every_figure(postgresql_url: str, tmp_path: Path) -> None:
    bench = LedgerBench(entries=2_000, workers=2, proof_log=1_000, processes=1)
    figures = run(bench, postgresql_url.replace("postgresql://", "postgresql+psycopg://"), tmp_path)
    assert (figures["entries"], figures["signed"], figures["verified"]) == (2_000, 2_000, 2_000)
    assert figures["verify_good"] is True
    assert figures["entries_per_s"] > 0


def test_proofs_come_from_tiles_alone_at_any_size(tmp_path: Path) -> None:
    for size in (1, 256, 257, 66_000):
        assert measure_proofs(size, tmp_path / str(size))["proof_log_entries"] == size


def test_sizes_are_logarithmic() -> None:
    rows = sizes()
    assert [row["entries"] for row in rows] == [10**power for power in range(3, 9)]
    assert all(row["proof_bytes"] < 2_000 for row in rows)
    assert rows[-1]["proof_hashes"] <= 27
