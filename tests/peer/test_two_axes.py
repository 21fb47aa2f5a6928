"""Documents and statuses between offices at home on two axes, over a link that can be down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.client import ProblemError, UnreachableError
from adapters.client.values import Submission
from adapters.peer.onward import Onward
from axis.delivery.states import State
from axis.envelope.values import StatusCode, StatusEnvelope
from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.ledger.events import Event
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.store.peers import Bundle, bundles
from axis.store.trust import revoke_certificate
from tests.peer.axes import NATION, PROVINCE, Axis, join, make_axis, some_time_ago
from tests.relay.papers import G22, H14, H41, document, package

VHOST = "second-axis"


@pytest.fixture
def axes(
    tmp_path: Path,
    sqlite_engine: sa.Engine,
    postgresql_engine: sa.Engine,
    amqp_url: str,
    rabbitmq: PrivateRabbitMQ,
) -> Iterator[tuple[Axis, Axis]]:
    now = some_time_ago()
    name = f"{VHOST}-{tmp_path.name[-40:]}"
    nation = make_axis(
        NATION, tmp_path / "nation", postgresql_engine, amqp_url, now=now, origin="truc.gov.vn/log"
    )
    province = make_axis(
        PROVINCE,
        tmp_path / "province",
        sqlite_engine,
        rabbitmq.add_vhost(name),
        now=now,
        origin="truc.tinh.vn/log",
    )
    join(nation, province, now=now)
    join(province, nation, now=now)
    yield nation, province
    rabbitmq.delete_vhost(name)


@pytest.fixture
def pair(axes: tuple[Axis, Axis]) -> Iterator[tuple[Axis, Axis]]:
    """Both, at work."""
    nation, province = axes
    with nation.at_work(), province.at_work():
        yield nation, province


def send(axis: Axis, paper: bytes, *, system: str = "vpcp") -> Submission:
    with axis.running.client(system) as client:
        return client.submit(paper)


def letter(axis: Axis, number: int = 1, **more: object) -> bytes:
    return axis.installation.sign(G22, package(document(number, **more)))


def delivery(axis: Axis, sent: Submission, address: str = H41) -> DeliveryRecord:
    with transaction(axis.installation.engine) as connection:
        found = {one.address: one for one in deliveries_of(connection, [sent.package_id])}
    return found[address]


def entries(axis: Axis, sent: Submission, event: Event) -> list[LoggedEntry]:
    with transaction(axis.installation.engine) as connection:
        found = entries_of(connection, [sent.package_id])
    return [entry for entry in found if parse_leaf(entry.leaf).event == event]


def facts(entry: LoggedEntry) -> dict[str, str | int]:
    found = parse_leaf(entry.leaf).facts
    assert isinstance(found, dict)
    return found


def test_a_document_goes_over_unchanged_and_both_ledgers_cite_each_other(
    pair: tuple[Axis, Axis],
) -> None:
    nation, province = pair
    paper = letter(nation, to=(H41, H14))
    sent = send(nation, paper)
    assert nation.link() == 1
    # There: only the office that is at home there, and the very bytes that were signed.
    assert province.count("delivery") == 1
    with province.running.client("nghean") as receiver:
        (waits,) = receiver.mailbox(wait_s=1, forever=False)
        assert receiver.fetch(waits).body == paper
        there = Submission(package_id=waits.package_id, state="accepted", sha256=waits.sha256)
        assert delivery(nation, sent).state is State.FETCHED
        receiver.confirm(waits)
    # Here: confirmed by the office itself, not by the other axis.
    ask_now(nation)
    assert nation.link() == 1
    assert delivery(nation, sent).state is State.CONFIRMED
    assert delivery(nation, sent, H14).state is State.ROUTED
    # Each ledger names the other's entry.
    (relayed,) = entries(nation, sent, Event.RELAY_ACCEPTANCE)
    (accepted,) = entries(province, there, Event.SUBMISSION_ACCEPTANCE)
    year = datetime.now(UTC).year
    assert facts(relayed)["relayed"] == f"truc.tinh.vn/log/{year} {accepted.entry_id}"
    (submitted,) = entries(nation, sent, Event.SUBMISSION_ACCEPTANCE)
    assert facts(accepted)["relayed"] == f"truc.gov.vn/log/{year} {submitted.entry_id}"


def test_statuses_come_back_over_the_other_link(pair: tuple[Axis, Axis]) -> None:
    nation, province = pair
    sent = send(nation, letter(nation))
    nation.link()
    signer = province.installation.signers[H41]
    with province.running.client("nghean", signer=signer) as receiver:
        (waits,) = receiver.mailbox(wait_s=1, forever=False)
        received = receiver.fetch(waits)
        receiver.confirm(waits)
        assert receiver.report(received, StatusCode.ARRIVED).state == "accepted"
    assert province.link() == 1
    with nation.running.client("vpcp") as sender:
        (news,) = sender.mailbox(wait_s=5, forever=False)
        status = sender.fetch(news).envelope
    assert isinstance(status, StatusEnvelope)
    assert status.status_code is StatusCode.ARRIVED
    assert delivery(nation, sent).status_code == "01"


def test_what_the_other_axis_refuses_is_refused_here_with_its_reason(
    pair: tuple[Axis, Axis],
) -> None:
    nation, province = pair
    certificate = nation.installation.signers[G22].certificate
    with transaction(province.installation.engine) as connection:
        revoke_certificate(connection, certificate.sha256, at=some_time_ago(), reason="test")
    sent = send(nation, letter(nation))
    assert nation.link() == 1
    refused = delivery(nation, sent)
    assert (refused.state, refused.held_reason) == (State.REFUSED, "refused-by-system")
    with nation.running.client("vpcp") as sender:
        (known,) = sender.sent()
    assert known.recipients[0].state == "refused"


def test_a_link_that_is_down_keeps_everything_until_it_is_up(axes: tuple[Axis, Axis]) -> None:
    nation, province = axes
    with nation.at_work():
        sent = [send(nation, letter(nation, number)) for number in (1, 2, 3)]
        with pytest.raises(UnreachableError):
            nation.link()
        assert nation.peer.failed_at is not None
        with province.at_work():
            assert nation.link() == 3
            assert nation.peer.failed_at is None
    assert province.count("delivery") == 3
    assert {delivery(nation, one).state for one in sent} == {State.FETCHED}


def test_an_answer_that_was_lost_doubles_nothing(
    pair: tuple[Axis, Axis], monkeypatch: pytest.MonkeyPatch
) -> None:
    nation, province = pair

    class DiedError(Exception):
        pass

    def die(*_: object) -> None:
        raise DiedError

    sent = send(nation, letter(nation))
    with monkeypatch.context() as patch:
        patch.setattr(Onward, "_accepted", die)
        with pytest.raises(DiedError):
            nation.link()
    assert nation.count("peer_relay") == 0
    assert nation.link() == 1
    assert (province.count("package"), province.count("delivery")) == (1, 1)
    assert len(entries(nation, sent, Event.RELAY_ACCEPTANCE)) == 1
    assert nation.link() == 0


def test_what_was_recalled_before_it_went_on_never_goes(axes: tuple[Axis, Axis]) -> None:
    nation, province = axes
    with nation.at_work():
        sent = send(nation, letter(nation))
        with transaction(nation.installation.engine) as connection:
            (bundle,) = bundles(connection, PROVINCE, limit=10)
            connection.execute(sa.text("update delivery set state = 'recalled', ended_at = now()"))
        with province.at_work():
            assert asyncio.run(send_on(nation, bundle)) == 0
    assert province.count("package") == 0
    assert delivery(nation, sent).state is State.RECALLED


def test_nothing_goes_back_or_on_to_a_third_axis(pair: tuple[Axis, Axis]) -> None:
    nation, province = pair
    # An axis that sends what is for its own offices, as a loop would.
    paper = letter(nation, to=(H14,))
    token = Path(nation.peer.token_file).read_text().strip()
    with (
        province.running.client("vpcp", token=token) as link,
        pytest.raises(ProblemError) as caught,
    ):
        link.submit(paper)
    assert caught.value.problem.code == "recipient.not-here"
    assert province.count("delivery") == 0


def ask_now(axis: Axis) -> None:
    with transaction(axis.installation.engine) as connection:
        connection.execute(sa.text("update peer_relay set ask_at = asked_at"))


async def send_on(axis: Axis, bundle: Bundle) -> int:
    links = axis.links
    async with links.client(axis.peer) as client:
        return await links.onward(axis.peer).send(client, bundle, "truc.tinh.vn/log")
