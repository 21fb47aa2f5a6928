"""Tiles and proof files: the published example, every size, damaged files."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint
from axis.ledger.merkle import inclusion_proof, leaf_hash, levels_of, root_hash
from axis.ledger.note import Note, NoteSigner
from axis.ledger.proof import Proof, parse_proof, verify_proof
from axis.ledger.tiles import Tile, TileNodes, encode_bundle, parse_bundle, split_tile, tiles_of

SIZE = 70_000
LEAVES = [leaf_hash(n.to_bytes(4)) for n in range(SIZE)]
LEVELS = levels_of(LEAVES)


def nodes(level: int, index: int) -> bytes:
    return LEVELS[level][index]


def tile_bytes(tile: Tile) -> bytes:
    assert tile.level is not None
    row = LEVELS[8 * tile.level]
    return b"".join(row[tile.number * 256 : tile.number * 256 + tile.width])


def test_a_log_of_70000_entries_has_the_published_tiles() -> None:
    tiles = list(tiles_of(SIZE))
    by_level = {level: [t for t in tiles if t.level == level] for level in (None, 0, 1, 2, 3)}
    assert [t.width for t in by_level[0]] == [256] * 273 + [112]
    assert [t.width for t in by_level[None]] == [256] * 273 + [112]
    assert [t.width for t in by_level[1]] == [256, 17]
    assert [t.width for t in by_level[2]] == [1]
    assert by_level[3] == []


def test_a_log_of_256_entries_has_a_full_tile_and_one_above_it() -> None:
    assert [t.path for t in tiles_of(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(tiles_of(0)) == []


def test_paths_are_those_of_the_specification() -> None:
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(None, 0, 5).path == "tile/entries/000.p/5"
    assert Tile(63, 999, 1).path == "tile/63/999.p/1"
    assert Tile(1, 1_000).path == "tile/1/x001/000"


@given(st.integers(0, SIZE), st.integers(0, SIZE))
def test_a_log_that_has_grown_needs_just_the_tiles_that_it_did_not_have(a: int, b: int) -> None:
    old, new = sorted((a, b))
    assert set(tiles_of(new, old)) == set(tiles_of(new)) - set(tiles_of(old))


@given(st.integers(1, SIZE), st.data())
def test_tiles_alone_give_root_and_proofs(size: int, data: st.DataObject) -> None:
    existing = set(tiles_of(size))

    def read(tile: Tile) -> bytes:
        assert tile in existing
        return tile_bytes(tile)

    from_tiles = TileNodes(read, size)
    assert root_hash(from_tiles, size) == root_hash(nodes, size)
    index = data.draw(st.integers(0, size - 1))
    assert inclusion_proof(from_tiles, index, size) == inclusion_proof(nodes, index, size)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_back_as_it_was_written(entries: list[bytes]) -> None:
    bundle = encode_bundle(entries)
    assert parse_bundle(bundle, len(entries)) == entries
    for broken in (bundle[:-1], bundle + b"\x00", bundle + b"\x00\x00"):
        with pytest.raises(AxisError) as refused:
            parse_bundle(broken, len(entries))
        assert refused.value.code == "ledger.bundle-malformed"


def test_a_tile_of_another_length_is_refused() -> None:
    with pytest.raises(AxisError) as refused:
        split_tile(Tile(0, 0, 3), bytes(95))
    assert refused.value.code == "ledger.tile-malformed"


LOG = NoteSigner("axis.example/ledger/2026", Ed25519PrivateKey.from_private_bytes(b"l" * 32))


def proof_of(index: int, size: int, extra: bytes | None = None) -> Proof:
    text = str(Checkpoint(origin=LOG.verifier.name, size=size, root=root_hash(nodes, size)))
    return Proof(
        index=index,
        path=tuple(inclusion_proof(nodes, index, size)),
        checkpoint=str(Note(text=text, signatures=(LOG.sign(text),))),
        extra=extra,
    )


@given(st.integers(1, SIZE), st.data())
def test_a_proof_file_proves_its_entry_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(index, size, data.draw(st.none() | st.binary(max_size=50)))
    content = str(proof).encode()
    assert parse_proof(content) == proof
    assert verify_proof(proof, LEAVES[index], LOG.verifier).checkpoint.size == size
    with pytest.raises(AxisError) as refused:
        verify_proof(proof, LEAVES[index - 1] if size > 1 else bytes(32), LOG.verifier)
    assert refused.value.code == "ledger.not-included"


def test_no_changed_bit_of_a_proof_file_passes_unseen() -> None:
    whole = str(proof_of(77, 300)).encode()
    for bit in range(len(whole) * 8):
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(AxisError):
            verify_proof(parse_proof(bytes(content)), LEAVES[77], LOG.verifier)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"c2sp.org/tlog-proof@v1\n\n",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 01\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra *\nindex 1\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra AB==\nindex 1\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\n" + b"A" * 43 + b"=\n" * 70 + b"\nx",
        b"\xff",
        b"x" * 4_000_001,
    ],
)
def test_what_is_no_proof_is_refused_as_such(content: bytes) -> None:
    with pytest.raises(AxisError) as refused:
        parse_proof(content)
    assert refused.value.code == "ledger.proof-malformed"
