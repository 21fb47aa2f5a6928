"""``axis stuck``, and what can be done about it: retry, release, park, redirect, give up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from axis.commands.choosing import filter_of, filter_options
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.errors import Lang
    from axis.store.choosing import Filter, Found


@click.command
@filter_options
@rows_option
@click.pass_obj
def stuck(session: Session, /, as_json: bool, limit: int, **words: Any) -> None:
    """List what needs a person, why it waits, who must act and what happens next.

    Without an option: what is held or set aside, what a system's queue does not take, and what is
    late ([clock] late_express_minutes and escalate_hours of the settings). With one: everything
    that is not confirmed and fits.

    \b
    Examples:
      axis stuck
      axis stuck --document 7816/VPCP-TTĐT
      axis stuck --older 2h --system vpubnd-h49 --json
    """
    from axis.dispatch.need import in_need
    from axis.store.directory_names import names_of
    from axis.store.engine import transaction
    from axis.store.health import healths
    from axis.trace.behind import reasons

    engine, now = session.engine, datetime.now(UTC)
    lang: Lang = "vi" if session.lang == "vi" else "en"
    asked = filter_of(words)
    found = _choose(
        session, asked if asked.facts() else in_need(session.settings.clock, now=now), limit
    )
    with transaction(engine) as connection:
        health = healths(connection)
        names = names_of(connection, {one.delivery.address for one in found}, at=now)
    why = reasons(engine, [one.delivery for one in found], now=now, lang=lang)
    if not found and not asked.facts():
        _say_what_goes_on(session, now)
    rows = []
    for one in found:
        delivery, reason = one.delivery, why.get(one.delivery.id)
        tried = health.get(delivery.system_id or "")
        rows.append(
            {
                "delivery_id": delivery.id,
                "to": delivery.address,
                "name": names.get(delivery.address),
                "sign": one.sign,
                "state": delivery.state.value,
                "cause": delivery.held_reason or ("queue-takes-nothing" if tried else None),
                "why": reason.text if reason else None,
                "owner": reason.owner.value if reason else None,
                "next": reason.next if reason else None,
                "next_try_at": tried.next_try_at if tried else None,
                "waits": str(now - delivery.routed_at).split(".")[0],
                "system": delivery.system_id,
                "tries": delivery.tries,
            }
        )
    if rows or asked.facts():
        show_rows(
            rows,
            as_json=as_json,
            columns=("delivery_id", "to", "name", "sign", "why", "owner", "next", "waits"),
        )


def _say_what_goes_on(session: Session, now: datetime) -> None:
    """Nothing needs anybody: say what is on its way, so that this is no riddle."""
    from axis.store.choosing import under_way
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        count, since = under_way(connection)
    if since is None:
        say("nothing is stuck; everything is confirmed")
    else:
        say(
            "nothing is stuck; deliveries on their way: {count}, the oldest for {age}"
            " (axis stuck --older 0m lists them)",
            count=count,
            age=str(now - since).split(".")[0],
        )


def _command(act: str, line: str, examples: str) -> click.Command:
    """Return the command for an act; they differ only in what they do."""

    @click.argument("delivery_ids", metavar="[DELIVERY]…", type=UUID, nargs=-1)
    @filter_options
    @click.option("--why", required=True, help="The reason, for the ledger.")
    @click.option("--by", "who", help="Who orders it; default: the account.")
    @click.option("--yes", is_flag=True, help="Do it; without it, only show what would be done.")
    @json_option
    @click.pass_context
    def command(
        context: click.Context,
        /,
        delivery_ids: tuple[UUID, ...],
        why: str,
        who: str | None,
        yes: bool,
        as_json: bool,
        limit: int,
        to: str | None = None,
        **words: Any,
    ) -> None:
        chosen = filter_of(words, delivery_ids)
        if not chosen.facts():
            raise click.UsageError("name deliveries, or choose them by an option")
        _order(context, act, chosen, why=why, who=who, yes=yes, to=to, limit=limit, as_json=as_json)

    command.__doc__ = f"{line}\n\n    \b\n    Examples:\n{examples}"
    if act == "redirect":
        command = click.option("--to", required=True, help="Code of the office that gets it.")(
            command
        )
    return click.command(act)(command)


def _order(
    context: click.Context,
    act: str,
    chosen: Filter,
    *,
    why: str,
    who: str | None,
    yes: bool,
    to: str | None,
    limit: int,
    as_json: bool,
) -> None:
    from getpass import getuser
    from uuid import uuid4

    from axis.dispatch.acts import Act, Order, perform
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file

    session: Session = context.obj
    found = _choose(session, chosen, limit)
    if not yes:
        _preview(session, found, act, as_json=as_json)
        return
    settings = session.settings
    done = perform(
        session.engine,
        Sealer(read_key_file(settings.path(settings.notary.salt_key))),
        Order(act=Act(act), who=who or getuser(), why=why, to=to),
        [one.delivery.id for one in found],
        chosen=chosen.facts(),
        act_id=uuid4(),
        now=datetime.now(UTC),
    )
    if as_json:
        show_object(
            {
                "act": act,
                "moved": done.moved,
                "unchanged": done.unchanged,
                "refused": [
                    {"delivery_id": key, "code": refusal.code} for key, refusal in done.refused
                ],
            }
        )
    else:
        say(
            "{act}: {moved} done, {unchanged} were so already",
            act=act,
            moved=len(done.moved),
            unchanged=len(done.unchanged),
        )
        for key, refusal in done.refused:
            say(f"{key}: {refusal.code}: {refusal.text(session.lang)}")
    if done.refused:
        context.exit(1)


def _preview(session: Session, found: list[Found], act: str, *, as_json: bool) -> None:
    show_rows(
        [
            {
                "delivery_id": one.delivery.id,
                "to": one.delivery.address,
                "sign": one.sign,
                "state": one.delivery.state.value,
                "cause": one.delivery.held_reason,
            }
            for one in found
        ],
        as_json=as_json,
        columns=("delivery_id", "to", "sign", "state", "cause"),
    )
    say("{act} would concern {found} deliveries; repeat it with --yes", act=act, found=len(found))
    if act == "retry":
        _say_who_asks_by_itself(session, found)


def _say_who_asks_by_itself(session: Session, found: list[Found]) -> None:
    """Telling again does nothing where a system asks: say so before somebody relies on it."""
    from axis.directory.values import QUEUED
    from axis.store.directory_systems import systems_named
    from axis.store.engine import transaction

    names = {one.delivery.system_id for one in found if one.delivery.system_id}
    with transaction(session.engine) as connection:
        systems = systems_named(connection, names)
    asking = sorted(key for key, one in systems.items() if one.receives_by not in QUEUED)
    if asking:
        say(
            "these systems fetch by themselves and are not told: {systems}; call whoever runs them",
            systems=", ".join(asking),
        )


def _choose(session: Session, chosen: Filter, limit: int) -> list[Found]:
    from axis.store.choosing import choose
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        return choose(connection, chosen, limit=limit)


retry = _command(
    "retry",
    "Tell systems again of deliveries that they have not taken.",
    "      axis retry --system vpubnd-h49 --why 'queue was wiped' --yes\n"
    "      axis retry 0d4e2c5a-1c1e-5d7e-9a53-2b9f2f1c0a11 --why 'asked by phone'  # only shows",
)
release = _command(
    "release",
    "Release deliveries that are held or parked.",
    "      axis release --cause no-system --office H49.12 --why 'system is up' --yes\n"
    "      axis release 0d4e2c5a-1c1e-5d7e-9a53-2b9f2f1c0a11 --why 'checked' --yes",
)
park = _command(
    "park",
    "Set deliveries aside; they are not given out until they are released.",
    "      axis park --document 7816/VPCP-TTĐT --why 'wrong attachment' --yes\n"
    "      axis park --system vpubnd-h49 --state offered --why 'system under repair'",
)
redirect = _command(
    "redirect",
    "Give deliveries to another office in the place of the one addressed.",
    "      axis redirect --office H14.3 --cause divided --to H14.9 --why 'QĐ 12/2026' --yes\n"
    "      axis redirect 0d4e2c5a-1c1e-5d7e-9a53-2b9f2f1c0a11 --to H14.9 --why 'closed'",
)
give_up = _command(
    "give-up",
    "End deliveries that cannot be made, with evidence for their senders.",
    "      axis give-up --cause no-successor --older 30d --why 'office was closed' --yes\n"
    "      axis give-up 0d4e2c5a-1c1e-5d7e-9a53-2b9f2f1c0a11 --why 'sent by post'",
)
