"""Lines that break, servers that say later, and a client that is begun again."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from adapters.client import Client, ProblemError, UnreachableError
from adapters.client.exchange import retry_after
from tests.client.badline import BadLine
from tests.client.running import Running
from tests.parts.packages import apart
from tests.relay.papers import G22, document, package

MIB = 1024 * 1024


def port_of(world: Running) -> int:
    port = urlsplit(world.url).port
    assert port is not None
    return port


def test_a_large_attachment_gets_through_a_line_that_breaks(world: Running, tmp_path: Path) -> None:
    content = os.urandom(14 * MIB)
    file = tmp_path / "lớn.bin"
    file.write_bytes(content)
    paper = apart(world.axis, {"lớn.bin": content})
    with BadLine(port_of(world), up=5 * MIB) as line:
        with world.client("vpcp", url=line.url, memory=tmp_path / "memory") as sender:
            assert sender.submit(paper, parts=[file]).state == "accepted"
        assert line.cut >= 2
        # What got through before a break was not sent again: less than a piece for each break.
        assert line.carried["up"] < len(content) + (line.cut + 1) * 4 * MIB
    assert not list((tmp_path / "memory").glob("*.upload"))


def test_an_upload_goes_on_where_a_killed_client_left_it(world: Running, tmp_path: Path) -> None:
    content = os.urandom(14 * MIB)
    file = tmp_path / "lớn.bin"
    file.write_bytes(content)
    memory = tmp_path / "memory"
    with (
        BadLine(port_of(world), up=9 * MIB, dead_after=1) as line,
        world.client("vpcp", url=line.url, memory=memory, patience_s=0.5) as lost,
        pytest.raises(UnreachableError),
    ):
        lost.bring(file)
    assert list(memory.glob("*.upload"))
    with BadLine(port_of(world)) as line:
        with world.client("vpcp", url=line.url, memory=memory) as sender:
            assert sender.bring(file) == hashlib.sha256(content).hexdigest()
        assert line.carried["up"] < 7 * MIB


def test_a_download_goes_on_where_the_line_broke(world: Running) -> None:
    content = os.urandom(3 * MIB)
    paper = world.axis.sign(G22, package(document(1), content))
    with world.client("vpcp") as sender:
        sender.submit(paper)
    with BadLine(port_of(world), down=2 * MIB, cuts=2) as line:
        with world.client("nghean", url=line.url) as receiver:
            (delivery,) = receiver.waiting().items
            assert receiver.fetch(delivery).body == paper
        assert line.cut >= 1
        assert line.carried["down"] < len(paper) + MIB


class Busy(BaseHTTPRequestHandler):
    """Says so often that it is busy, then answers."""

    left = 2
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.headers["Authorization"])
        busy = type(self).left > 0
        type(self).left -= 1
        body = b'{"code": "http.rate", "title": "later"}' if busy else b'{"system_id": "vpcp"}'
        self.send_response(429 if busy else 200)
        if busy:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def busy() -> Iterator[str]:
    Busy.left, Busy.asked = 2, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_axis_that_says_later_is_asked_again(busy: str) -> None:
    with Client(busy, token="axt_x") as client:
        assert client.me().system_id == "vpcp"
    assert Busy.asked == ["Bearer axt_x"] * 3


def test_an_axis_that_stays_busy_says_why(busy: str) -> None:
    Busy.left = 1 << 30
    with Client(busy, token="axt_x", patience_s=0.3) as client, pytest.raises(ProblemError) as no:
        client.me()
    assert no.value.code == "http.rate"


def test_a_page_that_is_no_answer_of_an_axis_is_told_as_it_is(busy: str) -> None:
    with Client(busy, token="axt_x") as client, pytest.raises(ProblemError) as no:
        client.confirm(UUID(int=1))  # this server knows no POST
    assert no.value.code == "client.refused"
    assert no.value.problem.status == 501


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("0", 0), ("9999999", 300), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after_is_read_and_bounded(text: str, seconds: int) -> None:
    wait = retry_after({"retry-after": text})
    assert wait is not None
    assert wait.total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "٣"])
def test_a_retry_after_that_cannot_be_read_leaves_the_usual_pace(text: str) -> None:
    assert retry_after({"retry-after": text}) is None
