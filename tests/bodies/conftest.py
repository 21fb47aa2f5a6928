"""Both stores, each real: a folder, and an object store that this run starts for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from axis.bodies import Bodies, open_bodies
from axis.sandbox.errors import NoSwiftError
from axis.sandbox.swift import PrivateSwift
from axis.sections import BodiesSettings
from axis.settings import Settings


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSwift]:
    """An object store with the bucket ``axis``; skips where none can be had."""
    pytest.importorskip("obstore", reason="the extra s3 is not installed")
    server = PrivateSwift(tmp_path_factory.mktemp("swift"), disposable=True)
    try:
        server.start()
    except NoSwiftError as error:
        pytest.skip(f"{error}: pip install 'axis[test]' brings one")
    try:
        server.create_bucket("axis")
        yield server
    finally:
        server.remove()


@pytest.fixture
def in_bucket(swift: PrivateSwift, tmp_path: Path) -> Settings:
    """Settings of an installation that keeps bodies in a place of its own in the bucket."""
    swift.write_credentials(tmp_path / "credentials")
    return Settings(
        home=str(tmp_path),
        bodies=BodiesSettings(
            url=f"s3://axis/{uuid4().hex}/", endpoint=swift.url, credentials="credentials"
        ),
    )


@pytest.fixture(params=["disk", "s3"])
def bodies(request: pytest.FixtureRequest, tmp_path: Path) -> Bodies:
    """A store; every test that asks for it runs on both."""
    if request.param == "disk":
        return open_bodies(Settings(home=str(tmp_path)))
    return open_bodies(request.getfixturevalue("in_bucket"))


@pytest.fixture
def damage(request: pytest.FixtureRequest) -> Callable[[Bodies, bytes, bytes], None]:
    """What changes the bytes of a body behind the store's back."""

    def change(bodies: Bodies, digest: bytes, instead: bytes) -> None:
        if hasattr(bodies, "path_of"):
            bodies.path_of(digest).write_bytes(instead)
            return
        import obstore

        from axis.bodies.s3 import S3Bodies, key_of

        assert isinstance(bodies, S3Bodies)
        obstore.put(bodies.store, key_of(digest), instead)

    return change
