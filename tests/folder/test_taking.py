"""What the agent does with what it should not believe, and with words of clerks."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import structs

from adapters.folder.compose import make_job
from adapters.folder.drops import Drop
from adapters.folder.run import Agent
from adapters.folder.sending import Sender
from adapters.folder.settings import load_agent_settings
from adapters.folder.spool import Delivery
from adapters.folder.unpack import UNPACKED_BYTES, _only_member, unpack
from axis.envelope.reader import read
from axis.envelope.tree import parse_tree
from axis.envelope.values import ManifestReference
from axis.envelope.writer import encode
from axis.errors import AxisError
from cli import axis as command
from tests.client.running import free_port, gateway
from tests.folder.office import FORM, Office
from tests.folder.test_journey import is_done, jobs
from tests.relay.papers import document


def states(office: Office) -> list[str]:
    with office.agent.spool() as spool:
        return [one.state for one in spool.all(Delivery)]


def test_what_is_for_another_is_set_aside_and_not_confirmed(
    sender: Office, receiver: Office
) -> None:
    settings = receiver.home / "agent.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('office = "000.00.00.H41"', 'office = "000.00.00.H14"'))
    sender.drop("a.pdf", b"%PDF")
    sender.drop("a.toml", FORM)
    sender.send(until=lambda: bool(sender.names("sent")))
    receiver.take(until=lambda: states(receiver) == ["suspect"])
    told = (receiver.only("suspect") / "ly-do.txt").read_text(encoding="utf-8-sig")
    assert "client.not-ours" in told
    assert not receiver.names("inbox")
    with sender.world.client("vpcp") as client:
        (package,) = client.sent()
    assert package.recipients[0].state == "fetched"


def test_without_revocation_lists_it_is_tried_again_later(sender: Office, receiver: Office) -> None:
    lists = receiver.home / "trust/crls"
    kept = {path.name: path.read_bytes() for path in lists.iterdir()}
    for path in lists.iterdir():
        path.unlink()
    sender.drop("a.pdf", b"%PDF")
    sender.drop("a.toml", FORM)
    sender.send(until=lambda: bool(sender.names("sent")))

    def told() -> bool:
        with receiver.agent.spool() as spool:
            return any(one.told is not None for one in spool.all(Delivery))

    receiver.take(until=told)
    assert states(receiver) == ["known"]
    for name, data in kept.items():
        (lists / name).write_bytes(data)
    receiver.take(until=lambda: is_done(receiver))


def test_names_of_attachments_are_made_safe() -> None:
    names = ["../../x.pdf", "thong-tin.txt", "CON", "Đơn.pdf", "đơn.PDF", "mở\u202efdp.exe"]
    manifest = tuple(
        ManifestReference(content_id=str(number), attachment_name=name)
        for number, name in enumerate(names)
    )
    envelope = document(1)
    body = encode(
        structs.replace(envelope, manifest=manifest),
        {str(number): name.encode() for number, name in enumerate(names)},
    )
    found = unpack(body, read(parse_tree(body)), {}, taken={"thong-tin.txt"})
    assert list(found) == [
        "x.pdf",
        "thong-tin (2).txt",
        "CON_",
        "Đơn.pdf",
        "đơn (2).PDF",
        "mởfdp.exe_",
    ]
    assert found["x.pdf"] == b"../../x.pdf"


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (zipped(a=b"%PDF"), b"%PDF"),
        (zipped(a=b"1", b=b"2"), None),
        (b"PK\x03\x04 broken", None),
        (b"%PDF", b"%PDF"),
    ],
)
def test_what_a_sender_wrapped_in_an_archive_is_unwrapped(data: bytes, shown: bytes | None) -> None:
    manifest = (ManifestReference(content_id="1", attachment_name="a.pdf"),)
    envelope = structs.replace(document(1), manifest=manifest)
    body = encode(envelope, {"1": data})
    found = unpack(body, read(parse_tree(body)), {})
    assert found["a.pdf"] == (data if shown is None else shown)


def test_an_archive_that_grows_without_end_is_left_packed() -> None:
    bomb = zipped(a=b"\x00" * (UNPACKED_BYTES + 1))
    with pytest.raises(AxisError) as caught:
        _only_member("a.pdf", bomb)
    assert caught.value.code == "agent.attachment-too-large"


def test_a_status_by_command_goes_out(sender: Office, receiver: Office) -> None:
    sender.drop("a.pdf", b"%PDF")
    sender.drop("a.toml", FORM)
    sender.send(until=lambda: bool(sender.names("sent")))
    receiver.take(until=lambda: is_done(receiver))
    folder = ("--folder", str(receiver.home))
    runner = CliRunner()
    words = ["agent", "status", "7816/VPCP-TTĐT", "02", "--say", "gửi nhầm", *folder, "--json"]
    assert runner.invoke(command, words).exit_code == 0
    listed = runner.invoke(command, ["agent", "list", *folder, "--json"])
    waiting = [json.loads(line) for line in listed.output.splitlines()]
    assert {"status 01", "status 02"} == {row["name"] for row in waiting}
    receiver.send(until=lambda: all(job.state == "done" for job in jobs(receiver)))
    with sender.world.client("vpcp") as client:
        (package,) = client.sent()
    assert package.recipients[0].status_code == "02"
    nothing = runner.invoke(command, ["agent", "status", "9/KHONG", "03", *folder])
    assert isinstance(nothing.exception, AxisError)
    assert nothing.exception.code == "agent.unknown"
    sender.take(until=lambda: len(list(sender.only("sent").glob("trang-thai*.txt"))) == 2)
    with sender.agent.spool() as spool:
        one = spool.all(Delivery)[0]
    about_status = runner.invoke(
        command, ["agent", "status", one.id, "03", "--folder", str(sender.home)]
    )
    assert isinstance(about_status.exception, AxisError)
    assert about_status.exception.code == "agent.not-a-document"


def test_settings_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    with pytest.raises(AxisError) as absent:
        Agent(tmp_path)
    assert absent.value.code == "agent.settings"
    (tmp_path / "agent.toml").write_text('url = "https://x"\noffice = "a"\nofice = "b"\n')
    with pytest.raises(AxisError) as unknown:
        load_agent_settings(tmp_path)
    assert "ofice" in str(unknown.value.facts["reason"])
    result = CliRunner().invoke(command, ["agent", "doctor", "--folder", str(tmp_path)])
    assert result.exit_code == 1


def test_an_axis_that_is_away_loses_nothing(sender: Office) -> None:
    settings = sender.home / "agent.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(sender.world.url, "http://127.0.0.1:9"))
    sender.drop("a.pdf", b"%PDF")
    sender.drop("a.toml", FORM)
    agent = sender.agent
    with agent.spool() as spool, agent.client(spool) as client:
        client.setup = replace(client.setup, patience_s=0.1)
        way = Sender(agent.settings, agent.places, spool, client, lambda: agent.signer)
        for number in range(3):
            way.round(clock=number * 100.0)
    (job,) = jobs(sender)
    assert job.state == "ready"
    assert job.told is not None
    assert job.told.code == "client.unreachable"
    settings.write_text(text)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))


def test_what_is_not_judged_yet_is_asked_for_again(sender: Office) -> None:
    world = sender.world
    settings = sender.home / "agent.toml"
    before = settings.read_text(encoding="utf-8")
    text = before.replace("verdict_s = 60.0", "verdict_s = 0.0")
    sender.drop("a.edxml", encode(document(1), {"1": b"%PDF"}))

    def told() -> bool:
        return any(job.told and job.told.code == "agent.not-judged" for job in jobs(sender))

    with gateway(world.axis, free_port(), relay=False) as url:
        # Whatever the other gateway's relay takes, this one waits for no verdict at all.
        settings.write_text(text.replace(world.url, url))
        sender.send(until=told)
    settings.write_text(before)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))


def test_a_file_that_is_gone_before_it_was_read_is_told_of(sender: Office) -> None:
    agent = sender.agent
    path = sender.home / "outbox/a.edxml"
    drop = Drop(name="a", paths=(path,), package=path)
    job = make_job(drop, agent.settings, agent.places, agent.signer, now=datetime.now(UTC))
    assert job.told is not None
    assert (job.state, job.told.code) == ("refused", "agent.unreadable")
