"""What RabbitMQ's management API shows, read only; where it is away, less can be seen."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import httpx

from axis.bus.connection import nodes_of
from axis.bus.errors import BusUnavailableError

PORT: Final = 15672


def management_url(amqp_url: str) -> str:
    """Return where the management API stands where nothing else is said: beside the broker."""
    parts = urlsplit(nodes_of(amqp_url)[0])
    credentials, _, _ = parts.netloc.rpartition("@")
    host = f"{credentials}@{parts.hostname}:{PORT}"
    return urlunsplit(("http", host, "", "", ""))


def shown(url: str) -> str:
    """Return a URL without its name and password."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}"


def vhost_of(amqp_url: str) -> str:
    """Return the virtual host that an AMQP URL names."""
    return unquote(urlsplit(amqp_url).path.removeprefix("/")) or "/"


class View:
    """The API, looked at; use as a context manager."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        """Keep where it is: ``http(s)://USER:PASSWORD@HOST:PORT``."""
        parts = urlsplit(url)
        self._shown = shown(url)
        self._client = httpx.Client(
            base_url=f"{self._shown}{parts.path.rstrip('/')}/api/",
            auth=(unquote(parts.username or "guest"), unquote(parts.password or "guest")),
            timeout=timeout_s,
            trust_env=False,
        )

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, *path: str, **words: str) -> httpx.Response:
        """Return the answer, also a no.

        Raises:
            BusUnavailableError: it does not answer.
        """
        try:
            return self._client.get("/".join(quote(one, safe="") for one in path), params=words)
        except (httpx.HTTPError, OSError) as error:
            reason = f"{self._shown}: {error or type(error).__name__}"
            raise BusUnavailableError(reason=reason) from error

    def read(self, *path: str, **words: str) -> Any:
        """Return what is there.

        Raises:
            BusUnavailableError: it does not answer, or says no.
        """
        answer = self.ask(*path, **words)
        if answer.is_error:
            raise BusUnavailableError(reason=f"{self._shown}: HTTP {answer.status_code}")
        return answer.json()
