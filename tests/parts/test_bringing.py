"""Parts are brought whole or piece by piece, survive a restart, and belong to who brought them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from axis.bodies import DiskBodies
from axis.bodies.uploads import DiskUploads
from axis.errors import AxisError
from axis.parts import (
    append_upload,
    cancel_upload,
    complete_upload,
    create_upload,
    show_upload,
    store_part,
)
from axis.settings import PartSettings
from axis.store.engine import transaction
from axis.store.parts import parts_brought

DATA = bytes(range(256)) * 4000  # 1,024,000 bytes
DIGEST = hashlib.sha256(DATA).digest()
SETTINGS = PartSettings()
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def bodies(tmp_path: Path) -> DiskBodies:
    return DiskBodies(tmp_path / "bodies")


async def pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def broken(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError


def brought(engine: sa.Engine, system: str, *wanted: tuple[str, bytes]) -> set[bytes]:
    with transaction(engine) as connection:
        return {one.digest for one in parts_brought(connection, system, wanted).values()}


async def bring(engine: sa.Engine, bodies: DiskBodies, data: bytes = DATA, **more):
    arguments = {"system_id": "vpcp", "settings": SETTINGS, "now": AT} | more
    return await store_part(pieces(data), engine=engine, bodies=bodies, **arguments)


async def append(engine: sa.Engine, bodies: DiskBodies, upload_id: UUID, offset: int, data, **more):
    arguments = {"system_id": "vpcp", "settings": SETTINGS, "now": AT} | more
    source = pieces(data) if isinstance(data, bytes) else data
    return await append_upload(
        source, engine=engine, bodies=bodies, upload_id=upload_id, offset=offset, **arguments
    )


def begin(engine: sa.Engine, bodies: DiskBodies, **more):
    arguments = {"system_id": "vpcp", "settings": SETTINGS, "now": AT} | more
    return create_upload(engine, bodies, **arguments)


async def test_a_part_is_a_body_and_belongs_to_who_brought_it(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    part = await bring(engine, bodies, expected=DIGEST)
    assert (part.digest, part.size_bytes) == (DIGEST, len(DATA))
    assert bodies.read(DIGEST) == DATA
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == {DIGEST}
    assert brought(engine, "khac", ("sha256", DIGEST)) == set()


async def test_bringing_it_again_is_no_news(engine: sa.Engine, bodies: DiskBodies) -> None:
    assert await bring(engine, bodies) == await bring(engine, bodies)
    assert len(list(bodies.root.glob("*/*/*"))) == 1


async def test_a_part_is_found_by_the_digests_that_were_asked_for(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    sha512 = hashlib.sha512(DATA).digest()
    await bring(engine, bodies)
    assert brought(engine, "vpcp", ("sha512", sha512)) == set()
    await bring(engine, bodies, also=["sha512"])
    assert brought(engine, "vpcp", ("sha512", sha512)) == {DIGEST}
    await bring(engine, bodies)
    assert brought(engine, "vpcp", ("sha512", sha512)) == {DIGEST}


async def test_a_part_at_the_limit_passes_and_one_over_it_does_not(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    limit = PartSettings(part_bytes=len(DATA))
    await bring(engine, bodies, settings=limit)
    with pytest.raises(AxisError) as caught:
        await bring(engine, bodies, DATA + b"x", settings=limit)
    assert caught.value.code == "part.too-large"
    with pytest.raises(AxisError) as caught:
        begin(engine, bodies, settings=limit, size_bytes=len(DATA) + 1)
    assert caught.value.code == "part.too-large"


async def test_what_is_not_as_announced_is_not_kept(engine: sa.Engine, bodies: DiskBodies) -> None:
    with pytest.raises(AxisError) as caught:
        await bring(engine, bodies, expected=b"\0" * 32)
    assert caught.value.code == "part.mismatch"
    assert not bodies.has(DIGEST)
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == set()


async def test_who_brings_without_sending_is_told_later(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    tight = PartSettings(waiting_bytes=len(DATA), uploads=1)
    begin(engine, bodies, settings=tight)
    with pytest.raises(AxisError) as caught:
        begin(engine, bodies, settings=tight)
    assert caught.value.code == "part.too-many-waiting"
    begin(engine, bodies, settings=tight, system_id="khac")
    await bring(engine, bodies, settings=tight)
    with pytest.raises(AxisError) as caught:
        await bring(engine, bodies, b"more", settings=tight)
    assert caught.value.code == "part.too-many-waiting"


async def test_an_upload_goes_on_where_it_broke_off_after_a_restart(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    upload = begin(engine, bodies, size_bytes=len(DATA), expected=DIGEST)
    with pytest.raises(ConnectionResetError):
        await append(engine, bodies, upload.id, 0, broken(DATA[:300_000]))
    again = DiskBodies(bodies.root)
    there = show_upload(engine, again, system_id="vpcp", upload_id=upload.id)
    assert (there.offset, there.is_complete) == (300_000, False)
    there = await append(engine, again, upload.id, there.offset, DATA[300_000:])
    assert there.offset == len(DATA)
    part = complete_upload(engine, again, system_id="vpcp", upload_id=upload.id, now=AT)
    assert (part.digest, part.size_bytes) == (DIGEST, len(DATA))
    assert bodies.read(DIGEST) == DATA
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == {DIGEST}


async def test_completing_again_gives_the_same_answer(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    upload = begin(engine, bodies)
    await append(engine, bodies, upload.id, 0, DATA)
    first = complete_upload(engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT)
    again = complete_upload(
        engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT, also=["sha384"]
    )
    assert first == again
    assert brought(engine, "vpcp", ("sha384", hashlib.sha384(DATA).digest())) == {DIGEST}
    there = show_upload(engine, bodies, system_id="vpcp", upload_id=upload.id)
    assert (there.offset, there.is_complete) == (len(DATA), True)


async def test_a_crash_between_name_and_record_is_mended_by_completing_again(
    engine: sa.Engine, bodies: DiskBodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(engine, bodies)
    await append(engine, bodies, upload.id, 0, DATA)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("axis.parts.uploads.record", crash)
    with pytest.raises(KeyboardInterrupt):
        complete_upload(engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT)
    assert bodies.has(DIGEST)
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == set()
    monkeypatch.undo()
    complete_upload(engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT)
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == {DIGEST}


async def test_bytes_for_another_place_are_refused(engine: sa.Engine, bodies: DiskBodies) -> None:
    upload = begin(engine, bodies, size_bytes=len(DATA))
    await append(engine, bodies, upload.id, 0, DATA[:1000])
    for offset in (0, 999, 1001):
        with pytest.raises(AxisError) as caught:
            await append(engine, bodies, upload.id, offset, b"x")
        assert caught.value.code == "part.upload-offset"
    with pytest.raises(AxisError) as caught:
        complete_upload(engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT)
    assert caught.value.code == "part.upload-offset"
    with pytest.raises(AxisError) as caught:
        await append(engine, bodies, upload.id, 1000, DATA)
    assert caught.value.code == "part.too-large"


async def test_another_system_does_not_know_the_upload(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    upload = begin(engine, bodies)
    await append(engine, bodies, upload.id, 0, DATA)
    names = {"system_id": "khac", "upload_id": upload.id}
    codes = set()
    for call in (
        lambda: show_upload(engine, bodies, **names),
        lambda: complete_upload(engine, bodies, now=AT, **names),
        lambda: cancel_upload(engine, bodies, **names),
        lambda: show_upload(engine, bodies, system_id="vpcp", upload_id=uuid4()),
    ):
        with pytest.raises(AxisError) as caught:
            call()
        codes.add(caught.value.code)
    with pytest.raises(AxisError) as caught:
        await append(engine, bodies, upload.id, len(DATA), b"x", system_id="khac")
    assert codes | {caught.value.code} == {"part.upload-gone"}


async def test_announcing_a_digest_without_bringing_it_leads_nowhere(
    engine: sa.Engine, bodies: DiskBodies
) -> None:
    await bring(engine, bodies, system_id="khac")
    upload = begin(engine, bodies, expected=DIGEST)
    with pytest.raises(AxisError) as caught:
        complete_upload(engine, bodies, system_id="vpcp", upload_id=upload.id, now=AT)
    assert caught.value.code == "part.mismatch"
    gone = begin(engine, bodies, expected=DIGEST)
    DiskUploads(bodies).remove(gone.id)  # as a crash before the file was made leaves it
    with pytest.raises(AxisError) as caught:
        complete_upload(engine, bodies, system_id="vpcp", upload_id=gone.id, now=AT)
    assert caught.value.code == "part.upload-gone"
    assert brought(engine, "vpcp", ("sha256", DIGEST)) == set()


async def test_only_one_call_writes_to_an_upload(engine: sa.Engine, bodies: DiskBodies) -> None:
    upload = begin(engine, bodies)
    with DiskUploads(bodies).opened(upload.id), pytest.raises(AxisError) as caught:
        await append(engine, bodies, upload.id, 0, DATA)
    assert caught.value.code == "part.upload-busy"


async def test_what_was_thrown_away_is_gone(engine: sa.Engine, bodies: DiskBodies) -> None:
    upload = begin(engine, bodies)
    await append(engine, bodies, upload.id, 0, DATA)
    cancel_upload(engine, bodies, system_id="vpcp", upload_id=upload.id)
    assert not list((bodies.root / "uploads").iterdir())
    with pytest.raises(AxisError) as caught:
        show_upload(engine, bodies, system_id="vpcp", upload_id=upload.id)
    assert caught.value.code == "part.upload-gone"
