"""``axis group set|list|show``: named, dated lists of addressees."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from axis.commands.office import at_option, by_option, instant_of, span_of
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command("set")
@click.argument("group_id")
@click.option("--name", default="", help="What people call it.")
@click.option("--rule", default="", help="Conditions such as: level=commune below=H44.")
@click.option("--member", multiple=True, metavar="CODE", help="In it by hand.")
@click.option("--except", "left_out", multiple=True, metavar="CODE", help="Left out by hand.")
@click.option("--from", "from_text", metavar="DAY", help="From when on; default: now.")
@by_option
@json_option
@click.pass_obj
def set_(
    session: Session,
    group_id: str,
    name: str,
    rule: str,
    member: tuple[str, ...],
    left_out: tuple[str, ...],
    from_text: str | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Make a group, or make it be different from a day on.

    \b
    Examples:
      axis group set xa-phu-tho --name "Các xã của Phú Thọ" --rule "level=commune below=H44"
      axis group set to-cong-tac --member G22 --member H44 --from 2026-01-01
    """
    from axis.store.directory_groups import set_group

    _, version = set_group(
        session.engine,
        group_id,
        start=instant_of(from_text),
        by=recorded_by,
        at=datetime.now(UTC),
        name=name,
        rule=rule,
        members=member,
        left_out=left_out,
    )
    if as_json:
        show_object({"group_id": group_id, "version": version})
    else:
        say("recorded; directory version {version}", version=version)


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the groups, with what they were and will be.

    \b
    Examples:
      axis group list
      axis group list --json
    """
    from axis.store.directory_groups import load_groups
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        groups = load_groups(connection)
    rows = [
        {"group_id": g.group_id, "name": g.name, "rule": g.rule, **span_of(g)}
        for g in sorted(groups.groups, key=lambda g: (g.group_id, g.start))
    ]
    columns = ("group_id", "name", "rule", "valid_from", "valid_to")
    show_rows(rows, as_json=as_json, columns=columns)


@click.command
@click.argument("group_id")
@at_option
@rows_option
@click.pass_obj
def show(session: Session, group_id: str, at_text: str | None, as_json: bool) -> None:
    """List the offices that a letter to a group goes to at an instant.

    \b
    Examples:
      axis group show xa-phu-tho
      axis group show xa-phu-tho --at 2025-06-30 --json
    """
    from axis.directory.groups import expand
    from axis.store.directory import load_directory
    from axis.store.directory_groups import load_groups
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        directory, groups = load_directory(connection), load_groups(connection)
    offices = expand(directory, groups, group_id, instant_of(at_text))
    rows = [{"code": o.code, "name": o.name, "level": o.level, "id": o.office_id} for o in offices]
    show_rows(rows, as_json=as_json, columns=("code", "name", "level"))
