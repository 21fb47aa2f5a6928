"""What a document costs after others: the same load in two databases."""

from __future__ import annotations

from pathlib import Path

from axis.bench.growth import GrowthBench, run
from axis.bench.servers import Servers
from axis.sandbox.postgresql import PrivatePostgreSQL


def test_the_same_load_goes_to_two_databases(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    bench = GrowthBench(history=400, few=100, docs=30, workers=1, pairs=1, asked=2)
    figures = run(bench, where, tmp_path, lambda *_, **__: None)
    assert figures["wrong"] == []
    assert figures["lost"] == figures["duplicated"] == figures["refused"] == 0
    for name in ("few", "many"):
        assert len(figures[name]["runs"]) == 1
        assert figures[name]["cpu_ms"].keys() == {"relay-0", "others"}
        assert all(figures[name][f"{what}_ms"] > 0 for what in ("mailbox", "trace", "purge_step"))
    assert figures["ratio"].keys() == {
        *("cpu_ms", "seconds", "written_mib", "mailbox_ms", "trace_ms", "purge_step_ms"),
    }
