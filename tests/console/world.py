"""A country with documents that are stuck in many ways, and a console over it on a real socket.

Gateway and relay run in a thread with a loop of their own, because a browser is driven by calls
that wait. Some documents have subjects that only an attacker writes.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyotp
from click.testing import CliRunner
from msgspec import structs

from axis.access.sealing import KEY_BYTES
from axis.clock.follow import Follower
from axis.delivery.states import Event
from axis.envelope.values import DocumentEnvelope
from axis.errors import Fault, Refusal
from axis.gateway import Installation as Console
from axis.ledger.keys import make_notary_key, write_key_file
from axis.mailbox.batch import StepOrder, take_steps
from axis.notary.process import sequence_pending
from axis.settings import ConsoleSettings
from axis.store.alarms import raise_alarm
from axis.store.console import account_named
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.pki import KeyKind, issue
from cli import axis as axis_command
from tests.relay.installation import Installation
from tests.relay.papers import H14, H41, document, package
from tests.rest.gateway import Gateway, gateway_of

UNCONNECTED = "000.09.09.H41"
SCRIPT = "<script>window.hacked=1</script>"
IMAGE = "\"><img src=x onerror=window.hacked=1>'{{7*7}}"
TURNED = "V/v chi \u202egnout\u202c trả \u2066tiền\u2069 lương \u200f2026"


@dataclass
class Person:
    """Somebody with an account, who knows their password and has their telephone at hand."""

    name: str
    password: str
    totp: str

    def code(self) -> str:
        """What the telephone shows."""
        return pyotp.TOTP(self.totp).now()


@dataclass
class World:
    """The installation, its console, and the documents by what is wrong with them."""

    axis: Installation
    url: str
    installation: Console
    packages: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def deliveries(self, name: str) -> dict[str, DeliveryRecord]:
        with transaction(self.axis.engine) as connection:
            found = deliveries_of(connection, [self.packages[name]])
        return {one.address: one for one in found}

    def command(self, *words: str) -> list[dict[str, Any]]:
        """Run a command on this installation; return what it prints as JSON."""
        url = self.axis.engine.url.render_as_string(hide_password=False)
        env = {"AXIS_HOME": self.axis.settings.home, "AXIS_DATABASE_URL": url, "LANG": "C"}
        result = CliRunner().invoke(axis_command, [*words, "--json"], env=env)
        assert result.exit_code == 0, (result.output, result.exception)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def add_person(self, name: str, *words: str) -> Person:
        """Make an account by the command, and forget the step of its last code."""
        said = self.command("console", "account", "add", name, *words)[0]
        self.people[name] = Person(name=name, password=said["password"], totp=said["totp"])
        return self.people[name]

    def code(self, name: str) -> str:
        """The code that the telephone shows; each test may use it again, as hours later."""
        from axis.store.console import save_account

        with transaction(self.axis.engine) as connection:
            account = account_named(connection, name)
            assert account is not None
            save_account(connection, replace(account, totp_step=None, must_change=False))
        return self.people[name].code()


@contextmanager
def world_of(axis: Installation) -> Iterator[World]:
    """Carry the documents and serve the console."""
    # Tests sign in more often than people do; the bound has a test of its own.
    settings = axis.settings = structs.replace(
        axis.settings, console=ConsoleSettings(signin_rate="1000/minute")
    )
    write_key_file(settings.path(settings.access.key), secrets.token_bytes(KEY_BYTES))
    make_notary_key(settings.path(settings.notary.key))
    with _serving(axis) as (gateway, loop):
        world = World(axis=axis, url=gateway.url, installation=gateway.installation)
        _carry(world, lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(120))
        _tell(world)
        for name, words in {
            "hoa": ("--role", "operator"),
            "lan": ("--role", "auditor"),
            "minh": ("--role", "viewer", "--office", H14),
        }.items():
            world.add_person(name, *words)
        world.command(
            "office",
            "merge",
            "28.22.H17",
            "--into",
            "000.00.00.G17",
            "--on",
            "2026-01-15",
            "--basis",
            "NQ 1676/NQ-UBTVQH15",
            "--by",
            "test",
        )
        yield world


@contextmanager
def _serving(axis: Installation) -> Iterator[tuple[Gateway, asyncio.AbstractEventLoop]]:
    ready, found, done = threading.Event(), [], []

    async def serve() -> None:
        stop = asyncio.Event()
        async with axis.running(), gateway_of(axis, rate="100000/minute") as gateway:
            found.append((gateway, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            done.append(True)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(60)
    assert found, "the gateway did not start"
    gateway, loop, stop = found[0]
    try:
        yield gateway, loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)


def _papers() -> dict[str, tuple[DocumentEnvelope, str]]:
    """The documents, each with the system that sends it."""
    everyone = (H41, H14, UNCONNECTED)
    of_g22 = document(7816, to=everyone)
    return {
        "known": (
            structs.replace(of_g22, subject="V/v liên thông văn bản điện tử quốc gia năm 2026"),
            "vpcp",
        ),
        "same number": (
            structs.replace(
                document(7816, sender=H14, to=(H41,)), subject="Báo cáo tình hình mưa lũ"
            ),
            "khac",
        ),
        "urgent": (
            structs.replace(
                document(7817, to=(H14,), priority=3), subject="Công điện khẩn ứng phó bão"
            ),
            "vpcp",
        ),
        "script": (structs.replace(document(1, to=(H14,)), subject=SCRIPT), "vpcp"),
        "image": (
            structs.replace(document(2, to=(H14, UNCONNECTED)), subject=IMAGE),
            "vpcp",
        ),
        "turned": (structs.replace(document(3, to=(H14,)), subject=TURNED), "vpcp"),
    }


def _carry(world: World, run: Any) -> None:
    axis = world.axis
    for name, (paper, system) in _papers().items():
        signed = axis.sign(str(paper.sender.organ_id), package(paper))
        ticket = run(axis.submit(signed, system=system))
        record = run(axis.verdict(ticket.package_id))
        assert record.accepted, record.refusal
        world.packages[name] = ticket.package_id
    unsigned = run(axis.submit(package(document(9, to=(H14,))), system="vpcp"))
    assert not run(axis.verdict(unsigned.package_id)).accepted
    world.packages["refused"] = unsigned.package_id


def _tell(world: World) -> None:
    """Let a receiver take what it got, the notary sign, the clock count, and something be wrong."""
    axis, now = world.axis, datetime.now(UTC)
    mine = world.deliveries("known")[H14]
    for step in (Event.FETCH, Event.CONFIRM):
        order = StepOrder(delivery_id=mine.id, system_id="khac", step=step, why=None)
        take_steps(axis.engine, axis.sealer, [order], now=now)
    sequence_pending(axis.engine, axis.settings)
    Follower(engine=axis.engine, clock=lambda: now).round()
    key = axis.settings.path("certs")
    _, soon = issue(key, name="UBND xã", code=UNCONNECTED, now=now, kind=KeyKind.P256, days=20)
    with transaction(axis.engine) as connection:
        office = load_directory(connection).find(UNCONNECTED, now)
        assert office is not None
        register_certificate(connection, soon, at=now)
        bind_certificate(connection, soon.sha256, office.office_id, valid_from=now)
        refusal = Refusal(
            code="bus.unavailable", fault=Fault.OUTAGE, facts={"reason": "connection refused"}
        )
        raise_alarm(connection, refusal, "rabbitmq", at=now)
