"""What every store of bodies promises, on a disk and in a bucket."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from axis.bodies import Bodies
from axis.bodies.errors import (
    BodyCorruptError,
    BodyMissingError,
    UploadBusyError,
    UploadGoneError,
)
from axis.bodies.store import PIECE

#: More than one part of a bucket's store, and not a whole number of them.
LARGE = bytes(range(256)) * 36_000  # 9,216,000 bytes
NEVER = hashlib.sha256(b"never").digest()


def append(bodies: Bodies, upload_id: UUID, data: bytes) -> None:
    with bodies.uploads.opened(upload_id) as tail:
        view = memoryview(data)
        while view:
            view = view[tail.write(view) :]


def test_what_was_put_comes_back_byte_for_byte(bodies: Bodies) -> None:
    bodies.look()
    stored = bodies.put(b"\x00signed\r\n")
    assert stored.digest == hashlib.sha256(b"\x00signed\r\n").digest()
    assert bodies.read(stored.digest) == b"\x00signed\r\n"
    assert bodies.check(stored.digest) == bodies.size_of(stored.digest) == stored.size_bytes == 9
    assert bodies.has(stored.digest)
    assert abs(time.time() - bodies.written_s(stored.digest)) < 120
    with bodies.as_file(stored.digest) as file:
        assert file.read_bytes() == b"\x00signed\r\n"


def test_pieces_make_the_same_body_as_the_whole_and_putting_again_is_no_news(
    bodies: Bodies,
) -> None:
    with bodies.writer() as writer:
        for piece in (b"one ", b"", b"two"):
            writer.write(piece)
        stored = writer.commit()
    assert stored == bodies.put(b"one two") == bodies.put(b"one two")
    assert bodies.read(stored.digest) == b"one two"


def test_a_large_body_is_read_from_any_place_in_small_pieces(bodies: Bodies) -> None:
    with bodies.writer() as writer:
        for at in range(0, len(LARGE), 1_000_000):
            writer.write(LARGE[at : at + 1_000_000])
        digest = writer.commit().digest
    pieces = list(bodies.stream(digest))
    assert b"".join(pieces) == LARGE
    assert max(map(len, pieces)) <= PIECE
    for start in (1, len(LARGE) - 3, len(LARGE), len(LARGE) + 5):
        assert b"".join(bodies.stream(digest, start=start)) == LARGE[start:]
    with bodies.writer() as writer:
        writer.write(LARGE)
        assert writer.commit().digest == digest


def test_many_bodies_are_read_in_one_go_and_what_is_missing_is_named(bodies: Bodies) -> None:
    digests = [bodies.put(b"%d" % number).digest for number in range(3)]
    first, absent, *rest = bodies.read_each([digests[0], NEVER, *digests[1:]])
    assert [first, *rest] == [b"0", b"1", b"2"]
    assert isinstance(absent, BodyMissingError)
    assert bodies.read_each([]) == []


def test_a_writer_that_is_left_before_its_end_leaves_nothing(bodies: Bodies) -> None:
    with suppress(ConnectionError), bodies.writer() as writer:
        writer.write(b"half")
        raise ConnectionError
    assert not bodies.has(hashlib.sha256(b"half").digest())
    assert not [path for path in bodies.root.rglob("*") if path.is_file()]


def test_a_body_that_is_not_there_is_missing_and_removing_it_is_no_news(bodies: Bodies) -> None:
    for ask in (bodies.read, bodies.check, bodies.size_of, bodies.written_s):
        with pytest.raises(BodyMissingError) as caught:
            ask(NEVER)
        assert caught.value.code == "body.missing"
    with pytest.raises(BodyMissingError), bodies.as_file(NEVER):
        pass
    assert not bodies.has(NEVER)
    bodies.remove(NEVER)
    digest = bodies.put(b"short life").digest
    bodies.remove(digest)
    assert not bodies.has(digest)


def test_changed_bytes_are_never_given_out(
    bodies: Bodies, damage: Callable[[Bodies, bytes, bytes], None]
) -> None:
    digest = bodies.put(b"true").digest
    for change in (b"flip", b"", b"longer than before"):
        damage(bodies, digest, change)
        with pytest.raises(BodyCorruptError) as caught:
            bodies.read(digest)
        assert caught.value.code == "body.corrupt"
        with pytest.raises(BodyCorruptError):
            bodies.check(digest)


def test_an_upload_grows_over_many_calls_until_it_is_a_body(bodies: Bodies) -> None:
    upload_id = uuid4()
    bodies.uploads.create(upload_id)
    assert bodies.uploads.size(upload_id) == 0
    append(bodies, upload_id, LARGE[:100])
    with suppress(ConnectionError), bodies.uploads.opened(upload_id) as tail:
        tail.write(memoryview(LARGE[100:150]))
        raise ConnectionError  # what came until then counts
    assert bodies.uploads.size(upload_id) == 150
    append(bodies, upload_id, LARGE[150:])
    with suppress(ValueError), bodies.uploads.finished(upload_id):
        raise ValueError  # it is not what was announced: it stays as it is
    assert bodies.uploads.size(upload_id) == len(LARGE)
    with bodies.uploads.finished(upload_id, also=["sha512"]) as (stored, digests):
        assert digests["sha512"] == hashlib.sha512(LARGE).digest()
    assert bodies.check(stored.digest) == len(LARGE)
    with pytest.raises(UploadGoneError) as caught:
        bodies.uploads.size(upload_id)
    assert caught.value.code == "part.upload-gone"


def test_an_empty_upload_is_an_empty_body_and_one_thrown_away_is_gone(bodies: Bodies) -> None:
    upload_id = uuid4()
    bodies.uploads.create(upload_id)
    with bodies.uploads.finished(upload_id) as (stored, _):
        pass
    assert bodies.read(stored.digest) == b""
    bodies.uploads.create(upload_id)
    append(bodies, upload_id, b"regretted")
    bodies.uploads.remove(upload_id)
    bodies.uploads.remove(upload_id)
    with pytest.raises(UploadGoneError), bodies.uploads.opened(upload_id):
        pass


def test_of_two_calls_that_write_at_one_place_only_one_is_taken(bodies: Bodies) -> None:
    upload_id = uuid4()
    bodies.uploads.create(upload_id)
    with bodies.uploads.opened(upload_id) as first:
        first.write(memoryview(b"first"))
        # A disk refuses the second at its beginning, a bucket whoever comes to its end later.
        with suppress(UploadBusyError):
            append(bodies, upload_id, b"other")
            with pytest.raises(UploadBusyError) as caught:
                first.flush()  # type: ignore[attr-defined]
            assert caught.value.code == "part.upload-busy"
    assert bodies.uploads.size(upload_id) == 5
