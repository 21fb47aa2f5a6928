"""``axis office merge|split|rename|recode|move|close|apply|revoke``: what a law changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from axis.commands.language import translate
from axis.commands.office import by_option, instant_of, show_problems
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory
    from axis.directory.succession import ActPlan

F = TypeVar("F", bound=Callable[..., Any])


def act_options(command: F) -> F:
    """Add what every act needs: since when, on which basis, by whom."""
    for option in (
        json_option,
        by_option,
        click.option("--dry-run", is_flag=True, help="Check and count, change nothing."),
        click.option("--basis", required=True, help="The legal basis, such as NQ 202/2025/QH15."),
        click.option(
            "--on", "on_text", metavar="DAY", required=True, help="The day it takes effect."
        ),
    ):
        command = option(command)
    return command


@click.command
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, metavar="CODE[=NAME]", help="The successor; NAME founds it.")
@click.option("--parent", default="", metavar="CODE", help="Of an office that is founded.")
@click.option("--system", default="", help="That acts for an office that is founded.")
@act_options
@click.pass_obj
def merge(
    session: Session, /, codes: tuple[str, ...], into: str, parent: str, system: str, **rest: Any
) -> None:
    """Merge offices into one: an office that goes on, or one founded by the same act.

    Offices under a merged one move to the successor.

    \b
    Examples:
      axis office merge H62 H28 --into H44 --on 2025-07-01 --basis "NQ 202/2025/QH15"
      axis office merge H44.1 H44.2 --into "H44.9=Xã A" --on 2025-07-01 --basis "NQ 1676"
    """
    _record(session, "merge", codes, into=(into,), parent=parent, system=system, **rest)


@click.command
@click.argument("code")
@click.option("--into", multiple=True, required=True, metavar="CODE[=NAME]", help="A successor.")
@click.option("--default", default="", metavar="CODE", help="Takes what no other rule takes.")
@click.option("--hold", default="", metavar="PERSON", help="Decides about each letter.")
@click.option("--subunit", multiple=True, metavar="NAME=CODE", help="By the old sub-unit named.")
@click.option("--document-type", multiple=True, metavar="TYPE=CODE", help="By document type.")
@click.option("--parent", default="", metavar="CODE", help="Of offices that are founded.")
@click.option("--system", default="", help="That acts for offices that are founded.")
@act_options
@click.pass_obj
def split(
    session: Session,
    /,
    code: str,
    into: tuple[str, ...],
    default: str,
    hold: str,
    subunit: tuple[str, ...],
    document_type: tuple[str, ...],
    parent: str,
    system: str,
    **rest: Any,
) -> None:
    """Divide an office among several and say where letters to it go.

    \b
    Examples:
      axis office split H7 --into H8 --into H9 --default H8 --on 2025-07-01 --basis "NQ 1"
      axis office split H7 --into H8 --into H9 --hold "Ông B" --on 2025-07-01 --basis "NQ 1"
    """
    _record(
        session,
        "split",
        (code,),
        into=into,
        default=default,
        hold=hold,
        subunits=";".join(subunit),
        document_types=";".join(document_type),
        parent=parent,
        system=system,
        **rest,
    )


@click.command
@click.argument("code")
@click.argument("name")
@act_options
@click.pass_obj
def rename(session: Session, /, code: str, name: str, **rest: Any) -> None:
    """Give an office another name.

    \b
    Examples:
      axis office rename H19 "Thành phố Đồng Nai" --on 2026-04-30 --basis "NQ 30/2026/QH16"
      axis office rename H49.1 "Phường A" --on 2026-09-01 --basis "NQ 36/2026/QH16" --dry-run
    """
    _record(session, "rename", (code,), name=name, **rest)


@click.command
@click.argument("code")
@click.argument("new_code")
@act_options
@click.pass_obj
def recode(session: Session, /, code: str, new_code: str, **rest: Any) -> None:
    """Give an office another code; letters to the old one still reach it.

    \b
    Examples:
      axis office recode 000.00.00.H49 H49 --on 2025-10-01 --basis "QĐ 20/2020/QĐ-TTg"
      axis office recode 89 91 --on 2025-07-01 --basis "QĐ 19/2025/QĐ-TTg"
    """
    _record(session, "recode", (code,), into=(new_code,), **rest)


@click.command
@click.argument("codes", nargs=-1, required=True)
@click.option("--to", "parent", default="", metavar="CODE", help="The new parent.")
@click.option("--level", help="The new level.")
@act_options
@click.pass_obj
def move(
    session: Session, /, codes: tuple[str, ...], parent: str, level: str | None, **rest: Any
) -> None:
    """Move offices to another parent or level.

    \b
    Examples:
      axis office move H44.1 H44.2 --to H62 --on 2025-07-01 --basis "NQ 202/2025/QH15"
      axis office move 471 --level commune --on 2025-07-01 --basis "NQ 202/2025/QH15"
    """
    _record(session, "move", codes, parent=parent, level=level, **rest)


@click.command
@click.argument("codes", nargs=-1, required=True)
@act_options
@click.pass_obj
def close(session: Session, /, codes: tuple[str, ...], **rest: Any) -> None:
    """Close offices without a successor; what is addressed to them later is held and shown.

    \b
    Examples:
      axis office close G05 --on 2025-03-01 --basis "NQ 176/2025/QH15"
      axis office close G05 G07 --on 2025-03-01 --basis "NQ 176/2025/QH15" --dry-run
    """
    _record(session, "close", codes, **rest)


@click.command
@click.argument("plan", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and count, change nothing.")
@by_option
@json_option
@click.pass_obj
def apply(session: Session, plan: Path, dry_run: bool, recorded_by: str, as_json: bool) -> None:
    """Record all acts of a plan, in the order of its lines, or with a list of problems none.

    \b
    The first line names the columns: kind, from, effective, legal_basis; and where wanted to,
    name, parent, level, default, hold, subunits, document_types, system. For example:
      kind,from,to,effective,legal_basis
      merge,H62 H28,H44,2025-07-01,NQ 202/2025/QH15
      recode,000.00.00.H44,H44,2025-07-01,QĐ 20/2020/QĐ-TTg

    \b
    Examples:
      axis office apply plan.csv --dry-run
      axis office apply plan.csv --by "Nguyễn Văn A"
    """
    from axis.directory.succession import plan_file

    data = plan.read_bytes()
    _change(
        session,
        lambda directory: plan_file(directory, data, source=plan.name),
        kind="plan",
        basis="",
        dry_run=dry_run,
        recorded_by=recorded_by,
        as_json=as_json,
    )


@click.command
@click.argument("version", type=int)
@click.option("--basis", default="", help="Why it is taken back.")
@by_option
@json_option
@click.pass_obj
def revoke(session: Session, version: int, basis: str, recorded_by: str, as_json: bool) -> None:
    """Take back a recorded change by a new one; the history keeps both.

    \b
    Examples:
      axis office revoke 17 --basis "ghi nhầm ngày"
      axis office revoke 17 --json
    """
    from axis.store.directory_history import revoke_change

    new = revoke_change(
        session.engine,
        version,
        by=recorded_by,
        at=datetime.now(UTC),
        basis=basis,
    )
    if as_json:
        show_object({"revoked": version, "version": new})
    else:
        say("change {version} is taken back; directory version {new}", version=version, new=new)


def _record(
    session: Session,
    kind: str,
    codes: tuple[str, ...],
    *,
    on_text: str,
    basis: str,
    dry_run: bool,
    recorded_by: str,
    as_json: bool,
    into: tuple[str, ...] = (),
    level: str | None = None,
    subunits: str = "",
    document_types: str = "",
    **rest: Any,
) -> None:
    from axis.directory.acts import Act, parse_pairs, parse_successor
    from axis.directory.succession import plan_reorganisation
    from axis.directory.values import Level, SuccessionKind, micros

    try:
        act = Act(
            kind=SuccessionKind(kind),
            old=codes,
            at=micros(instant_of(on_text)),
            legal_basis=basis,
            new=tuple(parse_successor(word) for word in into),
            level=Level(level) if level else None,
            subunits=parse_pairs(subunits),
            document_types=parse_pairs(document_types),
            **rest,
        )
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    _change(
        session,
        lambda directory: plan_reorganisation(directory, [act], source="the act"),
        kind=kind,
        basis=basis,
        dry_run=dry_run,
        recorded_by=recorded_by,
        as_json=as_json,
    )


def _change(
    session: Session,
    plan: Callable[[Directory], ActPlan],
    *,
    kind: str,
    basis: str,
    dry_run: bool,
    recorded_by: str,
    as_json: bool,
) -> None:
    from axis.directory.errors import DirectoryRefusedError
    from axis.store.directory_changes import change_directory

    try:
        planned, version = change_directory(
            session.engine,
            plan,
            kind=kind,
            by=recorded_by,
            at=datetime.now(UTC),
            legal_basis=basis,
            dry_run=dry_run,
        )
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    summary = planned.summary()
    if as_json:
        show_object({**summary, "version": version, "dry_run": dry_run})
    else:
        counts = ", ".join(f"{value} {key}" for key, value in summary.items())
        say(
            "{how}: {counts}; directory version {version}",
            how=translate("would be") if dry_run else translate("recorded"),
            counts=counts,
            version=version,
        )
