"""``axis type list|show|add|activate|retire``: the kinds of messages that the axis carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import (
    instant,
    json_option,
    rows_option,
    say,
    show_object,
    show_rows,
    tell,
)
from axis.commands.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from axis.store.types import TypeRecord
    from axis.types.book import Book
    from axis.types.rules import Rules

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_COLUMNS = ("type", "version", "state", "name", "messages", "takers")


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the message types with their versions, states and takers.

    \b
    Examples:
      axis type list
      axis type list --json
    """
    from axis.store.engine import transaction
    from axis.store.types import count_stored, load_types, takers, type_records
    from axis.types.book import built_in

    rows: list[dict[str, object]] = [
        _row(rules, session.lang) | {"state": "built in", "messages": None, "takers": "all"}
        for rules in built_in().values()
    ]
    with transaction(session.engine) as connection:
        book = load_types(connection)
        for record in type_records(connection):
            rules = book.rules(record.type, record.version)
            some = takers(connection, record.type, record.version)
            rows.append(
                _row(rules, session.lang)
                | {
                    "state": record.state.value,
                    "messages": count_stored(connection, record.type, record.version),
                    "takers": len(some) if rules.receive.declared else "all",
                }
                | _instants(record)
            )
    show_rows(rows, as_json=as_json, columns=_COLUMNS)


@click.command
@click.argument("type_id", metavar="TYPE[/VERSION]")
@rows_option
@click.pass_obj
def show(session: Session, type_id: str, as_json: bool) -> None:
    """Show what a type says: where things stand, who sends and takes it, limits and deadline.

    Without a version, the newest that was added.

    \b
    Examples:
      axis type show dossier
      axis type show dossier/1 --json
    """
    import msgspec

    from axis.store.engine import transaction
    from axis.store.types import load_types, takers

    with transaction(session.engine) as connection:
        book = load_types(connection)
        rules = rules_named(book, type_id)
        takes = [f"{kind} {taker}" for kind, taker in takers(connection, rules.type, rules.version)]
    lang = "vi" if session.lang == "vi" else "en"
    deadline = rules.deadline
    facts: dict[str, object] = {
        **_row(rules, session.lang),
        "about": getattr(rules.about, lang),
        "state": state_of(book, rules),
        "namespace": rules.namespace,
        "root": rules.root,
        "schema": rules.schema,
        "read": rules.paths(),
        "steps": {step: getattr(words, lang) for step, words in rules.steps.items()},
        "statuses": list(rules.statuses),
        "sent_by": list(rules.send.levels) or "any level",
        "received_by": list(rules.receive.levels) or "any level",
        "takers": takes if rules.receive.declared else "all",
        "counts": [name for name in ("paper", "letter") if getattr(rules.counts, name)],
        "keep": rules.keep,
        "limits": {
            name: value
            for name in rules.limits.__struct_fields__
            if (value := getattr(rules.limits, name)) is not None
        },
        "deadline": f"{deadline.by}, {deadline.done}" if deadline else None,
        "league": msgspec.to_builtins(rules.league) if rules.league else None,
    }
    if as_json:
        show_object(facts)
        return
    show_rows(
        [{"what": name, "value": _told(value)} for name, value in facts.items()],
        as_json=False,
        columns=("what", "value"),
    )


