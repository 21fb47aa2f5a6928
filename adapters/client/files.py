"""What both clients do with files and with the names of things."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

from adapters.client.exchange import PIECE, Source
from adapters.client.values import Delivery, Received, Submission


@contextmanager
def part_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside ``path`` that becomes it, durably, where the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def pieces_of(source: Source) -> Iterator[bytes]:
    """Yield the part of a file that is to be sent."""
    assert isinstance(source.what, Path)  # noqa: S101  bytes are sent whole
    left = source.length
    with source.what.open("rb") as file:
        file.seek(source.start)
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def id_of(delivery: Delivery | UUID) -> UUID:
    """Return the id of a delivery."""
    return delivery if isinstance(delivery, UUID) else delivery.delivery_id


def reporter_of(received: Received) -> str:
    """Return the code of ours that statuses about a document come from."""
    return received.instead.served if received.instead else received.delivery.address


def path_of(thing: Submission | Delivery | Received) -> tuple[str, bytes | None]:
    """Return where a thing is in the API, and its bytes where they are at hand."""
    match thing:
        case Submission():
            return f"/v1/packages/{thing.package_id}", None
        case Received():
            return f"/v1/deliveries/{thing.delivery.delivery_id}", thing.body
        case Delivery():
            return f"/v1/deliveries/{thing.delivery_id}", None
