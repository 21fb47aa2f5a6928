"""The bench of search asks each question and finds what it generated."""

from __future__ import annotations

import json
from pathlib import Path

from axis.bench.search import SearchBench, run
from axis.sandbox.postgresql import PrivatePostgreSQL


def test_generated_documents_are_asked_for_in_every_way(
    postgresql: PrivatePostgreSQL, tmp_path: Path
) -> None:
    figures = run(
        SearchBench(docs=500, asked=3, offices=200),
        postgresql.url,
        tmp_path,
        lambda *_, **__: None,
    )
    assert figures["wrong"] == []
    assert figures["docs"] == 500
    assert figures["deliveries"] > 500
    assert figures["peak_mib"]["bench"] > 20
    asked = {name: took for name, took in figures.items() if "p50_ms" in str(took)}
    assert {"trace", "overview", "search, number", "page, document", "page, office"} <= set(asked)
    assert all(0 < took["p50_ms"] <= took["p99_ms"] <= took["max_ms"] for took in asked.values())
    assert json.dumps(figures)
