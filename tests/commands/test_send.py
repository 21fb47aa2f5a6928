"""``axis send`` gives a receipt or every reason, and the exit code says which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from axis.relay.run import work
from axis.serve.supervise import Supervisor
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, document, package

ROOT = Path(__file__).parents[2]


def axis_command(axis: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    return subprocess.run(
        [sys.executable, "cli.py", "--config", str(config), "--lang", "vi", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_clerk_sends_receives_and_asks(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    home = Path(axis.settings.home)
    good, bad = home / "good.edxml", home / "bad.edxml"
    good.write_bytes(axis.sign(G22, package(document(to=(H14,)))))
    broken = package(document()).replace(b"Subject>", b"Subjekt>").replace(b">1</", b">x</", 1)
    bad.write_bytes(axis.sign(G22, broken))
    supervisor = Supervisor(axis.settings, {"relay": work})
    supervisor.start()
    try:
        sent = axis_command(axis, "send", str(good), "--json")
        refused = axis_command(axis, "send", str(bad), "--system", "vpcp", "--json")
        people = axis_command(axis, "send", str(bad), "--system", "vpcp")
    finally:
        supervisor.stop()
    answer = json.loads(sent.stdout)
    assert (sent.returncode, answer["verdict"]) == (0, "accepted")
    reasons = json.loads(refused.stdout)
    assert (refused.returncode, reasons["verdict"]) == (1, "refused")
    assert len(reasons["faults"]) > 1
    assert all(fault["xpath"] and fault["line"] for fault in reasons["faults"])
    assert people.returncode == 1
    assert people.stderr.count("→") == len(reasons["faults"])

    (waits,) = map(json.loads, axis_command(axis, "inbox", "khac", "--json").stdout.splitlines())
    target = home / "taken.edxml"
    delivery = waits["delivery_id"]
    early = axis_command(axis, "confirm", delivery, "--as", "khac")
    assert early.returncode == 1
    assert "delivery.transition" in early.stderr
    taken = axis_command(axis, "fetch", delivery, "--as", "khac", "-o", str(target), "--json")
    assert json.loads(taken.stdout)["sha256"] == answer["sha256"]
    assert target.read_bytes() == good.read_bytes()
    assert axis_command(axis, "confirm", delivery, "--as", "khac").returncode == 0
    told = axis_command(axis, "trace", "7816/VPCP-TTĐT")
    assert "trục đã tiếp nhận" in told.stdout
    assert "xác nhận đã nhận" in told.stdout
    unknown = axis_command(axis, "trace", "0/KHÔNG-CÓ")
    assert unknown.returncode == 1
    assert "document.unknown" in unknown.stderr
