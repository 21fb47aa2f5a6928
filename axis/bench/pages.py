"""The console's pages among the documents of a bench: what a person waits for.

A gateway of its own is started and asked over its socket by somebody who is signed in. The time is
from the first byte of the request to the last of the answer, on the machine itself; nothing is
fetched beside the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import sqlalchemy as sa

from axis.figures.counting import hour_of
from axis.sandbox.ports import free_ports
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, serve_gateway
from axis.settings import AmqpSettings, DatabaseSettings, GatewaySettings, Settings
from axis.signin.accounts import Kind, open_openid_account
from axis.signin.sessions import Terms, begin_session
from axis.store.engine import transaction
from axis.store.figures import count_hour

#: How long the gateway has to answer for the first time.
START_S: Final = 60.0
#: Days whose hours are counted, as the clock does it: an hour among millions takes it a second.
_DAYS: Final = 2
_NAME: Final = "bench"
_LONG: Final = Terms(idle=timedelta(hours=1), whole=timedelta(hours=1))


def measure_pages(
    engine: sa.Engine,
    home: Path,
    paths: Mapping[str, Callable[[int], str]],
    *,
    asked: int,
    measure: Callable[[Callable[[int], object], int], Mapping[str, float]],
    say: Callable[..., None],
) -> dict[str, Any]:
    """Return the percentiles of each page, and which pages were none.

    Args:
        engine: the records with the documents.
        home: a folder for keys and settings.
        paths: a page's name, and the path and query of each asking below ``/console``.
        asked: how often each is asked for.
        measure: times a question that often.
        say: tells what is done.

    Raises:
        TimeoutError: the gateway did not answer.
    """
    now = datetime.now(UTC)
    settings = Settings(
        home=str(home),
        database=DatabaseSettings(url=engine.url.render_as_string(hide_password=False)),
        amqp=AmqpSettings(url="amqp://nobody:nobody@127.0.0.1:1/"),  # pages need no broker
        gateway=GatewaySettings(port=free_ports(1)[0], rate="100000000/minute"),
    )
    prepare(settings)
    say("counting the hours of {days} days …", days=_DAYS)
    hour = hour_of(now)
    with transaction(engine) as connection:
        for back in range(_DAYS * 24):
            count_hour(connection, hour - timedelta(hours=back), now=now)
        open_openid_account(connection, _NAME, Kind.OPERATOR, office_id=None, by=_NAME, now=now)
    secret = begin_session(engine, _NAME, terms=_LONG, now=now)
    supervisor = Supervisor(settings, {"gateway": serve_gateway})
    supervisor.start()
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{settings.gateway.port}/console",
            cookies={"axis-console": secret},
            timeout=START_S,
            trust_env=False,
        ) as client:
            _await_gateway(client)
            wrong: list[str] = []
            figures: dict[str, Any] = {}
            for name, path in paths.items():
                say("asking for the page: {name}", name=name)

                def ask(number: int, name: str = name, path: Callable[[int], str] = path) -> None:
                    answer = client.get(path(number))
                    if answer.status_code != httpx.codes.OK:
                        wrong.append(f"page {name}: {answer.status_code} {answer.url}")

                figures[f"page, {name}"] = measure(ask, asked)
            return figures | ({"wrong": wrong[:10]} if wrong else {})
    finally:
        supervisor.stop()


def _await_gateway(client: httpx.Client) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            client.get("/signin")
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise TimeoutError("the gateway does not answer") from None
            time.sleep(0.1)
