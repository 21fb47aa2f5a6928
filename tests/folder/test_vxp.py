"""An old eOffice beside an agent: it sends unsigned and takes verified, through the same API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec import structs

from adapters.folder.beside import listening_at
from adapters.folder.errors import ListenAddressError, RoomError
from adapters.folder.run import Agent
from adapters.folder.settings import VxpSettings
from adapters.folder.vxp_spooled import Spooled
from adapters.gateway.limits import Limits
from axis.envelope.package import parse
from axis.envelope.values import SignatureKind, StatusCode
from axis.settings import GatewaySettings
from cli import axis as command
from tests.client.running import Running, free_port, gateway, running
from tests.folder.beside import SETTINGS, client_of, process, until, working
from tests.folder.office import Office, open_office
from tests.relay.installation import build
from tests.relay.papers import G22, H41, document, package, status
from tests.vxp.client import JavaClient, exchange
from tests.vxp.test_captures import captures

__all__ = ["captures"]

UNSIGNED = package(document(7816))
KINDS = ("edoc", "status")

#: What each capture is answered by an agent, in their order: ErrorCode.
ANSWERS = (
    ("/getAgenciesList", "0"),
    ("/getAgenciesListQD20", "0"),
    ("/getSynchronizeUnit", "0"),
    ("/registerAgency", "21"),
    ("/deleteAgency", "21"),
    *[("/sendEdoc", "0")] * 6,
    ("/getReceivedEdocList", "0"),
    ("/getReceivedEdocList", "0"),
    ("/getEdoc", "10"),
    ("/downloadEdoc", "10"),
    ("/updateStatus", "10"),
    ("/updateStatus", "21"),
    ("/getSentEdocList", "21"),
    ("/countReceiveEdoc", "0"),
    ("/countReceiveStatus", "0"),
)


@pytest.fixture
def own_world(tmp_path: Path, postgresql_engine: sa.Engine, amqp_url: str) -> Iterator[Running]:
    """A small axis at work on PostgreSQL and RabbitMQ."""
    home = tmp_path / "axis"
    home.mkdir()
    now = datetime.now(UTC).replace(microsecond=0)
    with running(build(home, postgresql_engine, amqp_url, now=now)) as found:
        yield found


def open_beside(home: Path, world: Running, code: str, token_of: str, **more: object) -> Office:
    vxp = structs.replace(SETTINGS, **more)
    return open_office(home, world, code, token_of, arrived=False, poll_s=1, look_s=0.05, vxp=vxp)


async def test_an_old_eoffice_becomes_a_signing_one(tmp_path: Path, own_world: Running) -> None:
    sender = open_beside(tmp_path / "vpcp", own_world, G22, "vpcp")
    receiver = open_beside(tmp_path / "nghean", own_world, H41, "nghean", short_ids=True)
    with ExitStack() as stack:
        out = stack.enter_context(working(sender))
        came = stack.enter_context(working(receiver))

        # What can be read is taken at once, and the same file is the same document.
        first = await out.send(UNSIGNED, sender=G22)
        assert first["status"] == "OK"
        assert (await out.send(UNSIGNED))["DocId"] == first["DocId"]
        lost = package(document(2, to=("000.00.00.X99",)))
        refused = await out.send(lost)
        assert refused["status"] == "OK"
        broken = await out.send(UNSIGNED.replace(b"Subject>", b"Subjekt>"))
        assert (broken["status"], broken["ErrorCode"], broken["DocId"]) == ("FAIL", "22", "")

        # It is sent signed, and what the axis refused is in the list with its reason.
        async def sent(doc_id: str) -> dict[str, Any]:
            return (await out.ask("getSentEdocList", docId=doc_id))["data"][0]

        row = await until(lambda: sent(first["DocId"]), lambda one: bool(one["receiveStatus"]))
        assert (row["sendStatus"], row["toCode"], row["notation"]) == (
            "done",
            H41,
            "7816/VPCP-TTĐT",
        )
        why = await until(lambda: sent(refused["DocId"]), lambda one: one["sendStatus"] == "fail")
        assert why["sendStatusDesc"].endswith("[recipient.unknown]")
        again = await out.send(lost)
        assert (again["status"], again["ErrorCode"], again["DocId"]) == ("FAIL", "18", "")
        out.sticky.pop("docId")
        whole = await out.ask("getSentEdocList", messagetype="edoc")
        assert [one["sendStatus"] for one in whole["data"]] == ["fail", "done"]
        signed = next((sender.home / "sent").glob("*/goi-tin-da-ky.edxml")).read_bytes()
        assert parse(signed).envelope.signature is SignatureKind.XMLDSIG

        # The other eOffice is offered what its agent has verified; done is the confirmation.
        async def waiting() -> list[dict[str, Any]]:
            return (await came.ask("getReceivedEdocList", messagetype="edoc"))["data"]

        (one,) = await until(waiting, bool)
        assert (one["from"], one["to"], len(one["docId"])) == (G22, H41, 24)
        assert (await came.ask("countReceiveEdoc"))["count"] == 1
        early = await came.ask("updateStatus", docId=one["docId"], status="done")
        assert (early["status"], early["ErrorDesc"][-22:]) == ("FAIL", " [delivery.transition]")
        got = await came.ask("getEdoc", docId=one["docId"])
        assert base64.b64decode(got["data"]) == signed
        assert [each["status"] for each in await waiting()] == ["processing"]
        for word in ("processing", "done", "done"):
            said = await came.ask("updateStatus", docId=one["docId"], status=word)
            assert said["status"] == "OK", said
        assert await waiting() == []
        assert (await came.call("downloadEdoc", method="GET")).content == signed
        late = await came.ask("updateStatus", docId=one["docId"], status="fail")
        assert late["ErrorCode"] == "21"
        row = await until(lambda: sent(first["DocId"]), lambda one: one["receiveStatus"] == "done")
        assert row["receiverDocId"].replace("-", "").startswith(one["docId"])
        assert list(receiver.only("inbox").glob("van-ban.pdf"))

        # A status of its clerk goes back, signed too; what it cannot take is refused.
        report = status(StatusCode.REGISTERED, document(7816), reporter=H41, target=G22)
        assert (await came.send(report, kind="status"))["status"] == "OK"

        async def told() -> list[dict[str, Any]]:
            return (await out.ask("getReceivedEdocList", messagetype="status"))["data"]

        (about,) = await until(told, bool)
        assert about["from"] == H41
        second = await out.send(package(document(3)))
        (one,) = await until(waiting, bool)
        said = await came.ask("updateStatus", docId=one["docId"], status="fail")
        assert said["status"] == "OK", said
        await until(lambda: sent(second["DocId"]), lambda one: one["receiveStatus"] == "fail")

        # The list of offices is the axis's.
        agencies = (await out.ask("getAgenciesList"))["data"]
        commune = next(one for one in agencies if one["code"] == "000.09.09.H41")
        assert commune["pid"] == next(one["id"] for one in agencies if one["code"] == H41)
        assert len((await out.ask("getSynchronizeUnit"))["data"]) == len(agencies) == 7
    assert own_world.axis.count("package", "accepted") == 3


async def test_the_captures_replay_against_an_agent(
    tmp_path: Path, own_world: Running, captures: list[dict[str, Any]]
) -> None:
    office = open_beside(tmp_path / "vpcp", own_world, G22, "vpcp", system="test.system.01")
    (office.home / "keys/vxp.secret").write_text("axis-test-secret\n")
    with working(office) as client:
        first = await replay(client, captures)
        # All that can be read is taken; what the axis says of it stands in getSentEdocList.
        assert first == list(ANSWERS)

        async def sent() -> list[dict[str, Any]]:
            own = JavaClient(client.url, client.system_id, client.secret)
            found = [await own.ask("getSentEdocList", messagetype=kind) for kind in KINDS]
            return [row for one in found for row in one["data"]]

        rows = await until(
            sent,
            lambda rows: len(rows) == 12 and all(one["sendStatus"] != "processing" for one in rows),
        )
        # Three documents whose signatures count nowhere are signed by their office now, and go to
        # three offices each; three statuses are of an office whose agent this is not.
        codes = [one["sendStatusDesc"].rpartition("[")[2].rstrip("]") for one in rows]
        assert codes == ["Đã tiếp nhận"] * 9 + ["sender.not-of-system"] * 3
        # The same files again are the same documents: the client is told at once what they are.
        again = [number for path, number in await replay(client, captures) if path == "/sendEdoc"]
        assert again == ["0", "0", "0", "19", "19", "19"]
    assert own_world.axis.count("package") == 6
    assert own_world.axis.count("package", "accepted") == 3


async def replay(client: JavaClient, captures: list[dict[str, Any]]) -> list[tuple[str, str]]:
    answers = []
    for one in captures:
        code, _, content = await exchange(
            client.url, one["method"], one["path"], one["headers"], one["bytes"]
        )
        said = json.loads(content)
        assert code == (422 if one["path"] == "/downloadEdoc" else 200)
        if one["path"] == "/sendEdoc":
            assert isinstance(said["DocId"], str)
        answers.append((one["path"], said["ErrorCode"]))
    return answers


async def test_what_was_answered_survives_a_power_cut_and_a_line_that_is_away(
    tmp_path: Path, own_world: Running
) -> None:
    office = open_beside(tmp_path / "vpcp", own_world, G22, "vpcp")
    away, port = free_port(), free_port()
    settings = office.home / "agent.toml"
    settings.write_text(settings.read_text().replace(own_world.url, f"http://127.0.0.1:{away}"))
    packages = [package(document(number)) for number in (1, 2)]
    client = client_of(office, port)
    doc_ids = []
    with process(office, port) as kill:
        for one in packages:
            doc_ids.append((await client.send(one))["DocId"])
            assert doc_ids[-1]
        row = (await client.ask("getSentEdocList", docId=doc_ids[0]))["data"][0]
        assert row["sendStatus"] == "processing"
        # Nothing has been fetched yet: there is no list of offices to give.
        assert (await client.ask("getAgenciesList"))["ErrorCode"] == "20"
        kill()
    with process(office, port):
        assert [(await client.send(one))["DocId"] for one in packages] == doc_ids
        with gateway(own_world.axis, away, relay=False):
            for doc_id in doc_ids:
                await until(
                    lambda doc_id=doc_id: client.ask("getSentEdocList", docId=doc_id),
                    lambda said: said["data"][0]["receiveStatus"] == "initial",
                )
            assert (await client.ask("getAgenciesList"))["status"] == "OK"
        # The line is away again: what is known is still told.
        assert len((await client.ask("getAgenciesList"))["data"]) == 7
        row = (await client.ask("getSentEdocList", docId=doc_ids[0]))["data"][0]
        assert (row["sendStatus"], row["receiveStatus"]) == ("done", "initial")
    assert own_world.axis.count("package") == 2
    assert own_world.axis.count("delivery") == 2


async def test_only_who_holds_the_secret_is_answered(sender: Office) -> None:
    settings = sender.home / "agent.toml"
    settings.write_text(settings.read_text().replace("poll_s = 30.0", "poll_s = 0.1"))
    with working(sender) as client:
        assert (await client.ask("countReceiveEdoc"))["count"] == 0
        for wrong in (
            JavaClient(client.url, client.system_id, b"another"),
            JavaClient(client.url, "another", client.secret),
        ):
            assert (await wrong.ask("countReceiveEdoc"))["ErrorCode"] == "15"
        shown = CliRunner().invoke(
            command, ["agent", "vxp", "--folder", str(sender.home), "--new", "--json"]
        )
        assert (await client.ask("countReceiveEdoc"))["ErrorCode"] == "15"
        said = json.loads(shown.stdout)
        renewed = JavaClient(client.url, said["systemid"], said["secret"].encode())
        assert (await renewed.ask("countReceiveEdoc"))["count"] == 0


def test_other_machines_are_let_in_only_where_that_is_meant() -> None:
    assert listening_at(VxpSettings()) is None
    assert listening_at(VxpSettings(), listen="127.0.0.1:8041") == ("127.0.0.1", 8041)
    assert listening_at(VxpSettings(listen="[::1]:8041")) == ("::1", 8041)
    beyond = VxpSettings(listen="0.0.0.0:8041", beyond=True)
    assert listening_at(beyond) == ("0.0.0.0", 8041)
    assert listening_at(VxpSettings(listen="8041")) == ("127.0.0.1", 8041)
    for address in ("0.0.0.0:8041", "10.0.0.5:8041", "eoffice:8041", "127.0.0.1:x"):
        with pytest.raises(ListenAddressError) as refused:
            listening_at(VxpSettings(), listen=address)
        assert refused.value.code == "agent.vxp-address"


async def test_nothing_is_taken_where_the_disk_is_full(sender: Office) -> None:
    settings = sender.home / "agent.toml"
    settings.write_text(
        settings.read_text().replace("free_bytes = 268435456", "free_bytes = 1152921504606846976")
    )
    behind = Spooled(Agent(sender.home), Limits(GatewaySettings()))
    with pytest.raises(RoomError) as refused:
        await behind.demand_room("any", 1)
    assert refused.value.code == "agent.no-room"
    behind.close()
