"""The API does what its description says: schemathesis sends what fits it and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.rest.app import all_operations, document
from axis.ledger.keys import make_notary_key
from tests.relay.installation import Installation
from tests.rest.gateway import gateway_of

#: Examples of each operation; a longer search is run by hand.
EXAMPLES = 8


@schemathesis.serializer("application/offset+octet-stream", "application/vnd.edxml+xml")
def as_it_is(_context: object, value: object) -> bytes:
    """Bytes are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


@contextmanager
def _served(axis: Installation) -> Iterator[tuple[str, str]]:
    """A gateway in a thread of its own; yields its URL and a token."""
    found: list[tuple[str, str]] = []
    ready, over = Event(), Event()

    async def serve() -> None:
        async with gateway_of(axis, rate="1000000/minute", wait_s=0, poll_s=0) as gateway:
            found.append((gateway.url, gateway.tokens["vpcp"]))
            ready.set()
            await asyncio.to_thread(over.wait)

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(asyncio.run, serve())
        try:
            while not ready.wait(0.1):
                if running.done():
                    running.result()
            yield found[0]
        finally:
            over.set()
            running.result(timeout=120)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_operation_answers_as_described(axis_on_postgresql: Installation):
    own = axis_on_postgresql.settings
    make_notary_key(own.path(own.notary.key))
    schema = schemathesis.openapi.from_dict(document(all_operations()))
    with _served(axis_on_postgresql) as (url, token):
        tried = set()
        for result in schema.get_all_operations():
            operation = result.ok()

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def answers(case: schemathesis.Case) -> None:
                case.call_and_validate(
                    base_url=f"{url}/v1",
                    headers={"Authorization": f"Bearer {token}"},
                    checks=[
                        not_a_server_error,
                        status_code_conformance,
                        content_type_conformance,
                        response_schema_conformance,
                    ],
                )

            answers()
            tried.add(operation.label)
        assert len(tried) == len(all_operations())
