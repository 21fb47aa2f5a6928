"""Measures the HTTP door: whole round trips, idle long polls, and the memory of large bodies.

A round trip is: submit a signed package and get its verdict, list the receiver's mailbox, fetch the
bytes, compare their size, confirm. Gateway, relay, notary, both servers and the load generator
share the machine. Each connection has a receiver of its own.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.bench.country import SENDER_SYSTEM, Country, build_country, country_of, packages
from axis.bench.errors import BenchUnusableError
from axis.bench.http import Client, open_client
from axis.bench.servers import Servers, installation
from axis.bench.spread import spread_ms
from axis.bench.watch import Watch, cpu_s
from axis.directory.values import ReceivesBy
from axis.sandbox.ports import free_ports
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, serve_gateway, serve_notary
from axis.settings import GatewaySettings, RelaySettings, Settings
from axis.store.access import add_token
from axis.store.engine import open_engine, transaction
from axis.trust.sign import Signer

#: How long the gateway has to answer for the first time.
START_S: Final = 30.0
LARGE_BYTES: Final = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorsBench:
    """What to measure."""

    trips: int  #: for each number of connections
    size_bytes: int  #: of the attachment, in Base64
    connections: Sequence[int]
    polls: int  #: idle long polls
    large: bool = True


@dataclass(slots=True)
class Times:
    """How long each step took, in seconds."""

    submit: list[float] = field(default_factory=list)
    poll: list[float] = field(default_factory=list)
    fetch: list[float] = field(default_factory=list)
    confirm: list[float] = field(default_factory=list)
    trip: list[float] = field(default_factory=list)
    wrong: int = 0


def run(bench: DoorsBench, where: Servers, home: Path, say: Callable[..., None]) -> dict[str, Any]:
    """Measure and return the figures; ``wrong`` names what makes them worthless.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
        TimeoutError: the gateway did not answer.
    """
    most = max(bench.connections)
    country = country_of(most, most)
    relay = RelaySettings(workers=1, examiners=0)
    with installation(
        where, home, relay=relay, second_opinion=True, systems=country.systems
    ) as given:
        settings = msgspec.structs.replace(
            given,
            gateway=GatewaySettings(
                port=free_ports(1)[0], rate="100000000/minute", quota="100000000/day"
            ),
        )
        prepare(settings)
        engine = open_engine(settings.database_url)
        signer = build_country(engine, settings.path("certs"), country, receives_by=ReceivesBy.POLL)
        tokens = _tokens(engine, [SENDER_SYSTEM, *country.systems])
        engine.dispose()
        supervisor = Supervisor(
            settings,
            {"relay-0": _relay, "notary": serve_notary, "gateway": serve_gateway},
        )
        supervisor.start()
        try:
            return _measure(bench, settings, where, country, signer, tokens, supervisor, say)
        finally:
            supervisor.stop()


def _measure(
    bench: DoorsBench,
    settings: Settings,
    where: Servers,
    country: Country,
    signer: Signer,
    tokens: dict[str, str],
    supervisor: Supervisor,
    say: Callable[..., None],
) -> dict[str, Any]:
    load = _Load(settings, country, tokens)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(load.until_ready())
        gateway = supervisor.process_ids()["gateway"]
        figures: dict[str, Any] = {"package_bytes": 0, "trips": [], "series": []}
        made = packages(
            country,
            signer,
            count=bench.trips * len(bench.connections),
            size_bytes=bench.size_bytes,
        )
        for turn, connections in enumerate(bench.connections):
            say("signing {count} packages …", count=bench.trips)
            fresh = [next(made) for _ in range(bench.trips)]
            work = _addressed(country, fresh, first=turn * bench.trips)
            figures["package_bytes"] = len(work[0][1])
            say(
                "{trips} round trips over {connections} connections …",
                trips=bench.trips,
                connections=connections,
            )
            gc.freeze()
            pids = {**supervisor.process_ids(), "callers": os.getpid(), **where.pids}
            with Watch(pids) as watch:
                began = time.perf_counter()
                times = runner.run(load.trips(work, connections))
                seconds = time.perf_counter() - began
                used = watch.figures(units=max(1, len(times.trip)))
                figures["series"] += [
                    {**one, "name": f"{one['name']}, {connections} connections"}
                    for one in watch.series()
                ]
            figures["trips"].append(
                {
                    "connections": connections,
                    "trips_per_s": round(len(times.trip) / seconds, 1),
                    "requests_per_s": round(4 * len(times.trip) / seconds, 1),
                    "seconds": round(seconds, 2),
                    "wrong": times.wrong,
                    **used,
                    **{
                        name: spread_ms(getattr(times, name))
                        for name in ("trip", "submit", "poll", "fetch", "confirm")
                    },
                }
            )
        if bench.polls:
            say("{count} idle long polls …", count=bench.polls)
            figures["polls"] = runner.run(load.polls(bench.polls, gateway))
        if bench.large:
            say("50 MB up and down …")
            (large,) = packages(country, signer, count=1, size_bytes=LARGE_BYTES)
            figures["large"] = runner.run(load.large(large, gateway))
        figures["wrong"] = _wrong(figures)
        return figures


def _wrong(figures: dict[str, Any]) -> list[str]:
    """Return why the figures say nothing: answers that were none."""
    wrong = [
        f"{one['wrong']} round trips over {one['connections']} connections went wrong"
        for one in figures["trips"]
        if one["wrong"]
    ]
    if figures.get("polls", {}).get("answered_too_soon"):
        wrong.append("idle polls were answered before anything came")
    if not figures.get("large", {}).get("whole", True):
        wrong.append("a large package did not come back whole")
    return wrong


class _Load:
    """The callers."""

    def __init__(self, settings: Settings, country: Country, tokens: dict[str, str]) -> None:
        self._host, self._port = settings.gateway.host, settings.gateway.port
        self._country = country
        self._tokens = tokens

    async def until_ready(self) -> None:
        """Wait until the gateway answers, and takes packages."""
        until = time.monotonic() + START_S
        while True:
            try:
                client = await self._client(SENDER_SYSTEM)
                reply = await client.ask("POST", "/v1/packages", b"<ready/>")
                client.close()
                if reply.status == 422:
                    return
            except OSError:
                pass
            if time.monotonic() > until:
                raise TimeoutError("the gateway does not answer")
            await asyncio.sleep(0.1)

    async def trips(self, work: list[tuple[str, bytes]], connections: int) -> Times:
        """Carry packages from end to end, so many at once."""
        times = Times()
        by_system: dict[str, list[bytes]] = {}
        for system, package in work:
            by_system.setdefault(system, []).append(package)
        shares: list[list[tuple[str, bytes]]] = [[] for _ in range(connections)]
        for number, (system, share) in enumerate(by_system.items()):
            shares[number % connections] += [(system, package) for package in share]
        await asyncio.gather(*(self._caller(share, times) for share in shares))
        return times

    async def _caller(self, share: list[tuple[str, bytes]], times: Times) -> None:
        client = await self._client(SENDER_SYSTEM)
        clock = time.perf_counter
        for system, package in share:
            token = self._tokens[system]
            t0 = clock()
            sent = await client.ask("POST", "/v1/packages", package)
            t1 = clock()
            listed = await client.ask("GET", "/v1/mailbox?limit=10&wait=10", token=token)
            t2 = clock()
            items = listed.json()["items"] if listed.status == 200 else []
            if sent.status != 201 or len(items) != 1:
                times.wrong += 1
                continue
            delivery = items[0]["delivery_id"]
            body = await client.ask("GET", f"/v1/deliveries/{delivery}/body", token=token)
            t3 = clock()
            kept = await client.ask("POST", f"/v1/deliveries/{delivery}/confirm", token=token)
            t4 = clock()
            if body.body != package or kept.status != 200:
                times.wrong += 1
            times.submit.append(t1 - t0)
            times.poll.append(t2 - t1)
            times.fetch.append(t3 - t2)
            times.confirm.append(t4 - t3)
            times.trip.append(t4 - t0)
        client.close()

    async def polls(self, count: int, gateway: int) -> dict[str, Any]:
        """Let callers wait for what does not come, and see what they cost."""
        idle = _resident_bytes(gateway)
        systems = self._country.systems
        clients = [await self._client(systems[n % len(systems)]) for n in range(count)]
        waits = [asyncio.create_task(one.ask("GET", "/v1/mailbox?wait=60")) for one in clients]
        await asyncio.sleep(3)
        used = cpu_s(gateway)
        await asyncio.sleep(5)
        used = cpu_s(gateway) - used
        grown = _resident_bytes(gateway) - idle
        answered = sum(task.done() for task in waits)
        for task in waits:
            task.cancel()
        for client in clients:
            client.close()
        await asyncio.gather(*waits, return_exceptions=True)
        return {
            "count": count,
            "answered_too_soon": answered,
            "idle_bytes": idle,
            "more_bytes": grown,
            "cores": round(used / 5, 3),
        }

    async def large(self, package: bytes, gateway: int) -> dict[str, Any]:
        """Carry one large package, and see how much memory the gateway took at most."""
        client = await self._client(SENDER_SYSTEM)
        idle = _resident_bytes(gateway)
        _forget_peak(gateway)
        began = time.perf_counter()
        sent = await client.ask("POST", "/v1/packages", package)
        up_s, up_peak = time.perf_counter() - began, _peak_bytes(gateway)
        if sent.status not in (201, 202):
            raise BenchUnusableError(queue="/v1/packages", count=sent.status)
        if sent.status == 202:
            where = sent.json()["links"]["self"]
            sent = await client.ask("GET", f"{where}&wait=60")
        delivery = sent.json()["recipients"][0]
        system = next(
            name for name, codes in self._country.offices.items() if delivery["address"] in codes
        )
        _forget_peak(gateway)
        began = time.perf_counter()
        path = f"/v1/deliveries/{delivery['delivery_id']}/body"
        body = await client.ask("GET", path, token=self._tokens[system], keep=False)
        down_s, down_peak = time.perf_counter() - began, _peak_bytes(gateway)
        client.close()
        return {
            "package_bytes": len(package),
            "whole": body.size_bytes == len(package),
            "upload_s": round(up_s, 2),
            "upload_more_bytes": up_peak - idle,
            "download_s": round(down_s, 2),
            "download_more_bytes": down_peak - idle,
        }

    async def _client(self, system: str) -> Client:
        return await open_client(self._host, self._port, self._tokens[system])


def _tokens(engine: sa.Engine, systems: Sequence[str]) -> dict[str, str]:
    now = datetime.now(UTC)
    texts = {}
    with transaction(engine) as connection:
        for system in systems:
            minted = mint()
            texts[system] = minted.text
            token = Token(
                id=minted.id,
                system_id=system,
                digest=minted.digest,
                scopes=ALL_SCOPES,
                term=Term(created_at=now, expires_at=now + timedelta(days=1)),
                note="",
                created_by="bench",
            )
            add_token(connection, token)
    return texts


def _addressed(country: Country, made: Sequence[bytes], *, first: int) -> list[tuple[str, bytes]]:
    """Return each package with the system that it goes to: they go to all offices in turn."""
    system_of = {code: system for system, codes in country.offices.items() for code in codes}
    codes = country.codes
    return [(system_of[codes[number % len(codes)]], one) for number, one in enumerate(made, first)]


def _relay(settings: Settings) -> None:
    from axis.relay.run import work

    work(settings)


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop
