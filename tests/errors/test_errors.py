"""A refusal is a value: it travels, speaks two languages, and outlives the version that made it."""

from __future__ import annotations

import copy
import pickle

import pytest

from axis.errors import AxisError, Fault, Place, Refusal, catalogue
from axis.sandbox.errors import ServerInUseError


def test_a_refusal_survives_the_way_between_processes():
    error = ServerInUseError(server="RabbitMQ", folder="x", place=Place(xpath="/edXML", line=3))
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is ServerInUseError
    assert arrived.refusal == error.refusal
    assert copy.copy(error).refusal == error.refusal


def test_it_speaks_both_languages():
    refusal = ServerInUseError(server="RabbitMQ", folder="var/x").refusal
    assert "var/x" in refusal.text("en")
    assert "var/x" in refusal.text("vi")
    assert refusal.text("en") != refusal.text("vi")
    assert refusal.hint("en") != refusal.hint("vi")


def test_a_fact_that_was_not_recorded_reads_as_a_dash():
    refusal = Refusal(code="sandbox.in-use", fault=Fault.OUTAGE, facts={"server": "RabbitMQ"})
    assert "– " in refusal.text() or refusal.text().endswith("–")


def test_a_code_of_a_newer_version_is_shown_as_it_is():
    assert Refusal(code="future.code", fault=Fault.INPUT).text("vi") == "future.code"


def test_a_code_cannot_be_given_twice():
    with pytest.raises(TypeError, match=r"sandbox\.in-use"):

        class AnotherError(AxisError):
            code = "sandbox.in-use"


def test_the_catalogue_knows_every_room_in_order():
    codes = list(catalogue())
    assert codes == sorted(codes)
    assert {"sandbox.in-use", "store.unavailable", "envelope.truncated"} <= set(codes)
