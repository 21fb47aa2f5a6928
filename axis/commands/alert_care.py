"""``axis alert ack|silence|test``: see to alarms, keep quiet about them, try that they arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import click

from axis.commands.choosing import Age
from axis.commands.output import json_option, rows_option, say, show_object, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session


@click.command
@click.argument("code")
@click.argument("subject")
@click.option("--why", help="What is done about it, for whoever looks next.")
@json_option
@click.pass_obj
def ack(session: Session, code: str, subject: str, why: str | None, as_json: bool) -> None:
    """Say that somebody sees to an alarm: nobody is told of it again until it is over.

    \b
    Examples:
      axis alert ack doctor.disk /var/lib/axis/bodies
      axis alert ack doctor.system-quiet vpubnd-h49 --why "đã gọi, đang nâng cấp"
    """
    from axis.people.account import account
    from axis.store.alarms import alarms
    from axis.store.engine import transaction
    from axis.store.errors import AlarmUnknownError
    from axis.store.operations import Care, cares, save_care

    who = account()
    with transaction(session.engine) as connection:
        current = {(one.code, one.subject): one for one in alarms(connection)}
        alarm = current.get((code, subject))
        if alarm is None:
            raise AlarmUnknownError(name=f"{code} {subject}")
        before = cares(connection).get((code, subject))
        if before is None or before.first_at != alarm.first_at:
            before = Care(code=code, subject=subject, first_at=alarm.first_at)
        save_care(connection, replace(before, acked_at=datetime.now(UTC), acked_by=who, why=why))
    if as_json:
        show_object({"code": code, "subject": subject, "seen_to_by": who})
        return
    say("{who} sees to: {code} {subject}", who=who, code=code, subject=subject)


@click.command
@click.argument("code", default="*")
@click.argument("subject", default="*")
@click.option("--for", "length", type=Age(), help="For how long: 30m, 2h, 3d.")
@click.option("--end", "ends", type=click.UUID, help="End this silence instead.")
@click.option("--why", help="Why, for whoever wonders about the quiet.")
@json_option
@click.pass_obj
def silence(
    session: Session,
    code: str,
    subject: str,
    length: timedelta | None,
    ends: UUID | None,
    why: str | None,
    as_json: bool,
) -> None:
    """Keep quiet about alarms for a while; what still goes on afterwards is told then.

    CODE and SUBJECT may have * in them; without them everything is silent.

    \b
    Examples:
      axis alert silence --for 2h --why "bảo trì máy chủ"
      axis alert silence doctor.system-quiet "vpubnd-*" --for 3d
      axis alert silence --end 5d0c4f5e-0f0a-4d0e-9a44-1c7d0b5e2f10
    """
    from axis.alerts.errors import SilenceUnknownError
    from axis.people.account import account
    from axis.store.engine import transaction
    from axis.store.operations import Silence, add_silence, end_silence

    now = datetime.now(UTC)
    if (length is None) == (ends is None):
        raise click.UsageError("say for how long (--for 2h), or which one ends (--end ID)")
    if ends is not None:
        with transaction(session.engine) as connection:
            if not end_silence(connection, ends, at=now):
                raise SilenceUnknownError(id=str(ends))
        if as_json:
            show_object({"id": ends, "until": now})
        else:
            say("over: silence {ends}", ends=ends)
        return
    assert length is not None  # noqa: S101  one of both was given
    made = Silence(
        id=uuid4(),
        code=code,
        subject=subject,
        until=now + length,
        made_at=now,
        made_by=account(),
        why=why,
    )
    with transaction(session.engine) as connection:
        add_silence(connection, made)
    if as_json:
        show_object({"id": made.id, "code": code, "subject": subject, "until": made.until})
    else:
        say(
            "silent about {code} {subject} until {until:%Y-%m-%d %H:%M} UTC: {id}",
            code=code,
            subject=subject,
            until=made.until,
            id=made.id,
        )


@click.command
@rows_option
@click.pass_context
def test(context: click.Context, as_json: bool) -> None:
    """Send a test message to everybody whom alarms are told to; exit 1 where one did not arrive.

    \b
    Examples:
      axis alert test
      axis alert test --json
    """
    import asyncio

    from axis.alerts.compose import MAIL, write
    from axis.alerts.decide import Kind
    from axis.alerts.errors import NobodyToTellError
    from axis.alerts.send import check_settings, targets
    from axis.alerts.watch import LEASE, Watch
    from axis.store.engine import transaction
    from axis.store.operations import add_messages

    session: Session = context.obj
    own = session.settings.alerts
    check_settings(own)
    whom = [*targets(own), *((MAIL, one) for one in own.escalate_to)]
    if not whom:
        raise NobodyToTellError
    now = datetime.now(UTC)
    made = [
        # Ours for the lease; what this command cannot send, the clock tries afterwards.
        replace(one, due_at=now + LEASE)
        for one in write(Kind.TEST, (), dict.fromkeys(whom), round_of=str(uuid4()), now=now)
    ]
    with transaction(session.engine) as connection:
        add_messages(connection, made)
    watch = Watch(session.engine, session.settings, clock=lambda: datetime.now(UTC))
    failures = asyncio.run(watch.send_these(made))
    rows = [
        {
            "channel": one.channel,
            "target": one.target,
            "sent": error is None,
            "code": error.code if error else None,
            "reason": str(error.facts.get("reason") or "") if error else None,
        }
        for one, error in zip(made, failures, strict=True)
    ]
    show_rows(rows, as_json=as_json, columns=("channel", "target", "sent", "code", "reason"))
    if any(failures):
        context.exit(1)
