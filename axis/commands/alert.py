"""``axis alert``: what is wrong now with the axis itself or with somebody it depends on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, rows_option, say, show_object, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session


@click.command("list")
@click.option("--all", "over", is_flag=True, help="Also what is over.")
@click.option("--silences", "shows_silences", is_flag=True, help="The silences that hold, instead.")
@click.option("--messages", "shows_messages", is_flag=True, help="Messages and answers, instead.")
@rows_option
@click.pass_context
def list_(
    context: click.Context,
    over: bool,
    shows_silences: bool,
    shows_messages: bool,
    as_json: bool,
) -> None:
    """List the alarms that go on, newest first; exit 1 where there is one that nobody saw to.

    \b
    Examples:
      axis alert list
      axis alert list --all --json
      axis alert list --silences
      axis alert list --messages
    """
    from axis.alerts.decide import is_silent
    from axis.errors import Fault, Lang, Refusal
    from axis.store.alarms import alarms
    from axis.store.engine import transaction
    from axis.store.operations import cares, silences

    session: Session = context.obj
    if shows_silences or shows_messages:
        _show_others(session, messages=shows_messages, as_json=as_json)
        return
    now = datetime.now(UTC)
    with transaction(session.engine) as connection:
        found = alarms(connection, over=over)
        known = cares(connection)
        quiet = silences(connection, at=now)
    lang: Lang = "vi" if session.lang == "vi" else "en"
    rows = []
    for alarm in found:
        refusal = Refusal(code=alarm.code, fault=Fault.OUTAGE, facts=alarm.facts)
        care = known.get((alarm.code, alarm.subject))
        if care is not None and care.first_at != alarm.first_at:
            care = None  # of an earlier time
        rows.append(
            {
                "code": alarm.code,
                "subject": alarm.subject,
                "since": alarm.first_at,
                "last": alarm.last_at,
                "times": alarm.times,
                "over": alarm.ended_at,
                "seen_to_by": care.acked_by if care else None,
                "told_at": care.told_at if care else None,
                "silenced": is_silent(alarm, quiet),
                "text": refusal.text(lang),
                "next": refusal.hint(lang),
            }
        )
    columns = (
        *("code", "subject", "since", "times"),
        *(["over"] if over else []),
        *("seen_to_by", "silenced", "text", "next"),
    )
    if rows or as_json:
        show_rows(rows, as_json=as_json, columns=columns)
    else:
        say("nothing is wrong")
    if any(row["over"] is None and row["seen_to_by"] is None for row in rows):
        context.exit(1)


def _show_others(session: Session, *, messages: bool, as_json: bool) -> None:
    from axis.store.engine import transaction
    from axis.store.operations import messages as messages_of
    from axis.store.operations import silences

    rows: list[dict[str, object]]
    columns: tuple[str, ...]
    with transaction(session.engine) as connection:
        if messages:
            rows = [
                {
                    "made_at": one.made_at,
                    "kind": one.kind,
                    "channel": one.channel,
                    "target": one.target,
                    "alarms": len(one.alarms),
                    "sent_at": one.sent_at,
                    "tries": one.tries,
                    "answer": one.answer,
                    "message_id": one.id,
                }
                for one in messages_of(connection)
            ]
            columns = ("made_at", "kind", "channel", "target", "alarms", "sent_at", "answer")
        else:
            rows = [
                {
                    "id": one.id,
                    "code": one.code,
                    "subject": one.subject,
                    "until": one.until,
                    "by": one.made_by,
                    "why": one.why,
                }
                for one in silences(connection, at=datetime.now(UTC))
            ]
            columns = ("id", "code", "subject", "until", "by", "why")
    show_rows(rows, as_json=as_json, columns=columns)


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
    say("over: {code} {subject}", code=code, subject=subject)
