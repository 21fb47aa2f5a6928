"""Who a message is from, and what it is: decided from its properties and its body alone."""

from __future__ import annotations

import pytest

from adapters.amqp.checks import demand_user, read_request, read_submission
from adapters.amqp.errors import OperationUnknownError, UserForeignError, UserMissingError
from adapters.amqp.inbox import Arrived
from adapters.amqp.schemas import Confirm


def arrived(**changes: object) -> Arrived:
    values = {
        "body": b"<edXML/>",
        "routing_key": "submit",
        "delivery_tag": 1,
        "tries": 0,
        "user_id": "system.vpcp",
        "message_id": "m1",
        "correlation_id": None,
        "reply_to": None,
        "content_type": "application/xml",
        "content_encoding": None,
        "headers": {},
    }
    return Arrived(**(values | changes))  # type: ignore[arg-type]


def test_only_the_user_that_the_virtual_host_belongs_to_is_heard():
    demand_user(arrived(), "system.vpcp")
    with pytest.raises(UserMissingError):
        demand_user(arrived(user_id=None), "system.vpcp")
    for other in ("system.khac", "", "SYSTEM.VPCP", "system.vpcp "):
        with pytest.raises(UserForeignError) as no:
            demand_user(arrived(user_id=other), "system.vpcp")
        assert no.value.code == "amqp.user-foreign"


@pytest.mark.parametrize("key", ["", "submit.more", "request.fetch", "event"])
def test_a_package_comes_under_one_key_only(key: str):
    with pytest.raises(OperationUnknownError) as no:
        read_submission(arrived(routing_key=key), inline_bytes=100)
    assert no.value.code == "amqp.operation-unknown"


@pytest.mark.parametrize("key", ["", "request.", "request.other", "submit", "request.fetch.more"])
def test_a_request_is_one_of_four(key: str):
    with pytest.raises(OperationUnknownError):
        read_request(arrived(routing_key=key, content_type="application/json"))


def test_a_content_type_may_have_parameters_and_capitals():
    body = b'{"delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10"}'
    message = arrived(
        body=body, routing_key="request.confirm", content_type="Application/JSON; charset=utf-8"
    )
    assert isinstance(read_request(message), Confirm)
    assert read_submission(arrived(content_type="TEXT/XML"), inline_bytes=100) == b"<edXML/>"
