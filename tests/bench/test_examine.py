"""The benchmark of examining tells all that it promises."""

from __future__ import annotations

import pytest

from axis.bench.examine import run
from axis.trust.values import Shape


@pytest.mark.parametrize("shape", list(Shape))
def test_each_size_gives_a_row_with_its_ratio(shape: Shape) -> None:
    rows = list(run((4_000, 1_500_000), shape, seconds=0.05, signxml=True))
    assert [row["bytes"] > 3_000 for row in rows] == [True, True]
    for row in rows:
        assert row["ratio"] == pytest.approx(row["examine_ms"] / row["bare_ms"], rel=0.05)
        assert row["signxml_ms"] > 0
    peak = rows[1]["peak_over_size"]
    assert peak is None or 0 < peak < 12  # 1.5 MB: what an examiner needs anyway weighs in
