"""``axis office suspend|resume|contact``: what changes without a law."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.office import by_option, instant_of, show_problems
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory
    from axis.directory.upkeep import UpkeepPlan

_on = click.option("--on", "on_text", metavar="DAY", help="From when on; default: now.")
_basis = click.option("--basis", default="", help="Why.")


@click.command
@click.argument("code")
@_on
@_basis
@by_option
@json_option
@click.pass_obj
def suspend(
    session: Session, code: str, on_text: str | None, basis: str, recorded_by: str, as_json: bool
) -> None:
    """Hold what is addressed to an office until it resumes.

    \b
    Examples:
      axis office suspend H49.12.1 --basis "di chuyển trụ sở"
      axis office suspend H49.12.1 --on 2026-02-16 --json
    """
    from axis.directory.upkeep import plan_state
    from axis.directory.values import State, micros

    start = micros(instant_of(on_text))
    _record(
        session,
        lambda directory: plan_state(directory, code, State.SUSPENDED, start=start),
        kind="suspend",
        basis=basis,
        by=recorded_by,
        as_json=as_json,
    )


@click.command
@click.argument("code")
@_on
@_basis
@by_option
@json_option
@click.pass_obj
def resume(
    session: Session, code: str, on_text: str | None, basis: str, recorded_by: str, as_json: bool
) -> None:
    """Let a suspended office work again, or a planned one begin.

    \b
    Examples:
      axis office resume H49.12.1
      axis office resume H49.12.1 --on 2026-02-23 --json
    """
    from axis.directory.upkeep import plan_state
    from axis.directory.values import State, micros

    start = micros(instant_of(on_text))
    _record(
        session,
        lambda directory: plan_state(directory, code, State.ACTIVE, start=start),
        kind="resume",
        basis=basis,
        by=recorded_by,
        as_json=as_json,
    )


@click.command
@click.argument("code")
@click.option("--email", default="", help="E-mail address of the office.")
@click.option("--phone", default="", help="Telephone number of the office.")
@click.option("--address", default="", help="Where its letters go on paper.")
@_on
@by_option
@json_option
@click.pass_obj
def contact(
    session: Session,
    code: str,
    email: str,
    phone: str,
    address: str,
    on_text: str | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Say how the people of an office are reached.

    \b
    Examples:
      axis office contact H49 --email vanthu@h49.example --phone "0203 000 000"
      axis office contact H49 --address "Hạ Long" --on 2026-09-01
    """
    from axis.directory.upkeep import plan_contact
    from axis.directory.values import micros

    start = micros(instant_of(on_text))
    _record(
        session,
        lambda directory: plan_contact(
            directory, code, start=start, email=email, phone=phone, address=address
        ),
        kind="contact",
        basis="",
        by=recorded_by,
        as_json=as_json,
    )


def _record(
    session: Session,
    plan: Callable[[Directory], UpkeepPlan],
    *,
    kind: str,
    basis: str,
    by: str,
    as_json: bool,
) -> None:
    from axis.directory.errors import DirectoryRefusedError
    from axis.store.directory_changes import change_directory

    try:
        planned, version = change_directory(
            session.engine,
            plan,
            kind=kind,
            by=by,
            at=datetime.now(UTC),
            legal_basis=basis,
        )
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    if as_json:
        show_object({"changed": bool(planned.change), "version": version})
    else:
        done = translate("recorded") if planned.change else translate("no change")
        say("{done}; directory version {version}", done=done, version=version)
