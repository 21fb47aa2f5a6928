"""What a person does with deliveries is done once, recorded with who and why, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from axis.commands.session import Session
from axis.delivery.states import State
from axis.dispatch.acts import Act, Done, Order, perform
from axis.ledger.opening import open_entry
from axis.store.choosing import Filter, acts, choose
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.trace.gather import gather
from axis.trace.timeline import tell
from tests.clock.papers import put
from tests.relay.installation import Installation
from tests.relay.papers import H14, H41

G17 = "000.00.00.G17"
AWAY = "000.09.09.H41"


def now() -> datetime:
    return datetime.now(UTC)


def order(axis: Installation, act: str, *deliveries: DeliveryRecord, to: str | None = None) -> Done:
    return perform(
        axis.engine,
        axis.sealer,
        Order(act=Act(act), who="Lan", why="thử", to=to),
        [one.id for one in deliveries],
        chosen={},
        act_id=uuid4(),
        now=now(),
    )


def stands(axis: Installation, delivery: DeliveryRecord) -> dict[str, State]:
    with transaction(axis.engine) as connection:
        return {d.address: d.state for d in deliveries_of(connection, [delivery.package_id])}


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        (State.ROUTED, "park", State.PARKED),
        (State.PARKED, "park", State.PARKED),
        (State.PARKED, "release", State.ROUTED),
        (State.HELD, "release", State.ROUTED),
        (State.ROUTED, "retry", State.ROUTED),
        (State.FETCHED, "retry", State.FETCHED),
        (State.HELD, "give-up", State.UNDELIVERABLE),
        (State.ROUTED, "give-up", State.UNDELIVERABLE),
        (State.CONFIRMED, "park", None),
        (State.CONFIRMED, "give-up", None),
        (State.RECALLED, "release", None),
        (State.HELD, "park", None),
    ],
)
def test_an_act_takes_the_step_of_the_table_or_is_refused(
    axis: Installation, before: State, act: str, after: State | None
) -> None:
    (delivery,) = put(axis, 1, at=now(), state=before, system="khac", address=H14)
    done = order(axis, act, delivery)
    assert stands(axis, delivery) == {H14: after or before}
    if after is None:
        assert [refusal.code for _, refusal in done.refused] == [
            "delivery.over" if before is State.RECALLED else "delivery.transition"
        ]
    again = order(axis, act, delivery)
    if act != "retry" and after is not None and act != "release":
        assert again.unchanged == [delivery.id]


def test_an_act_stands_in_the_ledger_with_who_and_why(axis: Installation) -> None:
    (delivery,) = put(axis, 1, at=now())
    order(axis, "park", delivery)
    with transaction(axis.engine) as connection:
        (entry,) = entries_of(connection, [delivery.package_id])
        (act,) = acts(connection)
    values = open_entry(entry.leaf, entry.salt, entry.opening)
    assert (values["who"], values["why"]) == ("Lan", "thử")
    assert '"Lan"' not in entry.leaf.decode()
    assert (act["act"], act["who"], act["why"], act["deliveries"]) == ("park", "Lan", "thử", 1)
    (chapter,) = tell(gather(axis.engine, str(delivery.package_id)), lang="vi", name_of=str)
    assert chapter.lines[0].text.endswith("(Lan: thử)")


def test_a_redirected_delivery_goes_on_as_another(axis: Installation) -> None:
    (delivery,) = put(axis, 1, at=now(), state=State.HELD, held_reason="divided", system=None)
    assert order(axis, "redirect", delivery, to=G17).moved == [delivery.id]
    assert stands(axis, delivery) == {H41: State.REDIRECTED, G17: State.ROUTED}
    with transaction(axis.engine) as connection:
        instead = deliveries_of(connection, [delivery.package_id])[1]
    assert (instead.redirect_of, instead.system_id) == (delivery.id, "khac")
    refused = order(axis, "redirect", instead, to=H41).refused
    assert [refusal.code for _, refusal in refused] == ["dispatch.already-addressed"]


@pytest.mark.parametrize(("act", "to"), [("release", None), ("redirect", AWAY)])
def test_what_nobody_takes_is_not_let_go(
    axis_on_postgresql: Installation, act: str, to: str | None
) -> None:
    axis = axis_on_postgresql
    address = H41 if to else AWAY
    (delivery,) = put(axis, 1, at=now(), state=State.HELD, system=None, address=address)
    done = order(axis, act, delivery, to=to)
    assert [refusal.code for _, refusal in done.refused] == ["dispatch.no-way"]
    assert stands(axis, delivery) == {address: State.HELD}


def test_deliveries_are_chosen_by_what_is_known_of_them(axis: Installation) -> None:
    start = now()
    (old,) = put(axis, 1, at=start - timedelta(hours=3))
    (parked,) = put(axis, 1, at=start, state=State.PARKED, held_reason="not-taken", first=1)
    (other,) = put(axis, 1, at=start, system="khac", address=H14, first=2)
    put(axis, 1, at=start, state=State.CONFIRMED, first=3)

    def chosen(**facts: object) -> set[UUID]:
        with transaction(axis.engine) as connection:
            found = choose(connection, Filter(**facts), limit=10)  # type: ignore[arg-type]
        return {one.delivery.id for one in found}

    assert chosen() == {old.id, parked.id, other.id}
    assert chosen(system_id="khac") == {other.id}
    assert chosen(address=H14) == {other.id}
    assert chosen(states=(State.PARKED,)) == {parked.id}
    assert chosen(states=(State.OFFERED,)) == set()
    assert chosen(states=(State.ROUTED,)) == {old.id, other.id}
    assert chosen(cause="not-taken") == {parked.id}
    assert chosen(before=start - timedelta(hours=1)) == {old.id}
    assert chosen(document="2/VPCP-TTĐT") == {other.id}
    assert chosen(ids=(old.id,)) == {old.id}


def call(axis: Installation, *words: str):
    from pathlib import Path

    import msgspec

    from cli import axis as command

    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))
    assert Session
    return CliRunner().invoke(command, ["--lang", "en", "--config", str(config), *words])


def test_the_command_shows_first_and_acts_when_told(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    deliveries = put(axis, 3, at=now())
    shown = call(axis, "park", "--system", "nghean", "--why", "repair")
    assert shown.exit_code == 0, shown.output
    assert stands(axis, deliveries[0]) == {H41: State.ROUTED}
    done = call(axis, "park", "--system", "nghean", "--why", "repair", "--by", "Lan", "--yes")
    assert done.exit_code == 0, done.output
    assert [stands(axis, one)[H41] for one in deliveries] == [State.PARKED] * 3
    listed = call(axis, "stuck", "--json")
    assert listed.output.count('"by-operator"') == 3
    assert '"owner":' in listed.output.replace(": ", ":")
    refused = call(axis, "give-up", str(deliveries[0].id), "--why", "post", "--yes", "--json")
    assert refused.exit_code == 0, refused.output
    again = call(axis, "release", str(deliveries[0].id), "--why", "post", "--yes")
    assert again.exit_code == 1
    assert call(axis, "park", "--why", "everything").exit_code == 2


def test_the_queues_are_rebuilt_when_told(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    put(axis, 5, at=now())
    shown = call(axis, "requeue", "--json")
    assert '"open":5' in shown.output.replace(": ", ":"), shown.output
    done = call(axis, "requeue", "nghean", "--yes", "--json")
    assert '"told":5' in done.output.replace(": ", ":"), done.output
    from axis.directory.errors import SystemUnknownError

    unknown = call(axis, "requeue", "nobody")
    assert isinstance(unknown.exception, SystemUnknownError)