@click.command
@click.argument("folder", type=_FOLDER)
@click.option("--dry-run", is_flag=True, help="Check, change nothing.")
@json_option
@click.pass_context
def add(context: click.Context, folder: Path, dry_run: bool, as_json: bool) -> None:
    """Add a version of a type from its folder <type>/<version>, or replace its files.

    All problems are listed at once. Files of a version that carried messages are replaced only
    where they read all of these as before. It is carried once it is activated.

    \b
    Examples:
      axis type add xsd/dossier/1
      axis type add xsd/dossier/1 --dry-run --json
    """
    from datetime import UTC, datetime

    from axis.commands.type_check import examined, show_problems
    from axis.store.engine import transaction
    from axis.store.types import save_type
    from axis.types.book import built_in
    from axis.types.errors import TypeRefusedError, TypeStateError
    from axis.types.folder import files_of

    session: Session = context.obj
    name, version = folder.resolve().parent.name, folder.resolve().name
    type_id = f"{name}/{version}"
    files = files_of(folder)
    _, problems = examined(session, files, name, version)
    if problems:
        show_problems(problems, session.lang, as_json=as_json)
        raise TypeRefusedError(type_id=type_id, problems=problems)
    if name in built_in():
        raise TypeStateError(type=type_id, state="built in", wanted="added")
    if dry_run:
        fresh = None
    else:
        with transaction(session.engine) as connection:
            fresh = save_type(connection, name, version, files, at=datetime.now(UTC))
    if as_json:
        show_object({"type": name, "version": version, "new": fresh, "dry_run": dry_run})
    elif dry_run:
        say("{type} has no problem; nothing was changed", type=type_id)
    elif fresh:
        say("{type} is added; axis type activate {type} lets it be carried", type=type_id)
    else:
        say("the files of {type} are replaced", type=type_id)


@click.command
@click.argument("type_id", metavar="TYPE/VERSION")
@json_option
@click.pass_obj
def activate(session: Session, type_id: str, as_json: bool) -> None:
    """Let messages of a version be carried from now on.

    \b
    Examples:
      axis type activate dossier/1
      axis type activate dossier/2 --json
    """
    _change(session, type_id, "active", as_json=as_json)


@click.command
@click.argument("type_id", metavar="TYPE/VERSION")
@json_option
@click.pass_obj
def retire(session: Session, type_id: str, as_json: bool) -> None:
    """Carry no more messages of a version; what was carried can be read for ever.

    \b
    Examples:
      axis type retire dossier/1
      axis type retire dossier/1 --json
    """
    _change(session, type_id, "retired", as_json=as_json)


def rules_named(book: Book, type_id: str) -> Rules:
    """Return the rules of ``dossier/1``, or of the newest version of ``dossier``.

    Raises:
        TypeUnknownError: there is none.
    """
    from axis.envelope.errors import TypeUnknownError

    name, _, version = type_id.partition("/")
    if version:
        return book.rules(name, version)
    found = book.named(name)
    if not found:
        raise TypeUnknownError(expected=", ".join(book.active()), got=type_id)
    return found[0]


def state_of(book: Book, rules: Rules) -> str:
    """Return the state of a version in a word."""
    entry = book.entries().get((rules.type, rules.version))
    return entry.state.value if entry else "built in"


def _change(session: Session, type_id: str, wanted: str, *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from axis.store.engine import transaction
    from axis.store.types import load_types, set_state
    from axis.types.book import State
    from axis.types.errors import TypeStateError

    with transaction(session.engine) as connection:
        book = load_types(connection)
        rules = rules_named(book, type_id)
        state = state_of(book, rules)
        may = {"active": ("added", "retired"), "retired": ("active",)}[wanted]
        if state not in may:
            raise TypeStateError(type=rules.id, state=state, wanted=wanted)
        set_state(connection, rules.type, rules.version, State(wanted), at=datetime.now(UTC))
    if as_json:
        show_object({"type": rules.type, "version": rules.version, "state": wanted})
    else:
        tell("{type} is {state} now", type=rules.id, state=wanted)


def _row(rules: Rules, lang: str) -> dict[str, object]:
    name = rules.name.vi if lang == "vi" else rules.name.en
    return {"type": rules.type, "version": rules.version, "name": name}


def _instants(record: TypeRecord) -> dict[str, object]:
    moments: dict[str, datetime | None] = {
        "added_at": record.added_at,
        "activated_at": record.activated_at,
        "retired_at": record.retired_at,
    }
    return {name: instant(at) if at else None for name, at in moments.items()}


def _told(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value
