"""What is urgent goes beside a flood, and a run that was no flood says so."""

from __future__ import annotations

from pathlib import Path

from axis.bench.fairness import FairnessBench, run
from axis.bench.servers import Servers
from axis.sandbox.postgresql import PrivatePostgreSQL


def test_express_documents_arrive_beside_circulars_and_large_ones(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    bench = FairnessBench(
        circulars=3, large=2, large_bytes=300_000, workers=1, examiners=0, offices=120, systems=4
    )
    figures = run(bench, where, tmp_path, lambda *_, **__: None)
    assert (figures["lost"], figures["duplicated"], figures["refused"]) == (0, 0, 0)
    assert figures["express"] > 0
    assert figures["deliveries"] == 3 * 120 + 2 + figures["express"]
    # So few went beside so small a flood that the run says nothing, and says that.
    assert any("express" in why for why in figures["wrong"])
