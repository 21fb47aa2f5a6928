"""How new what packages are judged against is: one question before each batch."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from axis.store.tables.directory import DIRECTORY_VERSION
from axis.store.tables.trust import TRUST_VERSION
from axis.store.tables.types import TYPE_CHANGE

#: Made once: it is asked many times a second.
_VERSIONS: Final = sa.select(
    sa.select(DIRECTORY_VERSION.c.version).scalar_subquery(),
    sa.select(TRUST_VERSION.c.version).scalar_subquery(),
    sa.select(TYPE_CHANGE.c.version).scalar_subquery(),
)


def reference_versions(connection: sa.Connection) -> tuple[int, int, int]:
    """Return the versions of directory, certificates and message types; 0 while empty."""
    directory, registry, types = connection.execute(_VERSIONS).one()
    return directory or 0, registry or 0, types or 0
