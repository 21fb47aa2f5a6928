"""A witness behind a real HTTP server."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from axis.ledger.note import COSIGNATURE, NoteSigner
from axis.witness.app import make_app
from axis.witness.records import open_records
from axis.witness.witness import Witness

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SIGNER = NoteSigner("witness.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32), COSIGNATURE)


class Served:
    """A witness behind a real HTTP server on a free port."""

    def __init__(self, folder: Path, *, logs: list[NoteSigner]) -> None:
        self.records = open_records(str(folder / "witness.db"))
        witness = Witness(self.records, SIGNER, [log.verifier for log in logs], lambda: AT)
        config = uvicorn.Config(
            make_app(witness, SIGNER.verifier), port=0, log_level="error", ws="none"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        patience = threading.Event()
        while not self.server.started:
            patience.wait(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.records.dispose()

    def ask(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body)
