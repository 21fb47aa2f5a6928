"""RabbitMQ's management API over HTTP: what is there, and making it so."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import httpx

from adapters.amqp.errors import ManagementError
from axis.bus.management import PORT

_TIMEOUT_S: Final = 30.0
_MISSING: Final = 404


class Management:
    """The API, as one administrator."""

    def __init__(self, url: str) -> None:
        """Keep where it is: ``http(s)://USER:PASSWORD@HOST:PORT``."""
        parts = urlsplit(url)
        self.user: Final = unquote(parts.username or "guest")
        host = parts.hostname or ""
        self._client = httpx.Client(
            base_url=f"{parts.scheme}://{host}:{parts.port or PORT}{parts.path.rstrip('/')}/api",
            auth=(self.user, unquote(parts.password or "guest")),
            timeout=_TIMEOUT_S,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        """Return what is there, or None.

        Raises:
            ManagementError: it does not answer, or says no.
        """
        answer = self._ask("GET", path, None)
        return None if answer is None else answer.json()

    def put(self, path: str, body: object) -> None:
        """Make something be so.

        Raises:
            ManagementError: it does not answer, or says no.
        """
        self._ask("PUT", path, body)

    def post(self, path: str, body: object) -> None:
        """Add something.

        Raises:
            ManagementError: it does not answer, or says no.
        """
        self._ask("POST", path, body)

    def delete(self, path: str) -> None:
        """Remove something; what is not there is removed.

        Raises:
            ManagementError: it does not answer, or says no.
        """
        self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: object) -> httpx.Response | None:
        command = f"{method} {path}"
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ManagementError(command=command, reason=str(error)) from error
        if answer.status_code == _MISSING:
            return None
        if answer.is_error:
            reason = f"{answer.status_code} {answer.text[:200]}"
            raise ManagementError(command=command, reason=reason)
        return answer
