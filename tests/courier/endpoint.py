"""A receiver's HTTPS endpoint on a real socket, which behaves as it is told."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.conftest import CHECKOUT

PAGE = CHECKOUT / "docs/integrate/webhook.md"


@dataclass
class Endpoint:
    """What it was sent, and what it does next; the last way of ``ways`` stays."""

    url: str = ""
    ways: list[str] = field(default_factory=lambda: ["ok"])
    notices: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    keys: dict[str, bytes] = field(default_factory=dict)  #: where there are any, it verifies
    refused: list[Exception] = field(default_factory=list)

    def told(self) -> list[str]:
        """The deliveries that notices it took have named, in their order."""
        return [one["delivery_id"] for notice in self.notices for one in notice["deliveries"]]

    def way(self) -> str:
        self.asked += 1
        return self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]


def verified_by_the_page(keys: dict[str, bytes]) -> Any:
    """The function of the page for developers, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (key_id,) = keys
    names: dict[str, Any] = {"KEY_ID": key_id, "PUBLIC_PEM": keys[key_id]}
    exec(compile(code, "webhook.md", "exec"), names)
    return names["verified"]


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def handle(self) -> None:
            try:
                self.connection.do_handshake()
                super().handle()
            except OSError:
                self.close_connection = True  # the courier has gone

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            way = endpoint.way()
            if way == "hang":
                endpoint.released.wait(120)
                self.close_connection = True
                return
            if way == "die":
                self.close_connection = True
                self.connection.close()
                return
            status = {"ok": 204, "redirect": 307}.get(way) or int(way)
            if status < 300:
                if endpoint.keys:
                    try:
                        body = verified_by_the_page(endpoint.keys)(
                            "POST", endpoint.url, dict(self.headers.items()), body
                        )
                    except Exception as error:
                        endpoint.refused.append(error)
                        status = 401
                if status < 300:
                    endpoint.notices.append(msgspec.json.decode(body))
            self.send_response(status)
            if status == 307:
                self.send_header("Location", endpoint.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    return Handler


@contextmanager
def endpoint_at(folder: Path, *, host: str = "127.0.0.1") -> Iterator[Endpoint]:
    """Serve an endpoint; ``folder/endpoint-ca.pem`` is its authority."""
    endpoint = Endpoint()
    certificate = make_certificate(folder, host)
    server = ThreadingHTTPServer((host, 0), _handler(endpoint))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # The handshake is the handler's: who goes in the middle of it must not stop all others.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    endpoint.url = f"https://{host}:{server.server_port}/axis"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(folder: Path, host: str) -> Path:
    """Make a certificate for an address that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "endpoint under test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM)
    (folder / "endpoint-ca.pem").write_bytes(pem)
    path = folder / "endpoint.pem"
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + key.private_bytes(*plain))
    return path
