"""Which rows of a list a client asked for, while the list is read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def chosen(
    pages: AsyncIterator[Sequence[T]],
    fits: Callable[[T], bool],
    passed: int,
    wanted: int | None,
) -> AsyncIterator[list[T]]:
    """Yield what fits, less the first ``passed``, up to ``wanted``; None: all."""
    async for page in pages:
        found = [one for one in page if fits(one)]
        skipped = min(passed, len(found))
        passed -= skipped
        found = found[skipped:]
        if wanted is not None:
            found = found[:wanted]
            wanted -= len(found)
        yield found
        if wanted == 0:
            return
