"""Makes a command answer to somebody: asks for the role, and records who gave it and why."""

from __future__ import annotations

from copy import copy
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from axis.commands.session import Session
    from axis.people.acts import Order
    from axis.people.duties import Role

_WHY = "The reason, for the ledger."


def answerable(command: click.Command, words: str, role: Role) -> click.Command:
    """Return a command that first asks for ``role`` and puts itself on the record.

    A command with ``--yes`` that is called without it only shows what it would do: it asks for the
    role, and there is nothing to record.
    """
    wrapped = copy(command)
    wrapped.params = list(command.params)
    adds_why = all(parameter.name != "why" for parameter in wrapped.params)
    if adds_why:
        wrapped.params.append(click.Option(["--why"], help=_WHY))
    work = command.callback
    assert work is not None  # noqa: S101  every command of ours does something

    @wraps(work)
    def callback(*arguments: Any, **values: Any) -> Any:
        context = click.get_current_context()
        why = values.pop("why") if adds_why else values.get("why")
        _answer(context.obj, _order(context, words, role, why), only_shows=_only_shows(values))
        return work(*arguments, **values)

    wrapped.callback = callback
    return wrapped


def _only_shows(values: Mapping[str, Any]) -> bool:
    return values.get("yes") is False or values.get("dry_run") is True


def _answer(session: Session, order: Order, *, only_shows: bool) -> None:
    from datetime import UTC, datetime

    from axis.people.acts import begin, demand
    from axis.people.duties import asks_for_two

    if only_shows:
        demand(session.engine, order)
        return
    two_persons = asks_for_two(order.command, session.settings.people.two_persons)
    begin(session.engine, session.sealer, order, two_persons=two_persons, now=datetime.now(UTC))


def _order(context: click.Context, words: str, role: Role, why: str | None) -> Order:
    from axis.people.account import account
    from axis.people.acts import Order

    given = {
        parameter.name: _plain(parameter, context.params.get(parameter.name))
        for parameter in context.command.params
        if parameter.name and parameter.name not in ("why", "yes", "as_json")
    }
    said = {name: value for name, value in given.items() if value not in (None, [], False)}
    return Order(who=account(), role=role, command=words, arguments=said, why=why)


def _plain(parameter: click.Parameter, value: Any) -> Any:
    """Return an argument as JSON; a file or a folder is what is in it."""
    from pathlib import Path

    if isinstance(value, tuple | list):
        return [_plain(parameter, one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(parameter.type, click.Path) or isinstance(value, Path):
        return {"path": str(value), "sha256": _digest(Path(value))}
    return str(value)


def _digest(path: Any) -> str | None:
    """Return the SHA-256 of a file, or of the names and digests in a folder; None: not there."""
    import hashlib

    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        return None
    whole = hashlib.sha256()
    for below in sorted(path.rglob("*")):
        if below.is_file():
            whole.update(f"{below.relative_to(path)}\0{_digest(below)}\n".encode())
    return whole.hexdigest()
