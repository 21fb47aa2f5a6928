"""One country and one browser for all tests of the console."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.store.engine import open_engine
from tests.console.world import World, world_of
from tests.relay.installation import build
from tests.signin.conftest import cheap_passwords

__all__ = ["cheap_passwords"]

#: Where screenshots of the pages are kept.
SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--lang=vi-VN",
)  # fmt: skip


@pytest.fixture(scope="session")
def world(
    postgresql: PrivatePostgreSQL,
    postgresql_template: str,
    rabbitmq: PrivateRabbitMQ,
    cheap_passwords: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """A country whose documents were carried, and its console."""
    name = f"console_{uuid.uuid4().hex[:12]}"
    url = postgresql.create_database(name, template=postgresql_template)
    engine = open_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        home = tmp_path_factory.mktemp("console")
        now = datetime.now(UTC).replace(microsecond=0)
        axis = build(home, engine, rabbitmq.add_vhost(name), now=now)
        with world_of(axis) as world:
            yield world
    finally:
        engine.dispose()
        if postgresql.is_running:
            postgresql.drop_database(name)
        if rabbitmq.is_running:
            rabbitmq.delete_vhost(name)


# Not for the session: it keeps an event loop in this thread, where the next tests want their own.
@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Debian's Chromium; never one that is fetched from elsewhere."""
    known = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in known if (found := shutil.which(name))), None)
    if path is None:
        reason = "no chromium on this machine (apt-get install chromium)"
        if pytestconfig.getoption("--require-servers"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(_QUIET), env={**os.environ, "LANGUAGE": "vi"}
        )
        yield browser
        browser.close()
