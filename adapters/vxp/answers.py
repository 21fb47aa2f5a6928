"""Answers as the clients read them: one JSON object, in ASCII, whole or as a stream of rows.

The Java client reads some answers as US-ASCII; Vietnamese letters are written as JSON escapes,
which every client gives back as letters. A refusal is HTTP 200: the client's HTTP library throws
away what comes with any other status.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.rest.answer import Answer
from adapters.vxp.codes import OK, Said
from axis.directory.values import VIETNAM

JSON: Final = {"content-type": "application/json; charset=utf-8"}
DONE: Final = "Thanh cong"

Rows = AsyncIterator[Sequence[Mapping[str, Any]]]


def accepted(desc: str = DONE, **more: Any) -> Answer:
    """Return the answer to what was done."""
    return _whole({"status": "OK", "ErrorCode": OK, "ErrorDesc": desc, **more})


def refused(said: Said, **more: Any) -> Answer:
    """Return the answer to what was not done, with every reason."""
    return _whole({"status": "FAIL", "ErrorCode": said.number, "ErrorDesc": said.desc, **more})


async def listed(rows: Rows) -> Answer:
    """Return a list that is written while it is read: however long, a page is in memory.

    The first page is read before the answer begins, so that what cannot be read is a refusal.
    """
    first = await anext(rows, None) or []
    return Answer(body=_stream(first, rows), headers=dict(JSON))


def told(at: datetime | None) -> str:
    """Return an instant as clients show it: the time of Vietnam."""
    return at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S") if at else ""


async def _stream(first: Sequence[Mapping[str, Any]], rows: Rows) -> AsyncIterator[bytes]:
    head = {"status": "OK", "ErrorCode": OK, "ErrorDesc": DONE}
    yield (json.dumps(head)[:-1] + ', "data": [').encode()
    written = False
    page: Sequence[Mapping[str, Any]] | None = first
    while page is not None:
        if page:
            text = ",".join(json.dumps(row, separators=(",", ":")) for row in page)
            yield (f",{text}" if written else text).encode("ascii")
            written = True
        page = await anext(rows, None)
    yield b"]}"


def _whole(value: Mapping[str, Any]) -> Answer:
    return Answer(body=json.dumps(value).encode("ascii"), headers=dict(JSON))
