"""The demo is the promise of the README's first line: it must hold, and say so when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.demo.axes.run import run_two_axes
from adapters.demo.doors import DOORS
from adapters.demo.papers import Papers
from adapters.demo.run import run_demo
from adapters.demo.story import Teller
from axis.envelope.package import parse
from axis.envelope.values import DocumentEnvelope
from cli import axis


def test_every_step_of_the_demo_is_as_it_should_be(tmp_path: Path) -> None:
    # With papers made from the samples where they are; the doors below carry the demo's own.
    samples = Path(os.environ["TEST_SHARED"]) / "data" / "edxml"
    lines: list[str] = []
    wrong = run_demo(
        tmp_path / "demo", samples if samples.is_dir() else None, lang="vi", echo=lines.append
    )
    assert wrong == [], "\n".join(lines)
    told = "\n".join(lines)
    assert "axis trace 7816/VPCP-TTĐT" in told
    for code in ("envelope.truncated", "recipient.unknown", "signature.digest-mismatch"):
        assert code in told
    assert not processes_below(tmp_path)


@pytest.mark.parametrize("door", DOORS)
def test_the_same_documents_go_through_each_door(door: str, tmp_path: Path, amqp_url: str) -> None:
    lines: list[str] = []
    wrong = run_demo(
        tmp_path / "demo",
        None,
        lang="vi",
        echo=lines.append,
        door=door,
        broker_url=None if DOORS[door].by_amqp else amqp_url,  # the hub makes hosts and users
    )
    assert wrong == [], "\n".join(lines)
    assert "axis trace 7816/VPCP-TTĐT" in "\n".join(lines)
    assert not processes_below(tmp_path)


def test_two_axes_carry_documents_over_a_line_that_breaks(tmp_path: Path) -> None:
    lines: list[str] = []
    wrong = run_two_axes(tmp_path / "demo", None, lang="vi", echo=lines.append)
    told = "\n".join(lines)
    assert wrong == [], told
    # What the checks of the story rest on was really there to be checked.
    assert told.count("axis trace 7901/VPCP-TTĐT") == 2
    assert told.count("trục kia đã tiếp nhận cho UBND xã Vạn An") == 2
    assert "✓ tổng cộng 8 lượt giao" in told
    assert not processes_below(tmp_path)


def test_two_axes_and_a_door_are_not_asked_for_at_once() -> None:
    result = CliRunner().invoke(axis, ["demo", "--two-axes", "--door", "rest"])
    assert result.exit_code == 2


def test_a_step_that_went_wrong_is_kept_and_told() -> None:
    lines: list[str] = []
    teller = Teller("en", lines.append)
    teller.check(True, "right", "đúng")
    teller.check(False, "broken", "hỏng")
    assert teller.wrong == ["broken"]
    assert lines == ["  ✓ right", "  ✗ broken"]


def test_papers_made_from_the_samples_keep_their_texts_and_attachments(shared: Path, now) -> None:
    papers = Papers(shared / "data" / "edxml", now=now)
    paper = papers.directive("000.00.00.G22", ("000.00.00.H41",))
    envelope = parse(paper.package).envelope
    assert isinstance(envelope, DocumentEnvelope)
    assert envelope.code.sign == "7816/VPCP-TTĐT"
    assert envelope.priority == 1
    original = parse((shared / "data" / "edxml" / "edoc_new.edxml").read_bytes()).envelope
    assert isinstance(original, DocumentEnvelope)
    assert [one.sha256 for one in envelope.attachments] == [
        one.sha256 for one in original.attachments
    ]


def processes_below(folder: Path) -> list[str]:
    """Return the command lines of processes that work in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found
