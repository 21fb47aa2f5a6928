"""Looks up the attachments that packages name and do not hold, among what their systems brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from axis.admission.admit import Brought, Parts
from axis.examine.inspect import Inspection
from axis.store.engine import transaction
from axis.store.parts import parts_brought
from axis.trust.values import VerifiedSignature


def parts_for(
    engine: sa.Engine, asking: Iterable[tuple[str, object]], *, now: datetime
) -> Mapping[str, Parts]:
    """Return by system what it brought of what its packages ask for; mostly nothing is asked.

    Args:
        engine: the records.
        asking: systems, and what examining their packages gave.
        now: what is found is kept for a while from this instant on.

    Raises:
        DatabaseUnavailableError: cannot tell now.
    """
    wanted: dict[str, set[tuple[str, bytes]]] = {}
    for system_id, examined in asking:
        for one in wanted_by(examined):
            wanted.setdefault(system_id, set()).add(one)
    if not wanted:
        return {}
    found: dict[str, Parts] = {}
    with transaction(engine) as connection:
        for system_id, digests in wanted.items():
            brought = parts_brought(connection, system_id, digests, now=now)
            found[system_id] = {
                digest: Brought(sha256=part.digest, size_bytes=part.size_bytes)
                for digest, part in brought.items()
            }
    return found


def wanted_by(examined: object) -> list[tuple[str, bytes]]:
    """Return the digests of the attachments that a package signs and does not hold."""
    if not isinstance(examined, Inspection) or not isinstance(
        examined.signature, VerifiedSignature
    ):
        return []
    return [(one.digest_name, one.digest) for one in examined.signature.apart]
