"""The list of offices as clients fetch it: whole. It is written while it is read."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from adapters.rest.answer import Answer
from adapters.vxp.answers import accepted, listed
from adapters.vxp.behind import Rows
from adapters.vxp.errors import DirectoryClosedError, ParameterError
from adapters.vxp.request import Request
from axis.structs import ready

log = logging.getLogger(__name__)

CHUNK: Final = 500

_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_JSON_MOST: Final = 64 * 1024


class Registering(msgspec.Struct):
    """The body of ``registerAgency``."""

    code: str = ""
    name: str = ""
    mail: str = ""
    id: str | int | None = None
    pcode: str | None = None
    mobile: str | None = None
    fax: str | None = None


async def agencies(request: Request) -> Answer:
    """Answer with every office that can be addressed."""
    return await listed(_pages(request, await request.behind.agencies()))


async def agencies_qd20(request: Request) -> Answer:
    """Answer with the offices that have a code of QĐ 20/2020, of one level of it or of all."""
    text = request.signed.text("level")
    if text is not None and not (text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= 9):
        raise ParameterError(name="level", reason="a whole number from 1 to 9")
    rows = await request.behind.agencies_qd20(int(text) if text else None)
    return await listed(_pages(request, rows))


async def synchronize(request: Request) -> Answer:
    """Answer with every office ever, closed ones marked; ``fromVersion``: what changed after it."""
    text = request.signed.text("fromVersion")
    if text is not None and not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ParameterError(name="fromVersion", reason="a whole number")
    return await listed(_pages(request, await request.behind.units(int(text or 0))))


async def register(request: Request) -> Answer:
    """Answer whether an office is as the client says; systems do not change the directory."""
    said = await _registering(request)
    if await _own_name(request, said.code) != said.name.strip():
        _note(request, "register", said.code)
        raise DirectoryClosedError(office=said.code[:64], reason="its name is another")
    return accepted("Don vi da duoc dang ky")


async def delete(request: Request) -> Answer:
    """Refuse to delete an office, with the reason."""
    code = request.signed.demand("AgencyCode")
    await _own_name(request, code)
    _note(request, "delete", code)
    raise DirectoryClosedError(office=code, reason="it is closed by the axis operator only")


async def _own_name(request: Request, code: str) -> str:
    """Return the name of an office that the caller acts for; of any other nothing is said."""
    name = await request.behind.own_name(request.system_id, code)
    if name is None:
        _note(request, "register", code)
        raise DirectoryClosedError(office=code[:64], reason="this system does not act for it")
    return name


async def _registering(request: Request) -> Registering:
    body = await request.body(limit=_JSON_MOST)
    try:
        said = msgspec.json.decode(body, type=ready(Registering))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ParameterError(name="body", reason=str(error)[:200]) from error
    for name in ("code", "name", "mail"):
        if not getattr(said, name).strip():
            raise ParameterError(name=name, reason="it is missing")
    if not _MAIL.fullmatch(said.mail.strip()):
        raise ParameterError(name="mail", reason="an e-mail address")
    return said


def _note(request: Request, what: str, code: str) -> None:
    """Tell the operator what a system would have liked; nothing is changed."""
    extra = {"system": request.system_id, "asked": what, "office": code[:64]}
    log.info("a system asks for a change of the directory", extra=extra)


async def _pages(request: Request, rows: Rows) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """Yield rows in chunks, each made in a thread, so that others are served in between."""
    take: Callable[[], list[dict[str, Any]]] = lambda: list(islice(rows, CHUNK))  # noqa: E731
    while page := await request.behind.in_thread(take):
        yield page
