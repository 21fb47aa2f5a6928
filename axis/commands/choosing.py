"""The words by which deliveries are named on the command line, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from axis.store.choosing import Filter

_F = TypeVar("_F", bound=Callable[..., Any])

STATES = ("held", "routed", "offered", "fetched", "parked")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Age(click.ParamType[timedelta]):
    """A length of time such as 30m, 2h or 3d."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the length of time."""
        if isinstance(value, timedelta):
            return value
        try:
            return timedelta(**{UNITS[value[-1]]: int(value[:-1])})
        except (KeyError, ValueError, IndexError):
            self.fail(f"{value!r} is no length of time; write 30m, 2h or 3d", param, ctx)


def filter_options(function: _F) -> _F:
    """Give a command the options that choose deliveries."""
    for option in reversed(
        (
            click.option("--system", "system_id", help="Only of this system."),
            click.option("--office", "address", help="Only to this code, as it was written."),
            click.option(
                "--state",
                "states",
                multiple=True,
                type=click.Choice(STATES),
                help="Only in this state; may be given several times.",
            ),
            click.option("--cause", help="Only with this cause, such as no-system."),
            click.option("--document", help="Only of this DocumentId or number/notation."),
            click.option("--older", type=Age(), help="Only what has waited longer: 30m, 2h, 3d."),
            click.option(
                "--limit",
                default=10_000,
                show_default=True,
                type=click.IntRange(min=1),
                help="At most so many.",
            ),
        )
    ):
        function = option(function)
    return function


def filter_of(words: dict[str, Any], ids: tuple[Any, ...] = ()) -> Filter:
    """Return what a command's options ask for."""
    from datetime import UTC, datetime

    from axis.delivery.states import State
    from axis.store.choosing import Filter

    older = words["older"]
    return Filter(
        ids=ids,
        system_id=words["system_id"],
        address=words["address"],
        states=tuple(State(state) for state in words["states"]),
        cause=words["cause"],
        document=words["document"],
        before=datetime.now(UTC) - older if older is not None else None,
    )
