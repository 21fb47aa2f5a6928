"""Revocation lists are fetched from the addresses of the settings; only better ones are taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from axis.trust.fetch import fetch_lists
from axis.trust.material import TrustFolder
from tests.trust.authority import Made, crl, make


class Site:
    """A server of files by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/elsewhere":
                    self.send_response(302)
                    self.send_header("Location", "/list")
                    self.end_headers()
                    return
                data = site.files.get(self.path)
                self.send_response(404 if data is None else 200)
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def der(authority: Made, now: datetime, **rest: timedelta) -> bytes:
    return crl(authority, now=now, **rest).public_bytes(Encoding.DER)


def test_the_code_says_that_a_list_was_not_taken(tmp_path: Path, now: datetime) -> None:
    (failed,) = fetch_lists(["file:///etc/passwd"], tmp_path, now=now)
    assert failed.refusal is not None
    assert failed.refusal.code == "certificate.list-not-fetched"


def outcomes(site: Site, folder: Path, now: datetime, *paths: str) -> list[str]:
    urls = [path if "://" in path else site.url + path for path in paths]
    return [each.outcome for each in fetch_lists(urls, folder, now=now)]


def test_a_list_is_taken_kept_and_replaced_by_a_newer_one(
    site: Site, tmp_path: Path, now: datetime
) -> None:
    authority = make("Issuing", now=now, ca=True)
    folder = TrustFolder(tmp_path / "a", tmp_path / "i", tmp_path)
    site.files["/list"] = der(authority, now)
    assert outcomes(site, tmp_path, now, "/list") == ["taken"]
    first = folder.current()
    assert len(first.crls) == 1
    assert outcomes(site, tmp_path, now, "/list") == ["unchanged"]
    assert folder.current() is first
    site.files["/list"] = der(authority, now + timedelta(hours=2))
    assert outcomes(site, tmp_path, now, "/list") == ["taken"]
    assert folder.current() is not first
    assert len(folder.current().crls) == 1


def test_a_worse_list_does_not_replace_the_one_at_hand(
    site: Site, tmp_path: Path, now: datetime
) -> None:
    authority = make("Issuing", now=now, ca=True)
    site.files["/list"] = der(authority, now)
    assert outcomes(site, tmp_path, now, "/list") == ["taken"]
    (kept,) = [path.read_bytes() for path in tmp_path.glob("*.crl")]
    for worse in (
        der(authority, now, since=timedelta(hours=-9)),
        der(authority, now, until=timedelta(seconds=-1)),
        der(make("Other", now=now, ca=True), now),
        b"not a list",
        b"",
    ):
        site.files["/list"] = worse
        assert outcomes(site, tmp_path, now, "/list") == ["failed"]
        assert [path.read_bytes() for path in tmp_path.glob("*.crl")] == [kept]


def test_an_address_that_fails_does_not_stop_the_others(
    site: Site, tmp_path: Path, now: datetime
) -> None:
    site.files["/list"] = der(make("Issuing", now=now, ca=True), now)
    paths = ("/missing", "/elsewhere", "file:///etc/passwd", "http://127.0.0.1:1/", "/list")
    assert outcomes(site, tmp_path, now, *paths) == ["failed"] * 4 + ["taken"]
