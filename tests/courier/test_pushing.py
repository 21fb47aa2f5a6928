"""Notices to a real endpoint: at least once, whatever it does; and nowhere else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from http_message_signatures import HTTPMessageSignaturesException, InvalidSignature

from axis.courier.keys import public_pem, read_courier_key
from axis.courier.notice import Notice, key_id_of, sign_notice
from axis.courier.process import Courier
from axis.courier.reach import demand_url, is_allowed, networks_of
from axis.errors import AxisError
from axis.serve.supervise import processes_of, processes_on_demand
from axis.store.engine import transaction
from axis.store.webhooks import webhook_healths
from tests.conftest import CHECKOUT
from tests.courier.conftest import Pushed
from tests.courier.crashing import POINTS
from tests.courier.endpoint import verified_by_the_page


@asynccontextmanager
async def courier(pushed: Pushed) -> AsyncIterator[Courier]:
    settings = pushed.axis.settings
    key = read_courier_key(settings.path(settings.courier.key))
    at_work, stop = Courier(pushed.axis.engine, settings, key), asyncio.Event()
    task = asyncio.create_task(at_work.run(stop))
    try:
        yield at_work
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


def failures(pushed: Pushed) -> int:
    with transaction(pushed.axis.engine) as connection:
        found = webhook_healths(connection).get("khac")
    return found.failures if found else 0


async def test_a_system_is_told_of_what_waits_and_verifies_it_by_the_page(pushed: Pushed) -> None:
    settings = pushed.axis.settings
    public = read_courier_key(settings.path(settings.courier.key)).public_key()
    key_id = key_id_of(public.public_bytes_raw())
    pushed.endpoint.keys = {key_id: public_pem(public).encode()}
    tested = await asyncio.to_thread(pushed.call, "system", "webhook", "test", "khac", "--json")
    assert json.loads(tested.stdout)["status"] == 204
    assert pushed.endpoint.notices.pop()["type"] == "test"
    await pushed.send(3)
    async with courier(pushed):
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())
    assert pushed.endpoint.refused == []
    assert len(pushed.endpoint.told()) == 3
    assert "subject" not in json.dumps(pushed.endpoint.notices)
    shown = json.loads(pushed.call("system", "webhook", "show", "khac", "--json").stdout)
    assert (shown["waiting"], shown["told"], shown["key_id"]) == (0, 3, key_id)


@pytest.mark.parametrize("way", ["500", "die", "hang", "redirect", "404"])
async def test_an_endpoint_that_fails_is_told_later(pushed: Pushed, way: str) -> None:
    pushed.set(timeout_s=1)
    pushed.endpoint.ways = [way, way, "ok"]
    await pushed.send(2)
    async with courier(pushed):
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())
        await until(lambda: failures(pushed) == 0)
    assert pushed.endpoint.asked >= 3


async def test_an_endpoint_that_stays_away_is_tried_with_one_delivery(pushed: Pushed) -> None:
    pushed.endpoint.ways = ["503"]
    await pushed.send(5)
    async with courier(pushed):
        await until(lambda: failures(pushed) >= 4)
        pushed.endpoint.ways = ["ok"]
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())
    assert len(pushed.endpoint.notices[0]["deliveries"]) == 1


async def test_a_hanging_endpoint_keeps_no_other_waiting(pushed: Pushed) -> None:
    """The courier goes on with its rounds while one push hangs."""
    pushed.set(timeout_s=120)
    pushed.endpoint.ways = ["hang", "ok"]
    await pushed.send(1)
    async with courier(pushed) as at_work:
        await until(lambda: pushed.endpoint.asked == 1)
        async with asyncio.timeout(60):
            await at_work.round()
        pushed.endpoint.released.set()
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())


async def test_what_is_not_confirmed_is_told_again_by_command(pushed: Pushed) -> None:
    await pushed.send(2)
    async with courier(pushed):
        await until(lambda: len(pushed.endpoint.told()) == 2)
        result = await asyncio.to_thread(
            pushed.call, "system", "webhook", "replay", "khac", "--json"
        )
        assert json.loads(result.stdout)["deliveries"] == 2
        await until(lambda: len(pushed.endpoint.told()) == 4)
    assert set(pushed.endpoint.told()) == pushed.deliveries()


async def test_nothing_goes_to_an_address_inside(pushed: Pushed) -> None:
    pushed.set(allow=())
    await pushed.send(1)
    async with courier(pushed):
        await until(lambda: failures(pushed) >= 1)
    assert pushed.endpoint.asked == 0
    tested = await asyncio.to_thread(pushed.call, "system", "webhook", "test", "khac")
    assert isinstance(tested.exception, AxisError)
    assert tested.exception.code == "webhook.address"


async def test_an_endpoint_whose_certificate_is_not_believed_gets_nothing(pushed: Pushed) -> None:
    pushed.set(ca="")
    tested = await asyncio.to_thread(pushed.call, "system", "webhook", "test", "khac")
    assert isinstance(tested.exception, AxisError)
    assert tested.exception.code == "webhook.failed"
    assert pushed.endpoint.asked == 0


@pytest.mark.parametrize(
    ("engine", "point"),
    [*(("postgresql", point) for point in POINTS), ("sqlite", "claimed"), ("sqlite", "pushed")],
    indirect=["engine"],
)
async def test_a_courier_killed_at_a_step_tells_at_least_once(pushed: Pushed, point: str) -> None:
    await pushed.send(4)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.courier.crashing", point),
        cwd=CHECKOUT,
        env=environment | {"AXIS_CONFIG": str(pushed.config)},
    )
    async with asyncio.timeout(60):
        assert await killed.wait() == -signal.SIGKILL
    async with courier(pushed):
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())


async def test_two_couriers_tell_once(pushed: Pushed) -> None:
    pushed.set(lease_s=30)
    await pushed.send(6)
    async with courier(pushed), courier(pushed):
        await until(lambda: set(pushed.endpoint.told()) == pushed.deliveries())
    assert len(pushed.endpoint.told()) == 6


async def test_a_webhook_that_was_removed_is_told_nothing(pushed: Pushed) -> None:
    assert set(processes_on_demand(pushed.axis.settings)) == {"courier"}
    assert "courier" in processes_of(pushed.axis.settings)
    await pushed.send(1)
    assert (
        await asyncio.to_thread(pushed.call, "system", "webhook", "remove", "khac", "--yes")
    ).exit_code == 0
    assert not processes_on_demand(pushed.axis.settings)
    result = await asyncio.to_thread(pushed.call, "courier", "--once")
    assert result.exit_code == 0
    assert pushed.endpoint.asked == 0
    shown = pushed.call("system", "webhook", "show", "khac")
    assert isinstance(shown.exception, AxisError)
    assert shown.exception.code == "webhook.unknown"


def test_only_systems_that_receive_so_get_a_webhook(pushed: Pushed) -> None:
    refused = pushed.call("system", "webhook", "set", "vpcp", "https://x.example/axis")
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "webhook.way"


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/axis",
        "https://user:secret@x.example/",
        "https://x.example/#part",
        "https:///axis",
        "https://x.example/a b",
        "https://x.example:0/",
        "https://x.example:99999/",
        "https://[::1/",
        "ftp://x.example/",
        "https://x.example/\r\nX: 1",
        "https://x.example/" + "a" * 3000,
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(AxisError) as caught:
        demand_url(url)
    assert caught.value.code == "webhook.url"


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
    ],
)
def test_only_public_addresses_are_pushed_to(address: str, is_public: bool) -> None:
    assert is_allowed(address, ()) is is_public
    assert is_allowed("10.1.2.3", networks_of(["10.0.0.0/8"]))
    assert not is_allowed("10.1.2.3", networks_of(["10.2.0.0/16"]))


@pytest.mark.parametrize("flaw", ["none", "body", "url", "tag", "key", "old"])
def test_a_notice_that_was_changed_does_not_verify(pushed: Pushed, flaw: str) -> None:
    settings = pushed.axis.settings
    key = read_courier_key(settings.path(settings.courier.key))
    public = key.public_key()
    now = datetime(2020, 1, 1, tzinfo=UTC) if flaw == "old" else datetime.now(UTC)
    notice = Notice(
        notice_id=UUID(int=1),
        type="test",
        system_id="khac",
        sent_at=now,
        deliveries=[],
    )
    made = sign_notice(notice, "https://x.example/axis", key, now=now)
    keys = {key_id_of(public.public_bytes_raw()): public_pem(public).encode()}
    url, body, headers = made.url, made.body, dict(made.headers)
    if flaw == "body":
        body = body.replace(b"khac", b"khab")
    if flaw == "url":
        url = "https://other.example/axis"
    if flaw == "tag":
        headers["Signature-Input"] = headers["Signature-Input"].replace("axis-notice", "another")
    if flaw == "key":
        keys = {"0" * 16: next(iter(keys.values()))}
    verified = verified_by_the_page(keys)
    if flaw == "none":
        assert verified("POST", url, headers, body) == body
        return
    with pytest.raises((InvalidSignature, HTTPMessageSignaturesException)):
        verified("POST", url, headers, body)
