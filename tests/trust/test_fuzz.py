"""A moment of fuzzing; ``tests/trust/fuzz.py`` says how to run it for an hour."""

from __future__ import annotations

import warnings

import pytest

from tests.trust.fuzz import run


@pytest.mark.parametrize("seed", [1, 2])
def test_broken_input_meets_a_refusal_and_nothing_else(
    seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography's, about certificates that are odd
        counts = run(seconds=3, seed=seed)
    with capsys.disabled():
        told = {name: (sum(codes.values()), len(codes)) for name, codes in counts.items()}
        print(f"\nfuzzing, target: (inputs, different answers) {told}")
    assert counts["package"].total() > 20
    assert len(counts["package"]) > 5
