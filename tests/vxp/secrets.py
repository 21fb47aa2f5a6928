"""Shared secrets, made the way the command makes them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from axis.access.sealing import KEY_BYTES, seal_secret
from axis.access.values import SharedSecret, Term
from axis.store.access import add_secret
from axis.store.engine import transaction
from tests.relay.installation import Installation


def give_secret(axis: Installation, system_id: str, secret: bytes) -> None:
    path = axis.settings.path(axis.settings.access.key)
    if not path.exists():
        path.write_bytes(b"a" * KEY_BYTES)
        path.chmod(0o600)
    secret_id = secrets.token_hex(8)
    with transaction(axis.engine) as connection:
        add_secret(
            connection,
            SharedSecret(
                id=secret_id,
                system_id=system_id,
                sealed=seal_secret(
                    path.read_bytes(), secret, secret_id=secret_id, system_id=system_id
                ),
                term=Term(created_at=datetime.now(UTC) - timedelta(days=1), expires_at=None),
                note="",
                created_by="test",
            ),
        )
