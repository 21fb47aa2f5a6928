"""An operator who asks what is stuck learns what needs a person, why, and what does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from axis.delivery.backoff import Health
from axis.delivery.states import State
from axis.store.calls import LastCall, last_calls, note_calls
from axis.store.engine import transaction
from axis.store.health import save_health
from tests.clock.papers import put
from tests.dispatch.test_acts import call
from tests.relay.installation import Installation
from tests.relay.papers import H14, H41


def test_what_goes_on_as_it_should_is_not_stuck_and_what_is_asked_for_is_shown(
    axis: Installation,
) -> None:
    start = datetime.now(UTC)
    nothing = call(axis, "stuck")
    assert "everything is confirmed" in nothing.stderr
    (fresh,) = put(axis, 1, at=start, system="khac", address=H14)
    quiet = call(axis, "stuck", "--json")
    assert quiet.stdout == ""
    assert "on their way: 1" in quiet.stderr
    asked = [json.loads(call(axis, "stuck", "--document", "0/VPCP-TTĐT", "--json").stdout)]
    assert [one["delivery_id"] for one in asked] == [str(fresh.id)]
    assert asked[0]["owner"] == "receiver"
    assert "never called" in asked[0]["why"]

    (late,) = put(axis, 1, at=start - timedelta(days=2), system="khac", address=H14, first=1)
    (aside,) = put(axis, 1, at=start, state=State.PARKED, held_reason="not-taken", first=2)
    (deaf,) = put(axis, 1, at=start, first=3)
    with transaction(axis.engine) as connection:
        save_health(
            connection, "nghean", Health(failures=3, next_try_at=start, opened_at=None), "full"
        )
        called = LastCall(at=start - timedelta(hours=3), door="vxp")
        note_calls(connection, {"khac": called})
        note_calls(connection, {"khac": LastCall(at=start - timedelta(hours=9), door="rest")})
        assert last_calls(connection) == {"khac": called}
    rows = {
        one["delivery_id"]: one
        for one in map(json.loads, call(axis, "stuck", "--json").stdout.splitlines())
    }
    assert rows.keys() == {str(late.id), str(aside.id), str(deaf.id)}
    assert "it called the axis last at" in rows[str(late.id)]["why"]
    assert rows[str(deaf.id)]["owner"] == "axis"

    told = call(axis, "trace", "0/VPCP-TTĐT").stdout
    assert "not confirmed by 1 of 1:" in told
    assert "it called the axis last at" in told
    (object_,) = map(json.loads, call(axis, "trace", "3/VPCP-TTĐT", "--json").stdout.splitlines())
    assert object_["deliveries"][0]["why"]["owner"] == "axis"
    shown = json.loads(call(axis, "system", "show", "khac", "--json").stdout)
    assert (shown["waiting"], shown["last_door"]) == (2, "vxp")
    assert any(one.startswith(H14) for one in shown["offices"])
    assert H41 in call(axis, "system", "show", "nghean").stdout
    retried = call(axis, "retry", "--system", "khac", "--why", "asked by phone")
    assert "fetch by themselves" in retried.stderr


def test_an_office_is_shown_with_its_system(axis_on_postgresql: Installation) -> None:
    shown = call(axis_on_postgresql, "office", "show", H14)
    assert shown.exit_code == 0, shown.output
    assert "khac" in shown.stdout
    resolved = call(axis_on_postgresql, "office", "resolve", H14, "--json")
    assert json.loads(resolved.stdout)["system_id"] == "khac"
