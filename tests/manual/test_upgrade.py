"""docs/operate/upgrade.md, followed while documents come without a pause."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from axis.ledger.keys import make_notary_key
from axis.store.engine import open_engine
from axis.store.migrate import upgrade
from axis.store.packages import PackageRecord
from tests.relay.installation import Installation, build
from tests.relay.papers import G22, H41, document, package

from .machine import CHECKOUT, PATIENCE_S, Machine, blocks

PAGE = CHECKOUT / "docs" / "operate" / "upgrade.md"
#: What a next version may do to tables that work: add.
REVISION = '''\
"""A column that may be empty, and an index."""

import sqlalchemy as sa
from alembic import op

revision = "9999_next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("note", sa.Text))
    op.create_index("ix_delivery_note", "delivery", ["note"])
'''


@dataclass
class Sender:
    """Sends one document after the other, each when the one before it was answered."""

    axis: Installation
    answers: list[PackageRecord] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        while not self.stop.is_set():
            paper = document(len(self.answers) + 1, to=(H41,))
            signed = self.axis.sign(G22, package(paper))
            ticket = await self.axis.submit(signed, system="vpcp")
            self.answers.append(await self.axis.verdict(ticket.package_id, timeout_s=PATIENCE_S))

    def wait_for_more(self) -> None:
        """Return when a document that was sent from now on has its answer."""
        enough, end = len(self.answers) + 2, time.monotonic() + PATIENCE_S
        while len(self.answers) < enough:
            assert time.monotonic() < end, "documents go on no more"
            self.stop.wait(0.05)


@contextmanager
def sending(axis: Installation) -> Iterator[Sender]:
    sender = Sender(axis)
    thread = threading.Thread(target=sender.work)
    thread.start()
    try:
        yield sender
    finally:
        sender.stop.set()
        thread.join()


def test_documents_come_without_a_pause_while_the_tables_change(machine: Machine) -> None:
    plain = machine.postgresql.database_url("axis")
    engine = open_engine(plain.replace("postgresql:", "postgresql+psycopg:"))
    upgrade(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    axis = build(machine.root / "lib", engine, machine.amqp_url, now=now)
    make_notary_key(axis.settings.path(axis.settings.notary.key))
    (machine.root / "etc" / "axis.toml").write_bytes(msgspec.toml.encode(axis.settings))
    machine.install_next(REVISION)
    machine.follow("systemctl start axis@relay\nsystemctl start axis@notary\n")
    with sending(axis) as sender:
        sender.wait_for_more()
        for block in blocks(PAGE):
            machine.follow(block)
            sender.wait_for_more()
        # An old process cannot begin on newer tables; it says so and touches nothing.
        machine.follow("systemctl start axis@relay\n")
        assert machine.wait_for("axis@relay") == 3
        assert "store.schema-outdated" in (machine.root / "axis@relay.log").read_text()
        sender.wait_for_more()
    assert {answer.accepted for answer in sender.answers} == {True}
    assert axis.count("delivery") == len(sender.answers)
    assert axis.count("delivery", "state <> 'held'") == len(sender.answers)
    machine.follow("systemctl stop axis-next@relay\nsystemctl stop axis-next@notary\n")
    machine.follow("/opt/axis-next/bin/axis audit consistency\n")
    engine.dispose()
