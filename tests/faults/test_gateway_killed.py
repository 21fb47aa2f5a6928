"""A gateway killed at any named point: the caller asks the next one again, and all is as once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec import structs

from axis.consistency.check import check
from axis.settings import GatewaySettings, Settings
from tests.faults.crashing import POINTS
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, document, package
from tests.rest.gateway import issue_token

ROOT = Path(__file__).parents[2]
SENDING = [
    "gateway: read, not stored",
    "gateway: stored, not announced",
    "gateway: announced, not answered",
    "gateway: judged, not answered",
]
RECEIVING = ["gateway: step written, not committed", "gateway: step committed, not answered"]


@asynccontextmanager
async def serving(axis: Installation, point: str) -> AsyncIterator[tuple[str, asyncio.Task[int]]]:
    """A gateway in a process of its own that dies at a point; its URL, and how it ended."""
    config = Path(axis.settings.home) / "axis.toml"
    settings: Settings = structs.replace(axis.settings, gateway=GatewaySettings(port=0))
    config.write_bytes(msgspec.toml.encode(settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.crashing", point),
        cwd=ROOT,
        env=environment | {"AXIS_CONFIG": str(config)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said, before = b"", ""
    async with asyncio.timeout(120):
        while b"listens on" not in said:
            said = await process.stderr.readline()
            assert said, before
            before += said.decode()
    ended = asyncio.create_task(process.wait())
    try:
        yield said.split()[-1].decode(), ended
    finally:
        if process.returncode is None:
            process.terminate()
        await ended
        await process.stderr.read()


@asynccontextmanager
async def caller(token: str, url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"{url}/v1", headers=headers, timeout=120, trust_env=False
    ) as client:
        yield client


async def submit(token: str, url: str, paper: bytes) -> httpx.Response:
    """Send a package as a client does: who is told to come later, as at the start, comes later."""
    headers = {"content-type": "application/xml"}
    async with caller(token, url) as client, asyncio.timeout(120):
        while True:
            answer = await client.post("/packages", content=paper, headers=headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            await asyncio.sleep(0.1)


def sound(axis: Installation) -> None:
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []


@pytest.mark.parametrize("point", SENDING)
async def test_a_sender_whose_gateway_died_sends_again_and_has_one_verdict(
    axis_on_postgresql: Installation, point: str
) -> None:
    axis, token = axis_on_postgresql, issue_token(axis_on_postgresql, "vpcp")
    paper = axis.sign(G22, package(document(to=(H14,))))
    async with axis.running():
        async with serving(axis, point) as (url, ended):
            with pytest.raises(httpx.TransportError):
                await submit(token, url, paper)
            assert await ended == -signal.SIGKILL
        sound(axis)
        async with serving(axis, "-") as (url, _):
            answers = [await submit(token, url, paper) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["package_id"] == answers[1].json()["package_id"]
    assert axis.count("package") == axis.count("delivery") == 1
    sound(axis)


@pytest.mark.parametrize("step", ["fetch", "confirm"])
@pytest.mark.parametrize("point", RECEIVING)
async def test_a_receiver_whose_gateway_died_asks_again_and_it_counts_once(
    axis_on_postgresql: Installation, point: str, step: str
) -> None:
    axis, token = axis_on_postgresql, issue_token(axis_on_postgresql, "khac")
    paper = axis.sign(G22, package(document(to=(H14,))))
    async with axis.running():
        ticket = await axis.submit(paper, system="vpcp")
        await axis.verdict(ticket.package_id)

    async def do(client: httpx.AsyncClient, *steps: str) -> None:
        (item,) = (await client.get("/mailbox")).json()["items"]
        where = f"/deliveries/{item['delivery_id']}"
        if "fetch" in steps:
            assert (await client.get(f"{where}/body")).content == paper
        if "confirm" in steps:
            assert (await client.post(f"{where}/confirm")).status_code == 200

    if step == "confirm":  # it was fetched before, so that the point is the confirmation's
        async with serving(axis, "-") as (url, _), caller(token, url) as client:
            await do(client, "fetch")
    async with serving(axis, point) as (url, ended), caller(token, url) as client:
        with pytest.raises(httpx.TransportError):
            await do(client, step)
        assert await ended == -signal.SIGKILL
    sound(axis)
    async with serving(axis, "-") as (url, _), caller(token, url) as client:
        if (await client.get("/mailbox")).json()["items"]:
            await do(client, "fetch", "confirm")
    assert axis.count("delivery", "state = 'confirmed'") == 1
    assert axis.count("ledger_inbox", "delivery_id is not null") == 3
    sound(axis)


def test_every_point_of_the_gateway_is_one_of_these() -> None:
    assert {*SENDING, *RECEIVING} == {point for point in POINTS if POINTS[point][0] == "gateway"}
