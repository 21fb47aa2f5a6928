"""A document's trace has its package's id, whichever process tells of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
from house.house import CHECKOUT
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from axis.delivery.states import Event as Step
from axis.mailbox.batch import StepOrder, take_steps
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.telemetry import begin_tracing, end_tracing, is_tracing, span
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import SYSTEM_OF, Installation
from tests.relay.papers import G22, H14, document, package

__all__ = ["axis", "axis_on_postgresql"]


class Collector:
    """A real endpoint of OTLP over HTTP, and what it was sent."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, object]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    names = {a.key: a.value.string_value for a in resource.resource.attributes}
                    collector.spans += [
                        (names["axis.process"], one)
                        for scope in resource.scope_spans
                        for one in scope.spans
                    ]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    end_tracing()
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def test_one_document_is_followed_across_processes_by_its_id(
    axis_on_postgresql: Installation, collector: Collector
) -> None:
    axis = axis_on_postgresql
    begin_tracing(collector.url, "relay-0")
    paper = axis.sign(G22, package(document(1, to=(H14,))))
    async with axis.running():
        ticket = await axis.submit(paper, system=SYSTEM_OF[G22])
        await axis.verdict(ticket.package_id)
    end_tracing()

    begin_tracing(collector.url, "gateway")
    with transaction(axis.engine) as connection:
        (delivery,) = deliveries_of(connection, [ticket.package_id])
    for step in (Step.FETCH, Step.CONFIRM):
        order = StepOrder(delivery_id=delivery.id, system_id=delivery.system_id or "", step=step)
        take_steps(axis.engine, axis.sealer, [order], now=datetime.now(UTC))
    end_tracing()

    assert {UUID(bytes=one.trace_id) for _, one in collector.spans} == {ticket.package_id}
    names = {one.name: process for process, one in collector.spans}
    assert names == {
        "package": "relay-0",
        "waits in the intake": "relay-0",
        "relay": "relay-0",
        "until fetch": "gateway",
        "until confirm": "gateway",
    }
    (root,) = [one for _, one in collector.spans if one.name == "package"]
    assert root.parent_span_id == b""
    for _, one in collector.spans:
        assert one is root or one.parent_span_id == root.span_id
        assert one.start_time_unix_nano <= one.end_time_unix_nano
    said = str(collector.spans)
    assert "V/v" not in said  # no subject of a document


def test_where_it_is_off_the_library_is_not_loaded() -> None:
    assert not is_tracing()
    now = datetime.now(UTC)
    span("relay", UUID(int=1), began=now, ended=now)
    code = (
        "import sys, axis.relay.pipeline, axis.mailbox.batch, axis.courier.process;"
        "print(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_traces_without_the_library_are_refused_by_name() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
        "from axis.telemetry import begin_tracing\n"
        "try: begin_tracing('http://127.0.0.1:1/', 'relay')\n"
        "except Exception as error: print(error.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "telemetry.absent"
