"""The native HTTP API as an office's own system calls it, over a real connection."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import httpx

_TIMEOUT_S: Final = 15.0
#: What a caller is told when it is to come again.
_LATER: Final = (429, 503)


class DoorAwayError(Exception):
    """Nobody answered, or the answer was to come again: the caller does."""


class DoorWrongError(Exception):
    """An answer that must never be."""


class HttpDoor:
    """One system's connection to a gateway."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url}/v1",
            headers={"authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def submit(self, package: bytes) -> bool | None:
        """Submit a package; return the verdict, or None where it is not there yet.

        Raises:
            DoorAwayError: whether it was taken is not known; send it again.
            DoorWrongError: the answer makes no sense.
        """
        headers = {"content-type": "application/xml", "prefer": "wait=3"}
        answer = await self._call(
            "POST", "/packages", (201, 202, 422), content=package, headers=headers
        )
        return {201: True, 202: None, 422: False}[answer.status_code]

    async def waiting(self) -> list[UUID]:
        """Return the deliveries that wait for the system.

        Raises:
            DoorAwayError, DoorWrongError: it cannot be told.
        """
        answer = await self._call("GET", "/mailbox", (200,), params={"limit": 50, "wait": 0})
        return [UUID(item["delivery_id"]) for item in answer.json()["items"]]

    async def fetch(self, delivery_id: UUID) -> bytes | None:
        """Return the bytes of a delivery, or None where it is over.

        Raises:
            DoorAwayError, DoorWrongError: they cannot be had.
        """
        answer = await self._call("GET", f"/deliveries/{delivery_id}/body", (200, 409, 410))
        if answer.status_code == 200:
            return answer.content
        if answer.json()["code"] != "delivery.over":
            raise DoorWrongError(answer.text)
        return None

    async def confirm(self, delivery_id: UUID) -> None:
        """Confirm a delivery.

        Raises:
            DoorAwayError, DoorWrongError: whether it was recorded is not known; again is no news.
        """
        await self._call("POST", f"/deliveries/{delivery_id}/confirm", (200,))

    async def _call(
        self, method: str, path: str, expected: tuple[int, ...], **rest: Any
    ) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, **rest)
        except httpx.TransportError as error:
            raise DoorAwayError(repr(error)) from error
        if answer.status_code in _LATER:
            raise DoorAwayError(answer.text[:200])
        if answer.status_code not in expected:
            raise DoorWrongError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer
