"""A system's own HTTPS endpoint, which the courier pushes notices to.

What was pushed is all that this system knows: it never looks into its mailbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID

import msgspec
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from axis.courier.notice import Notice
from axis.structs import ready


class Endpoint:
    """Keeps the ids of the deliveries that it was told of, until they are done with."""

    def __init__(self, folder: Path, port: int, *, host: str = "127.0.0.1") -> None:
        self.url = f"https://{host}:{port}/notices"
        self.told: set[UUID] = set()
        self.notices = 0
        self.certificate, key = _certify(folder, host)
        app = Starlette(routes=[Route("/notices", self._take, methods=["POST"])])
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            ssl_certfile=str(self.certificate),
            ssl_keyfile=str(key),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
        )
        self._server = _Server(config)

    async def serve(self, stop: asyncio.Event) -> None:
        """Take notices until ``stop``."""
        serving = asyncio.create_task(self._server.serve())
        await stop.wait()
        self._server.should_exit = True
        await serving

    async def _take(self, request: Request) -> Response:
        notice = msgspec.json.decode(await request.body(), type=ready(Notice))
        self.notices += 1
        self.told.update(one.delivery_id for one in notice.deliveries)
        return Response(status_code=204)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _certify(folder: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate for this address that is its own authority; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Soak endpoint")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    path, secret = folder / "endpoint.pem", folder / "endpoint.key"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret.write_bytes(pem)
    secret.chmod(0o600)
    return path, secret
