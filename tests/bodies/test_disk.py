"""The store keeps exactly the bytes that it was given, or says that it has not."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest

from axis.bodies import DiskBodies
from axis.bodies.disk import INCOMING
from axis.bodies.errors import BodyCorruptError, BodyMissingError, BodyStoreFullError


@pytest.fixture
def bodies(tmp_path: Path) -> DiskBodies:
    return DiskBodies(tmp_path / "bodies")


def test_what_was_put_comes_back_byte_for_byte(bodies: DiskBodies) -> None:
    stored = bodies.put(b"\x00signed\r\n")
    assert stored.digest == hashlib.sha256(b"\x00signed\r\n").digest()
    assert stored.size_bytes == 9
    assert bodies.read(stored.digest) == b"\x00signed\r\n"


def test_pieces_make_the_same_body_as_the_whole(bodies: DiskBodies) -> None:
    with bodies.writer() as writer:
        for piece in (b"one ", b"", b"two"):
            writer.write(piece)
        stored = writer.commit()
    assert stored == bodies.put(b"one two")


def test_the_same_body_twice_is_one_file(bodies: DiskBodies) -> None:
    first, second = bodies.put(b"same"), bodies.put(b"same")
    assert first == second
    files = [path for path in bodies.root.rglob("*") if path.is_file()]
    assert files == [bodies.path_of(first.digest)]


def test_a_writer_that_is_left_before_its_end_leaves_nothing(bodies: DiskBodies) -> None:
    with suppress(ConnectionError), bodies.writer() as writer:
        writer.write(b"half")
        raise ConnectionError
    assert not list((bodies.root / INCOMING).iterdir())


def test_a_body_that_is_not_there_is_missing(bodies: DiskBodies) -> None:
    with pytest.raises(BodyMissingError) as caught:
        bodies.read(hashlib.sha256(b"never").digest())
    assert caught.value.code == "body.missing"


@pytest.mark.parametrize("change", [b"flip", b"", b"longer than before"])
def test_changed_bytes_are_never_given_out(bodies: DiskBodies, change: bytes) -> None:
    stored = bodies.put(b"true")
    bodies.path_of(stored.digest).write_bytes(change)
    with pytest.raises(BodyCorruptError) as caught:
        bodies.read(stored.digest)
    assert caught.value.code == "body.corrupt"


def test_two_bodies_that_were_swapped_are_found(bodies: DiskBodies) -> None:
    one, two = bodies.put(b"one"), bodies.put(b"two")
    bodies.path_of(one.digest).replace(bodies.path_of(two.digest))
    with pytest.raises(BodyCorruptError):
        bodies.read(two.digest)


def test_a_disk_that_takes_nothing_says_so_before_anything_is_promised(tmp_path: Path) -> None:
    bodies = DiskBodies(tmp_path / "bodies")
    (bodies.root / INCOMING).rmdir()
    (bodies.root / INCOMING).write_text("not a folder")
    with pytest.raises(BodyStoreFullError) as caught:
        bodies.put(b"x")
    assert caught.value.code == "body.store-unavailable"


def test_file_and_folders_are_synced_before_the_promise(
    bodies: DiskBodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    target = bodies.path_of(bodies.put(b"durable").digest)
    assert synced[0].startswith(str(bodies.root / INCOMING))  # the bytes, before they have a name
    assert synced[1] == str(target.parent)  # the name
    # The folders' own names, before anything is promised.
    assert synced[2:] == [str(target.parent.parent), str(bodies.root)]
