"""What the commands on credentials share: how long they count, what they are for, how they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.access.values import Scope, Term

scope_option = click.option(
    "--scope",
    "scope_words",
    type=click.Choice(["send", "receive", "directory", "statistics", "types"]),
    multiple=True,
    help="What it is for; may be given more than once. Default: all but statistics and types.",
)
rotate_option = click.option(
    "--rotate",
    is_flag=True,
    help="End the ones before, after an overlap of [access] overlap_days.",
)
days_option = click.option(
    "--days", type=click.IntRange(min=1), help="How long it counts; default: [access] token_days."
)
note_option = click.option("--note", default="", help="What it is for, for people.")


def scopes_of(words: Sequence[str]) -> frozenset[Scope]:
    """Return the scopes that were named, or all that a system needs."""
    from axis.access.values import ALL_SCOPES, Scope

    return frozenset(Scope(word) for word in words) or ALL_SCOPES


def demand_system(connection: sa.Connection, system_id: str) -> None:
    """Return where there is such a system.

    Raises:
        SystemUnknownError: there is none.
    """
    from axis.directory.errors import SystemUnknownError
    from axis.store.directory_systems import has_system

    if not has_system(connection, system_id):
        raise SystemUnknownError(system_id=system_id)


def instant_now() -> datetime:
    """Return the instant of a change."""
    return datetime.now(UTC)


def after_days(now: datetime, days: int) -> datetime:
    """Return the instant so many days from now."""
    return now + timedelta(days=days)


def term_row(term: Term) -> dict[str, object]:
    """Return a term as columns: ``state`` is active, expired or revoked."""
    now = instant_now()
    state = "active"
    if not term.holds(now):
        state = "revoked" if term.revoked_at is not None and term.revoked_at <= now else "expired"
    return {
        "state": state,
        "created_at": term.created_at,
        "expires_at": term.until,
    }
