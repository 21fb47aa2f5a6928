"""The page for those who build a client: its commands are run as they stand."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.relay.papers import H14, document, package
from tests.rest.gateway import Gateway

PAGE = Path(__file__).parents[2] / "docs" / "integrate" / "rest.md"


def shown() -> list[dict]:
    """The JSON of the page."""
    blocks = re.findall(
        r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [json.loads(block) for block in blocks]


async def test_the_calls_by_hand_carry_a_document(gateway: Gateway, tmp_path: Path):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    section = PAGE.read_text(encoding="utf-8").partition("\n## By hand\n")[2]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    calls = re.findall(r"curl(?:.*\\\n)*.*\n", block)
    assert len(calls) == 4
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    (tmp_path / "signed.edxml").write_bytes(signed)
    answers: list[str] = []
    for number, call in enumerate(calls):
        token = gateway.tokens["vpcp" if number == 0 else "khac"]
        delivery = json.loads(answers[1])["items"][0]["delivery_id"] if number > 1 else ""
        line = call.replace("http://127.0.0.1:8040", gateway.url).replace("DELIVERY", delivery)
        done = await asyncio.create_subprocess_shell(
            line,
            cwd=tmp_path,
            env={"TOKEN": token, "PATH": "/usr/bin:/bin:/usr/local/bin"},
            stdout=asyncio.subprocess.PIPE,
        )
        answers.append((await done.communicate())[0].decode())
        assert done.returncode == 0
    assert json.loads(answers[0])["state"] == "accepted"
    # What the page shows of answers is what they have.
    package_shown, mailbox_shown, problem_shown = shown()
    for example, answer in (
        (package_shown, json.loads(answers[0])),
        (mailbox_shown, json.loads(answers[1])),
        (problem_shown, (await gateway.of("vpcp").get("/v1/packages/x")).json()),
    ):
        assert example.keys() <= answer.keys()
        for name in {"recipients", "items"} & example.keys():
            assert example[name][0].keys() <= answer[name][0].keys()
    assert package_shown["links"].keys() == json.loads(answers[0])["links"].keys()
    assert (tmp_path / "received.edxml").read_bytes() == signed
    assert json.loads(answers[3])["state"] == "confirmed"
