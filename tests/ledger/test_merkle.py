"""The tree: published values, published proofs, other people's verifiers, all small sizes."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.errors import AxisError
from axis.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    levels_of,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
    whole_nodes,
)

MOST = 1_100
ALL_PAIRS = 530  #: past two powers of two; beyond, sizes are drawn
LEAVES = [leaf_hash(f"entry {n}".encode()) for n in range(MOST)]
LEVELS = levels_of(LEAVES)

CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a98",
    "fac54203e7cc696c",
    "aeb6bcfe274b70a1",
    "d37ee418976dd957",
    "4e3bbb1f7b478dcf",
    "76e67dadbcdf1e10",
    "ddb89be403809e32",
    "5dc9da79a70659a9",
]


def nodes(level: int, index: int) -> bytes:
    return LEVELS[level][index]


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


ROOTS = [naive_root(LEAVES[:size]) for size in range(MOST + 1)]


def test_the_roots_of_the_published_inputs_are_the_published_ones() -> None:
    frontier = Frontier()
    for entry, start in zip(CT_INPUTS, CT_ROOTS, strict=True):
        frontier.append(leaf_hash(entry))
        assert frontier.root.hex().startswith(start)


def test_the_root_of_every_size_is_that_of_the_definition() -> None:
    frontier = Frontier()
    for size in range(MOST):
        assert frontier.root == root_hash(nodes, size) == ROOTS[size]
        frontier.append(LEAVES[size])
    assert Frontier(0).root == EMPTY_ROOT


def test_a_frontier_goes_on_from_any_size() -> None:
    for size in range(300):
        frontier = Frontier(size, [nodes(*name) for name in whole_nodes(0, size)])
        for leaf in LEAVES[size:310]:
            frontier.append(leaf)
        assert frontier.root == ROOTS[310]


def test_every_entry_of_every_size_to_530_proves_its_place() -> None:
    for size in range(1, ALL_PAIRS + 1):
        for index in range(size):
            verify_inclusion(
                LEAVES[index], index, size, inclusion_proof(nodes, index, size), ROOTS[size]
            )


def test_every_pair_of_sizes_to_530_proves_consistency() -> None:
    for new in range(ALL_PAIRS + 1):
        for old in range(new + 1):
            verify_consistency(old, new, consistency_proof(nodes, old, new), ROOTS[old], ROOTS[new])


@given(st.data())
def test_no_changed_inclusion_proof_passes(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(nodes, index, size)
    values = [LEAVES[index], ROOTS[size], *proof]
    victim = data.draw(st.integers(0, len(values) - 1))
    bit = data.draw(st.integers(0, 255))
    values[victim] = (int.from_bytes(values[victim]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(AxisError) as refused:
        verify_inclusion(values[0], index, size, values[2:], values[1])
    assert refused.value.code == "ledger.not-included"
    for shorter in (proof[:-1], proof[1:]) if proof else ():
        with pytest.raises(AxisError):
            verify_inclusion(LEAVES[index], index, size, shorter, ROOTS[size])
    other = data.draw(st.integers(-3, size + 3))
    if other != index:
        with pytest.raises(AxisError):
            verify_inclusion(LEAVES[index], other, size, proof, ROOTS[size])
    with pytest.raises(AxisError):
        verify_inclusion(LEAVES[index], index, size, [*proof, bytes(32)], ROOTS[size])


@given(st.data())
def test_no_changed_consistency_proof_passes(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(nodes, old, new)
    values = [ROOTS[old], ROOTS[new], *proof]
    victim = data.draw(st.integers(0, len(values) - 1))
    bit = data.draw(st.integers(0, 255))
    values[victim] = (int.from_bytes(values[victim]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(AxisError) as refused:
        verify_consistency(old, new, values[2:], values[0], values[1])
    assert refused.value.code == "ledger.not-consistent"
    for other in (proof[:-1], proof[1:], [*proof, bytes(32)], [bytes(32), *proof]):
        with pytest.raises(AxisError):
            verify_consistency(old, new, other, ROOTS[old], ROOTS[new])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_proves_nothing(length: int) -> None:
    odd = bytes(length)
    for attempt in (
        lambda: verify_inclusion(odd, 0, 1, [], odd),
        lambda: verify_inclusion(LEAVES[0], 0, 2, [odd], ROOTS[2]),
        lambda: verify_consistency(1, 1, [], odd, odd),
        lambda: verify_consistency(1, 2, [odd], ROOTS[1], ROOTS[2]),
    ):
        with pytest.raises(AxisError) as refused:
            attempt()
        assert refused.value.code == "ledger.hash-length"


def test_proofs_of_impossible_places_are_refused() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 3), (7, 3)):
        with pytest.raises(AxisError) as refused:
            inclusion_proof(nodes, index, size)
        assert refused.value.code == "ledger.not-included"
    for old, new in ((3, 2), (-1, 2)):
        with pytest.raises(AxisError) as refused:
            consistency_proof(nodes, old, new)
        assert refused.value.code == "ledger.not-consistent"
        with pytest.raises(AxisError):
            verify_consistency(old, new, [], ROOTS[2], ROOTS[2])


def test_the_empty_tree_is_the_beginning_of_every_tree_but_only_by_its_own_root() -> None:
    verify_consistency(0, 7, [], EMPTY_ROOT, ROOTS[7])
    for proof, root in (([bytes(32)], EMPTY_ROOT), ([], ROOTS[1])):
        with pytest.raises(AxisError):
            verify_consistency(0, 7, proof, root, ROOTS[7])


def test_the_published_vectors_get_the_published_verdicts(shared: Path) -> None:
    folder = shared / "data/corpora/merkle-proofs/transparency-dev"
    if not folder.is_dir():
        pytest.skip(f"no vectors in {folder}")
    wrong = []
    paths = sorted(folder.glob("*/**/*.json"))
    for path in paths:
        case = json.loads(path.read_text())
        proof = [base64.b64decode(text) for text in case["proof"] or []]
        try:
            if "leafIdx" in case:
                verify_inclusion(
                    base64.b64decode(case["leafHash"]),
                    case["leafIdx"],
                    case["treeSize"],
                    proof,
                    base64.b64decode(case["root"]),
                )
            else:
                verify_consistency(
                    case["size1"],
                    case["size2"],
                    proof,
                    base64.b64decode(case["root1"]),
                    base64.b64decode(case["root2"]),
                )
            refused = False
        except AxisError:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(str(path.relative_to(folder)))
    assert len(paths) >= 90
    assert wrong == []


def test_pymerkle_gives_the_same_roots_and_takes_our_proofs() -> None:
    pymerkle = pytest.importorskip("pymerkle", reason="pymerkle, an independent reader, is absent")
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(200):
        theirs.append_entry(f"entry {n}".encode())
        assert theirs.get_root() == ROOTS[n + 1]
    chosen = random.Random(1)
    for _ in range(200):
        size = chosen.randrange(1, 201)
        index = chosen.randrange(size)
        path = theirs.prove_inclusion(index + 1, size).path
        assert path == [LEAVES[index], *inclusion_proof(nodes, index, size)]


def test_sigstore_takes_our_inclusion_proofs() -> None:
    merkle = pytest.importorskip(
        "sigstore._internal.merkle", reason="sigstore, an independent verifier, is absent"
    )
    for size in (1, 2, 3, 7, 8, 100, 1_000):
        for index in {0, size // 2, size - 1}:
            proof = inclusion_proof(nodes, index, size)
            inner, border = merkle._decomp_inclusion_proof(index, size)
            assert inner + border == len(proof)
            result = merkle._chain_inner(LEAVES[index], proof[:inner], index)
            assert merkle._chain_border_right(result, proof[inner:]) == ROOTS[size]
