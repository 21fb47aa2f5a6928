"""``axis alert``: what is wrong now with the axis itself or with somebody it depends on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, say, show_object, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session


@click.command("list")
@click.option("--all", "over", is_flag=True, help="Also what is over.")
@json_option
@click.pass_context
def list_(context: click.Context, over: bool, as_json: bool) -> None:
    """List the alarms that go on, newest first; exit 1 where there is one.

    \b
    Examples:
      axis alert list
      axis alert list --all --json
    """
    from axis.errors import Fault, Lang, Refusal
    from axis.store.alarms import alarms
    from axis.store.engine import transaction

    session: Session = context.obj
    with transaction(session.engine) as connection:
        found = alarms(connection, over=over)
    lang: Lang = "vi" if session.lang == "vi" else "en"
    rows = []
    for alarm in found:
        refusal = Refusal(code=alarm.code, fault=Fault.OUTAGE, facts=alarm.facts)
        rows.append(
            {
                "code": alarm.code,
                "subject": alarm.subject,
                "since": alarm.first_at,
                "last": alarm.last_at,
                "times": alarm.times,
                "over": alarm.ended_at,
                "text": refusal.text(lang),
                "next": refusal.hint(lang),
            }
        )
    columns = ("code", "subject", "since", "times", *(["over"] if over else []), "text", "next")
    if rows or as_json:
        show_rows(rows, as_json=as_json, columns=columns)
    else:
        say("nothing is wrong")
    if any(alarm.ended_at is None for alarm in found):
        context.exit(1)


@click.command
@click.argument("code")
@click.argument("subject")
@json_option
@click.pass_obj
def end(session: Session, code: str, subject: str, as_json: bool) -> None:
    """Say that an alarm was seen to and is over; it comes back where its cause does.

    \b
    Examples:
      axis alert end signature.verifiers-disagree 5d0c4f5e-0f0a-5d0e-9a44-1c7d0b5e2f10
      axis alert end examine.resource-limit 5d0c4f5e-0f0a-5d0e-9a44-1c7d0b5e2f10 --why "đã xem"
    """
    from axis.store.alarms import alarms, end_alarms
    from axis.store.engine import transaction
    from axis.store.errors import AlarmUnknownError

    with transaction(session.engine) as connection:
        if not any(one.code == code and one.subject == subject for one in alarms(connection)):
            raise AlarmUnknownError(name=f"{code} {subject}")
        end_alarms(connection, code, [subject], at=datetime.now(UTC))
    if as_json:
        show_object({"code": code, "subject": subject, "over": True})
        return
    say(f"over: {code} {subject}")
