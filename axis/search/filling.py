"""Writes down, behind the relay, by what documents are found. The clock does it in each round.

What was judged a moment ago is found by its number at once, and by its words some seconds later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.search.wanted import words_of
from axis.store.engine import transaction
from axis.store.indexing import (
    Indexed,
    newest_indexed,
    offices_of,
    packages_not_indexed,
    redirected_packages,
    save_indexed,
)

#: Packages of one transaction.
LOT: Final = 1000
#: A transaction of a relay that began so long ago may still bring packages judged then.
OVERLAP: Final = timedelta(minutes=10)
#: Offices of one document by which it is found; a circular to more is found by its words.
MOST_OFFICES: Final = 20_000


class Filler:
    """Follows the packages; remembers how far it looked."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._looked: datetime | None = None

    def round(self, now: datetime, *, most: int = 20) -> int:
        """Write down what came since the last round, so many lots at most; return how many.

        Raises:
            DatabaseUnavailableError: the rest comes in the next round.
        """
        done = 0
        for _ in range(most):
            written, more = self._lot(now)
            done += written
            if not more:
                break
        return done

    def _lot(self, now: datetime) -> tuple[int, bool]:
        with transaction(self._engine) as connection:
            newest = newest_indexed(connection)
            known = [one for one in (newest, self._looked) if one is not None]
            since = max(known) - OVERLAP if known else None
            rows = packages_not_indexed(connection, since=since, limit=LOT)
            more = len(rows) == LOT
            if not more:
                rows += redirected_packages(connection, since=now - OVERLAP)
            unique = {row.id: row for row in rows}
            offices = offices_of(connection, list(unique))
            save_indexed(
                connection,
                [
                    Indexed(
                        package_id=row.id,
                        at=row.decided_at,
                        words=words_of(row.subject, row.sign),
                        offices=_offices(row.sender_office, offices.get(row.id, set())),
                    )
                    for row in unique.values()
                ],
            )
        if not more:
            self._looked = now
        return len(rows), more


def _offices(sender: str | None, recipients: set[str]) -> tuple[str, ...]:
    ordered = sorted(recipients)[:MOST_OFFICES]
    return tuple(dict.fromkeys([*([sender] if sender else []), *ordered]))
