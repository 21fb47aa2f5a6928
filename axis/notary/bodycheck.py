"""Compares the stored bytes of accepted packages with what the entries of a log committed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa

from axis.bodies import Bodies
from axis.bodies.errors import BodyCorruptError, BodyMissingError
from axis.errors import AxisError
from axis.ledger.entry import parse_leaf
from axis.ledger.events import Event
from axis.ledger.examine import Finding, PlainRow, Wrong
from axis.store.retention import purged_among

_PREFIX: Final = "sha256:"


def wrong_bodies(
    connection: sa.Connection, bodies: Bodies, rows: Iterable[PlainRow]
) -> list[Finding]:
    """Return the acceptances among ``rows`` whose packages are not stored as they came.

    Each body is read through and hashed. One that was purged is not asked for. What is wrong with
    the rows themselves is found elsewhere (:func:`axis.ledger.examine.examine_rows`).
    """
    accepted = dict(_accepted(rows))
    purged = purged_among(connection, set(accepted.values()))
    findings = []
    for index, digest in accepted.items():
        if digest in purged:
            continue
        try:
            bodies.check(digest)
        except BodyMissingError:
            findings.append(Finding(index, Wrong.BODY_MISSING))
        except BodyCorruptError:
            findings.append(Finding(index, Wrong.BODY))
    return findings


def _accepted(rows: Iterable[PlainRow]) -> Iterable[tuple[int, bytes]]:
    for index, _, _, _, leaf, _, _, opening in rows:
        try:
            event = parse_leaf(leaf).event
            body = msgspec.json.decode(opening, type=dict[str, str]).get("body", "")
        except (AxisError, msgspec.DecodeError):
            continue
        if event == Event.SUBMISSION_ACCEPTANCE and body.startswith(_PREFIX):
            yield index, bytes.fromhex(body.removeprefix(_PREFIX))
