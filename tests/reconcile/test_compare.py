"""Two registers of the same deliveries differ by name."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from axis.delivery.states import State
from axis.errors import AxisError
from axis.reconcile.compare import Difference, Given, compare, parse_register
from cli import axis as command
from tests.clock.papers import put
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation

__all__ = ["axis", "axis_on_postgresql"]


def given(number: int, state: State = State.CONFIRMED, *, document: str | None = None) -> Given:
    return Given(
        delivery_id=f"d{number}",
        sha256=f"{number:02x}",
        document_id=document or f"document {number}",
        sign=f"{number}/VPCP",
        address="H41",
        state=state,
    )


def differences(register: str, *deliveries: Given) -> list[tuple[str, int | None, str]]:
    found = compare(parse_register(register), deliveries)
    return [(one.name, one.line, one.difference.value) for one in found]


def test_registers_that_agree_have_no_difference() -> None:
    text = "\ufeffsha256,document_id\n01,\n,document 2\n0B,\n"
    assert differences(text, given(1), given(2), given(11)) == []


def test_each_difference_has_its_name() -> None:
    text = "delivery_id\nd1\nd1\nd2\nd3\nd9\n"
    assert differences(
        text, given(1), given(2, State.FETCHED), given(3, State.RECALLED), given(4)
    ) == [
        ("d1", 3, Difference.TWICE),
        ("d2", 4, Difference.UNCONFIRMED),
        ("d3", 5, Difference.NEVER_GIVEN),
        ("d9", 6, Difference.UNKNOWN),
        ("4/VPCP", None, Difference.MISSING),
    ]


def test_a_document_and_its_update_are_two_lines_of_one_name() -> None:
    both = (given(1, document="same"), given(2, document="same"))
    assert differences("document_id\nsame\nsame\n", *both) == []
    assert differences("document_id\nsame\n", *both) == [("2/VPCP", None, Difference.MISSING)]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "sha256\n01\n\n,\n"])
def test_what_is_no_register_is_refused(text: str) -> None:
    with pytest.raises(AxisError) as caught:
        parse_register(text)
    assert caught.value.code == "reconcile.unreadable"


def test_the_command_compares_a_file_with_the_records(axis: Installation) -> None:
    from datetime import UTC, datetime

    deliveries = put(axis, 3, at=datetime.now(UTC))
    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))
    register = Path(axis.settings.home) / "so.csv"
    register.write_text(f"delivery_id\n{deliveries[0].id}\n")
    words = ["--config", str(config), "reconcile", "nghean", str(register)]
    done = CliRunner().invoke(command, [*words, "--json"])
    assert done.exit_code == 1, done.output
    assert '"unconfirmed"' in done.stdout
    register.write_bytes(b"\xff\xfe")
    done = CliRunner().invoke(command, words)
    assert isinstance(done.exception, AxisError)
