"""``axis office rehearse|rule``: what a plan would do, and where letters to a divided office go."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from axis.commands.language import translate
from axis.commands.office import by_option, instant_of, show_problems
from axis.commands.output import instant, json_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("plan", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--on", "on_text", metavar="DAY", help="The day asked about; default: of the last act."
)
@json_option
@click.pass_obj
def rehearse(session: Session, plan: Path, on_text: str | None, as_json: bool) -> None:
    """Apply a plan to a copy and tell what would happen; nothing is recorded.

    Answers: codes that are lost and where letters to them go, offices that change their system,
    systems without an office, documents on their way that are redirected or held, certificates of
    offices that end.

    \b
    Examples:
      axis office rehearse plan.csv
      axis office rehearse plan.csv --on 2025-07-01 --json
    """
    from axis.directory.acts import read_plan
    from axis.directory.errors import DirectoryRefusedError
    from axis.directory.rehearsal import rehearse as rehearse_plan
    from axis.directory.succession import plan_file
    from axis.directory.table import Problems
    from axis.directory.values import moment
    from axis.store.directory import load_directory
    from axis.store.directory_rehearsal import certificates, undelivered
    from axis.store.engine import transaction

    data = plan.read_bytes()
    with transaction(session.engine) as connection:
        before = load_directory(connection)
        waiting, bound = undelivered(connection), certificates(connection)
    try:
        planned = plan_file(before, data, source=plan.name)
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    last = max((act.at for act in read_plan(data, Problems())), default=0)
    on = instant_of(on_text) if on_text else moment(last) or datetime.now(UTC)
    found = rehearse_plan(
        before,
        planned.draft,
        on=on,
        grace=timedelta(days=session.settings.directory.grace_days),
        undelivered=waiting,
        certificates=bound,
    )
    if as_json:
        answer = asdict(found)
        for row in answer["expiring"]:
            row["until"] = instant(row["until"])
        show_object({"on": instant(on), **planned.summary(), **answer})
        return
    say(f"on {instant(on)}: " + ", ".join(f"{v} {k}" for k, v in planned.summary().items()))
    for title, rows, columns in (
        ("codes lost", found.lost_codes, ("code", "name", "served_by")),
        ("offices with another system", found.rehomed, ("code", "name", "before", "after")),
        ("documents on their way", found.redirections, ("delivery_id", "address", "outcome", "to")),
        ("certificates that expire", found.expiring, ("certificate", "code", "name", "until")),
    ):
        say(f"{title}: {len(rows)}")
        if rows:
            show_rows([asdict(row) for row in rows], as_json=False, columns=columns)
    idle = ", ".join(found.idle_systems) or translate("none")
    say("systems without an office: {names}", names=idle)


@click.command
@click.argument("code")
@click.option("--default", default="", metavar="CODE", help="Takes what no other rule takes.")
@click.option("--hold", default="", metavar="PERSON", help="Decides about each letter.")
@click.option("--subunit", multiple=True, metavar="NAME=CODE", help="By the old sub-unit named.")
@click.option("--document-type", multiple=True, metavar="TYPE=CODE", help="By document type.")
@click.option("--on", "on_text", metavar="DAY", help="From when on; default: now.")
@by_option
@json_option
@click.pass_obj
def rule(
    session: Session,
    code: str,
    default: str,
    hold: str,
    subunit: tuple[str, ...],
    document_type: tuple[str, ...],
    on_text: str | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Say where letters to a divided office go from now on.

    \b
    Examples:
      axis office rule 01.001.00007 --default 00025
      axis office rule 01.001.00007 --document-type "Báo cáo=00008" --hold "Nguyễn Thị B"
    """
    from axis.directory.acts import parse_pairs
    from axis.directory.errors import DirectoryRefusedError
    from axis.directory.rules import plan_rules
    from axis.directory.values import micros
    from axis.store.directory_changes import change_directory

    try:
        pairs = parse_pairs(";".join(subunit)), parse_pairs(";".join(document_type))
    except ValueError as error:
        raise click.BadParameter(f"{error}: expected NAME=CODE") from error
    start = micros(instant_of(on_text))
    try:
        plan, version = change_directory(
            session.engine,
            lambda directory: plan_rules(
                directory,
                code,
                start=start,
                default=default,
                hold=hold,
                subunits=pairs[0],
                document_types=pairs[1],
            ),
            kind="rule",
            by=recorded_by,
            at=datetime.now(UTC),
        )
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    if as_json:
        show_object({**plan.summary(), "version": version})
    else:
        say(
            "{added} rules recorded; directory version {version}",
            added=len(plan.change.added),
            version=version,
        )
