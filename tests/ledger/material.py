"""Entries and histories that the ledger's tests are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event

SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
START = datetime(2026, 11, 21, 20, 38, 19, 250_000, tzinfo=UTC)


def package(number: int) -> UUID:
    return uuid5(SPACE, f"package {number}")


def entry(number: int, event: Event = Event.SUBMISSION_ACCEPTANCE, **rest: object) -> Entry:
    values: dict[str, object] = {
        "event": event,
        "at": START + timedelta(milliseconds=number),
        "package_id": package(number),
        "body_sha256": number.to_bytes(32),
        "sender": "000.00.00.G22",
        "document": f"{number}/VPCP-TTĐT",
        "system": "vpcp",
    }
    return Entry(**(values | rest))  # type: ignore[arg-type]


def sealed(sealer: Sealer, count: int, start: int = 0) -> list[SealedEntry]:
    return [sealer.seal(entry(number)) for number in range(start, start + count)]
