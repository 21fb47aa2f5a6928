"""Brings attachments that travel apart, for ``axis send`` on the axis's own host."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from axis.commands.output import say

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.settings import Settings

_PIECE: Final = 1024 * 1024

#: Digests that a package may name attachments by; ours are always taken by SHA-256.
_OTHERS: Final = {"sha384": b"xmldsig-more#sha384", "sha512": b"xmlenc#sha512"}


def bring(
    settings: Settings,
    engine: sa.Engine,
    files: Sequence[Path],
    *,
    system_id: str,
    packages: Sequence[Path],
) -> None:
    """Bring files as attachments of a system, with a progress bar on a terminal.

    Raises:
        PartTooLargeError, PartsWaitingError: it may not be brought.
        BodyStoreFullError, DatabaseUnavailableError: cannot be kept now.
    """
    import asyncio
    from datetime import UTC, datetime

    from axis.bodies import open_bodies
    from axis.parts import store_part

    signed = [package.read_bytes() for package in packages]
    also = [name for name, uri in _OTHERS.items() if any(uri in one for one in signed)]
    bodies = open_bodies(settings)
    for file in files:
        size = file.stat().st_size
        with click.progressbar(
            length=size, label=file.name, file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            part = asyncio.run(
                store_part(
                    _pieces(file, bar.update),
                    system_id=system_id,
                    engine=engine,
                    bodies=bodies,
                    settings=settings.parts,
                    now=datetime.now(UTC),
                    also=also,
                )
            )
        say(
            "{file}: brought ({size_bytes} bytes, sha256 {digest})",
            file=file,
            size_bytes=part.size_bytes,
            digest=part.digest.hex()[:12],
        )


async def _pieces(file: Path, told: Callable[[int], None]) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece
            told(len(piece))
