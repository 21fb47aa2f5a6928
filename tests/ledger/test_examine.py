"""Ten thousand seeded acts of tampering with a log; each is found and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

import pytest
from msgspec import structs

from axis.ledger.entry import LoggedEntry, Sealer
from axis.ledger.events import Event
from axis.ledger.examine import Finding, Wrong, examine_rows, plain
from axis.ledger.locate import TrustedTiles, locate
from axis.ledger.merkle import levels_of, root_hash
from axis.ledger.tiles import Tile
from ledger.material import entry

SEALER = Sealer(b"k" * 32)
OTHER = Sealer(b"o" * 32)


def history(size: int) -> list[LoggedEntry]:
    rows = []
    for n in range(size):
        event = [Event.SUBMISSION_ACCEPTANCE, Event.CONTENT_CONSIGNMENT][n % 2]
        delivery = UUID(int=n + 1) if n % 2 else None
        sealed = SEALER.seal(entry(n, event, delivery_id=delivery))
        rows.append(
            LoggedEntry(
                log=2026,
                leaf_index=n,
                **{name: getattr(sealed, name) for name in sealed.__struct_fields__},
            )
        )
    return rows


class Log:
    """What was signed and shown when all was well."""

    def __init__(self, size: int) -> None:
        self.rows = history(size)
        self.size = size
        levels = levels_of([row.leaf_hash for row in self.rows])
        self.tiles: dict[Tile, bytes] = {}
        for level in (0, 1):
            row = levels[8 * level] if len(levels) > 8 * level else []
            for low in range(0, len(row), 256):
                part = row[low : low + 256]
                self.tiles[Tile(level, low // 256, len(part))] = b"".join(part)
        self.root = root_hash(lambda level, index: levels[level][index], size)

    def verify(self, rows: list[LoggedEntry], tiles: dict[Tile, bytes]) -> list[Finding]:
        findings, hashes = examine_rows(map(plain, rows), 0, self.size)
        trusted = TrustedTiles(tiles.__getitem__, self.size, self.root)
        compared = locate(trusted, tiles.__getitem__, 0, hashes)
        found = [h for h in hashes if h is not None]
        levels = levels_of(found)
        if len(found) == self.size and self.root == root_hash(
            lambda level, index: levels[level][index], self.size
        ):
            return findings + compared.shown
        return findings + compared.located


SMALL = Log(31)
LARGE = Log(600)


def flip(value: bytes, chosen: random.Random) -> bytes:
    bit = chosen.randrange(len(value) * 8)
    return (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))


def changed(row: LoggedEntry, chosen: random.Random) -> LoggedEntry:
    """Flip one bit of one column."""
    name = chosen.choice(["leaf", "leaf_hash", "salt", "opening", "entry_id", "package_id"])
    value = getattr(row, name)
    if isinstance(value, UUID):
        new: object = UUID(bytes=flip(value.bytes, chosen))
    else:
        new = flip(value, chosen)
    return structs.replace(row, **{name: new})


def exchanged(row: LoggedEntry, chosen: random.Random) -> LoggedEntry:
    """Exchange a whole row for another one that is right by itself."""
    sealed = SEALER.seal(entry(chosen.randrange(10**6, 10**9), Event.CONTENT_HANDOVER))
    return structs.replace(
        row, **{name: getattr(sealed, name) for name in sealed.__struct_fields__}
    )


def with_delivery(row: LoggedEntry, chosen: random.Random) -> LoggedEntry:
    delivery = None if row.delivery_id else UUID(int=chosen.getrandbits(128))
    return structs.replace(row, delivery_id=delivery)


def tampered(rows: list[LoggedEntry], chosen: random.Random) -> tuple[list[LoggedEntry], set[int]]:
    """Return the rows after one act of tampering, and the indexes that must be named."""
    old, rows = rows, list(rows)
    at = chosen.randrange(len(rows))
    match chosen.choice(["flip", "flip", "flip", "exchange", "delivery", "swap", "drop", "double"]):
        case "flip":
            rows[at] = changed(rows[at], chosen)
            return rows, {at}
        case "exchange":
            rows[at] = exchanged(rows[at], chosen)
            return rows, {at}
        case "delivery":
            rows[at] = with_delivery(rows[at], chosen)
            return rows, {at}
        case "swap":
            other = chosen.choice([n for n in range(len(rows)) if n != at])
            a, b = rows[at], rows[other]
            rows[at] = structs.replace(b, leaf_index=at)
            rows[other] = structs.replace(a, leaf_index=other)
            return rows, {at, other}
        case "drop":
            del rows[at]
            if chosen.random() < 0.5:
                return rows, {at}
            for place in range(at, len(rows)):  # and close the gap
                rows[place] = structs.replace(rows[place], leaf_index=place)
            return rows, set(range(at, len(rows) + 1))
        case _:
            twin = rows[chosen.randrange(len(rows))]
            if chosen.random() < 0.5:
                rows.append(twin)
                return rows, {twin.leaf_index or 0}
            rows.insert(at, structs.replace(twin, leaf_index=at))
            for place in range(at + 1, len(rows)):  # and make room
                rows[place] = structs.replace(rows[place], leaf_index=place)
            last = len(rows) - 1
            # Where the twin stands in its own old place, only what follows is out of place.
            return rows, {n for n in range(at, last) if rows[n].leaf != old[n].leaf}
    raise AssertionError


@pytest.mark.parametrize("seed", range(10))
def test_10000_acts_of_tampering_are_found_and_every_row_is_named(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(1_000):
        rows, due = tampered(SMALL.rows, chosen)
        named = {finding.at for finding in SMALL.verify(rows, SMALL.tiles)}
        assert due <= named
        if due:
            assert min(named) == min(due)
        assert named <= due


def test_acts_of_tampering_with_a_log_of_several_tiles_are_named_too() -> None:
    chosen = random.Random(99)
    for _ in range(60):
        rows, due = tampered(LARGE.rows, chosen)
        assert {finding.at for finding in LARGE.verify(rows, LARGE.tiles)} == due


def test_a_log_that_nobody_touched_has_no_findings() -> None:
    for log in (SMALL, LARGE):
        assert log.verify(log.rows, log.tiles) == []


def test_rows_and_tile_changed_together_still_contradict_the_signed_root() -> None:
    rows = list(LARGE.rows)
    rows[100] = exchanged(rows[100], random.Random(3))
    tiles = dict(LARGE.tiles)
    hashes = b"".join(row.leaf_hash for row in rows[:256])
    tiles[Tile(0, 0, 256)] = hashes
    assert LARGE.verify(rows, tiles) == [
        Finding(0, Wrong.TILE, 256),
        Finding(0, Wrong.UNSIGNED, 256),
    ]


@pytest.mark.parametrize("tile", sorted(LARGE.tiles, key=str))
def test_a_wrong_tile_over_right_rows_is_named_as_a_tile(tile: Tile) -> None:
    tiles = dict(LARGE.tiles)
    tiles[tile] = flip(tiles[tile], random.Random(4))
    found = LARGE.verify(LARGE.rows, tiles)
    if tile.level == 0:
        assert found == [Finding(tile.number * 256, Wrong.TILE, tile.number * 256 + tile.width)]
    else:
        assert found == []  # not looked at here: the rows give the root


def test_a_right_row_under_a_wrong_tile_is_not_accused() -> None:
    rows = list(LARGE.rows)
    rows[300] = changed_leaf(rows[300])
    tiles = dict(LARGE.tiles)
    tiles[Tile(0, 0, 256)] = flip(tiles[Tile(0, 0, 256)], random.Random(5))
    found = LARGE.verify(rows, tiles)
    assert Finding(300, Wrong.LEAF) in found
    assert Finding(0, Wrong.TILE, 256) in found
    assert not any(f.at < 256 and f.wrong != Wrong.TILE for f in found)


def changed_leaf(row: LoggedEntry) -> LoggedEntry:
    return exchanged(row, random.Random(6))


def test_what_is_wrong_is_named_by_its_column() -> None:
    row = SMALL.rows[3]
    sealed = OTHER.seal(entry(3, Event.CONTENT_CONSIGNMENT))
    cases: list[tuple[Callable[[], LoggedEntry], set[Wrong]]] = [
        (lambda: structs.replace(row, leaf_hash=bytes(32)), {Wrong.LEAF_HASH}),
        (lambda: structs.replace(row, salt=bytes(32)), {Wrong.OPENING}),
        (lambda: structs.replace(row, opening=b"{}"), {Wrong.OPENING}),
        (lambda: structs.replace(row, entry_id=sealed.entry_id), {Wrong.ENTRY_ID}),
        (lambda: structs.replace(row, package_id=UUID(int=1)), {Wrong.PACKAGE_ID}),
        (lambda: structs.replace(row, delivery_id=None), {Wrong.DELIVERY_ID}),
        (
            lambda: structs.replace(row, leaf=b"{}"),
            {Wrong.LEAF_HASH, Wrong.MALFORMED, Wrong.LEAF},
        ),
    ]
    for make, due in cases:
        rows = [*SMALL.rows[:3], make(), *SMALL.rows[4:]]
        assert {(f.at, f.wrong) for f in SMALL.verify(rows, SMALL.tiles)} == {
            (3, wrong) for wrong in due
        }
