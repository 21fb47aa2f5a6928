"""What is not moving, and what an operator does about it: marked, shown, confirmed, recorded.

An act goes the way of the command of the same name: the same duty is asked for, the same act and
entries are left, under the name of who is signed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from adapters.console.answer import Answer
from adapters.console.document import Addressee
from adapters.console.naming import Named, by_code, directory_of
from adapters.console.render import page
from adapters.console.visit import Visit, uuid_of
from adapters.console.words import act_word
from adapters.gateway.errors import ParameterError
from axis.delivery.causes import CAUSES
from axis.delivery.states import State
from axis.dispatch.acts import Act, Order, perform
from axis.dispatch.need import in_need
from axis.people.acts import Order as Duty
from axis.people.acts import begin, demand
from axis.people.duties import DUTIES, asks_for_two
from axis.signin.accounts import Kind
from axis.store.choosing import Filter, Found, choose, under_way
from axis.store.engine import transaction
from axis.trace.behind import reasons
from axis.trace.timeline import STATUSES

#: Deliveries on the page, and in one act.
ON_A_PAGE: Final = 100
MOST: Final = 500
_AGES: Final = {"1h": 1, "4h": 4, "1d": 24, "3d": 72, "7d": 168}
_STATES: Final = ("held", "parked", "routed", "offered", "fetched")
_STUCK: Final = (State.HELD, State.PARKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery that does not move."""

    found: Found
    sender: Named | None
    addressee: Addressee
    waits: timedelta


def stuck(visit: Visit) -> Answer:
    """List what is held, set aside or not taken, oldest first."""
    states = visit.choice("state", _STATES)
    package = visit.text("package", most=36)
    age = visit.choice("older", tuple(_AGES))
    most = visit.integer("limit", ON_A_PAGE, most=MOST) or ON_A_PAGE
    chosen = Filter(
        system_id=visit.text("system", most=64) or None,
        address=visit.text("office", most=64) or None,
        states=(State(states),) if states else (),
        cause=visit.choice("cause", tuple(CAUSES)) or None,
        document=visit.text("document", most=255) or None,
        package_id=uuid_of("package", package) if package else None,
        before=visit.now - timedelta(hours=_AGES[age]) if age else None,
    )
    if not chosen.facts():
        chosen = in_need(visit.installation.settings.clock, now=visit.now)
    with transaction(visit.installation.engine) as connection:
        found = choose(connection, chosen, limit=most + 1)
        count = 0 if found else under_way(connection)[0]
    return page(
        visit,
        "stuck.html",
        rows=_rows(visit, found[:most]),
        more=len(found) > most,
        most=most,
        is_filtered=bool(visit.query),
        causes=CAUSES,
        states=[State(one) for one in _STATES],
        ages=list(_AGES),
        acts=list(Act),
        act_word=lambda act: act_word(act, visit.lang),
        reported=lambda code: STATUSES.get(code, (code, code))[visit.lang == "vi"],
        under_way=count,
        may_act=visit.person.kind is Kind.OPERATOR,
    )


def preview(visit: Visit) -> Answer:
    """Show what an act would concern; nothing is done."""
    order = _order(visit)
    ids = _marked(visit)
    demand(visit.installation.engine, _duty(visit, order, ids))
    with transaction(visit.installation.engine) as connection:
        found = choose(connection, Filter(ids=ids), limit=MOST)
    name = by_code(directory_of(visit), visit.now)
    return page(
        visit,
        "preview.html",
        rows=_rows(visit, found),
        order=order,
        to=name(order.to) if order.to else None,
        gone=len(ids) - len(found),
    )


def act(visit: Visit) -> Answer:
    """Do it, on the record."""
    order = _order(visit)
    ids = _marked(visit)
    installation = visit.installation
    duty = _duty(visit, order, ids)
    begin(
        installation.engine,
        installation.sealer,
        duty,
        two_persons=asks_for_two(duty.command, installation.settings.people.two_persons),
        now=visit.now,
    )
    done = perform(
        installation.engine,
        installation.sealer,
        order,
        ids,
        chosen=Filter(ids=ids).facts(),
        act_id=uuid4(),
        now=visit.now,
    )
    with transaction(installation.engine) as connection:
        found = {one.delivery.id: one for one in choose(connection, Filter(ids=ids), limit=MOST)}
    refused = [
        (key, found.get(key), refusal.text(visit.lang), refusal.hint(visit.lang))
        for key, refusal in done.refused
    ]
    return page(visit, "done.html", order=order, done=done, refused=refused)


def _order(visit: Visit) -> Order:
    which = visit.choice("act", [one.value for one in Act])
    reason = visit.text("why", most=500)
    to = visit.text("to", most=64)
    if not which:
        raise ParameterError(name="act", reason=", ".join(Act))
    if len(reason) < 3:
        raise ParameterError(name="why", reason="≥ 3")
    if (which == Act.REDIRECT.value) != bool(to):
        raise ParameterError(name="to", reason="redirect")
    return Order(act=Act(which), who=visit.person.name, why=reason, to=to or None)


def _marked(visit: Visit) -> tuple[UUID, ...]:
    ids = visit.ids("id", most=MOST)
    if not ids:
        raise ParameterError(name="id", reason="≥ 1")
    return ids


def _duty(visit: Visit, order: Order, ids: Sequence[UUID]) -> Duty:
    command = order.act.value
    arguments: dict[str, object] = {"delivery_ids": [str(one) for one in ids]}
    if order.to:
        arguments["to"] = order.to
    return Duty(
        who=visit.person.name,
        role=DUTIES[command],
        command=command,
        arguments=arguments,
        why=order.why,
    )


def _rows(visit: Visit, found: Sequence[Found]) -> list[Row]:
    name = by_code(directory_of(visit), visit.now)
    deliveries = [one.delivery for one in found]
    why = reasons(visit.installation.engine, deliveries, now=visit.now, lang=visit.lang)
    rows = []
    for one in found:
        delivery = one.delivery
        reason = why.get(delivery.id)
        rows.append(
            Row(
                found=one,
                sender=name(one.sender) if one.sender else None,
                addressee=Addressee(delivery=delivery, name=name(delivery.address), why=reason),
                waits=visit.now - delivery.routed_at,
            )
        )
    return rows
