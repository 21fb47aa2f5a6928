"""Only a store that keeps its promises is opened; every other one is named with its reason."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from msgspec import structs

from axis.bodies import DiskBodies, open_bodies
from axis.bodies.errors import (
    BodyStoreAbsentError,
    BodyStoreFullError,
    BodyStoreSettingsError,
    BodyStoreUnsafeError,
)
from axis.bodies.opening import check_bodies
from axis.sections import BodiesSettings
from axis.settings import Settings


def installation(home: Path, **bodies: object) -> Settings:
    (home / "credentials").write_text(
        "[default]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    own = {"url": "s3://axis", "credentials": "credentials"} | bodies
    return Settings(home=str(home), bodies=BodiesSettings(**own))  # type: ignore[arg-type]


@contextmanager
def forgetful_service() -> Iterator[str]:
    """A service that takes every put, whatever the condition, and answers with its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"] or 0))
            self.send_response(200)
            self.send_header("etag", '"0"')
            self.send_header("content-length", "0")
            self.end_headers()

        do_DELETE = do_PUT  # noqa: N815  the name that the library calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_without_a_url_bodies_stand_in_the_folder(tmp_path: Path) -> None:
    settings = Settings(home=str(tmp_path))
    check_bodies(settings)
    store = open_bodies(settings)
    assert isinstance(store, DiskBodies)
    assert store.root == tmp_path / "bodies"


def test_a_real_store_passes(in_bucket: Settings) -> None:
    check_bodies(in_bucket)


def test_a_store_that_forgets_conditions_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("obstore")
    with forgetful_service() as endpoint:
        with pytest.raises(BodyStoreUnsafeError) as caught:
            check_bodies(installation(tmp_path, endpoint=endpoint))
        assert caught.value.code == "body.store-unsafe"


def test_bodies_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(BodyStoreUnsafeError):
        check_bodies(installation(tmp_path, endpoint="http://storage.example"))


def test_a_store_that_is_away_is_an_outage(tmp_path: Path) -> None:
    pytest.importorskip("obstore")
    settings = installation(tmp_path, endpoint="http://127.0.0.1:1", timeout_s=1)
    with pytest.raises(BodyStoreFullError) as caught:
        open_bodies(settings).put(b"x")
    assert caught.value.code == "body.store-unavailable"


def test_a_bucket_that_is_not_there_is_an_outage(in_bucket: Settings) -> None:
    bodies = structs.replace(in_bucket.bodies, url="s3://nobody-made-this")
    store = open_bodies(structs.replace(in_bucket, bodies=bodies))
    with pytest.raises(BodyStoreFullError):
        store.look()
    with pytest.raises(BodyStoreFullError):
        store.put(b"x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "file:///bodies"},
        {"url": "s3://"},
        {"endpoint": "storage.example"},
        {"credentials": "absent"},
        {"credentials": "empty"},
        {"ca": "absent"},
    ],
)
def test_settings_that_name_no_store_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    pytest.importorskip("obstore")
    (tmp_path / "empty").touch()
    with pytest.raises(BodyStoreSettingsError) as caught:
        open_bodies(installation(tmp_path, **wrong))
    assert caught.value.code == "body.store-settings"
    assert next(iter(wrong)) in str(caught.value)


def test_a_library_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(BodyStoreAbsentError) as caught:
        open_bodies(installation(tmp_path))
    assert caught.value.code == "body.store-absent"
