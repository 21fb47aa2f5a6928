"""The list of offices as clients fetch it: whole. It is written while it is read."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

import msgspec

from adapters.rest.answer import Answer
from adapters.vxp.answers import Rows, accepted, listed, told
from adapters.vxp.errors import DirectoryClosedError, ParameterError
from adapters.vxp.request import Request
from axis.directory.records import Record, code_at, in_force, name_at, office_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.values import Scheme, State, micros, moment

log = logging.getLogger(__name__)

CHUNK: Final = 500

#: Codes of the axis itself, which nobody can be addressed by.
PSEUDO: Final = "W00"

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
    directory, at = await _directory(request), request.call.now
    return await listed(_rows(request, _agencies(directory, at)))


async def agencies_qd20(request: Request) -> Answer:
    """Answer with the offices that have a code of QĐ 20/2020, of one level of it or of all."""
    text = request.signed.text("level")
    if text is not None and not (text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= 9):
        raise ParameterError(name="level", reason="a whole number from 1 to 9")
    directory, at = await _directory(request), request.call.now
    return await listed(_rows(request, _agencies_qd20(directory, at, int(text) if text else None)))


async def synchronize(request: Request) -> Answer:
    """Answer with every office ever, closed ones marked; ``fromVersion``: what changed after it."""
    text = request.signed.text("fromVersion")
    if text is not None and not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ParameterError(name="fromVersion", reason="a whole number")
    installation, at = request.call.installation, request.call.now
    since = int(text or 0)
    directory, touched = await installation.in_thread(installation.offices.changed, since)
    return await listed(_rows(request, _units(directory, touched, at)))


async def register(request: Request) -> Answer:
    """Answer whether an office is as the client says; systems do not change the directory."""
    said = await _registering(request)
    await _demand_own(request, said.code)
    directory, at = await _directory(request), request.call.now
    office = directory.find(said.code, at)
    if office is None or office.name != said.name.strip():
        _note(request, "register", said.code)
        raise DirectoryClosedError(office=said.code[:64], reason="its name is another")
    return accepted("Don vi da duoc dang ky")


async def delete(request: Request) -> Answer:
    """Refuse to delete an office, with the reason."""
    code = request.signed.demand("AgencyCode")
    await _demand_own(request, code)
    _note(request, "delete", code)
    raise DirectoryClosedError(office=code, reason="it is closed by the axis operator only")


async def _demand_own(request: Request, code: str) -> None:
    """Return where the caller acts for the office; of any other nothing is said."""
    directory, at = await _directory(request), request.call.now
    office = directory.find(code, at)
    if office is None or not directory.may_act(request.system_id, office.office_id, at):
        _note(request, "register", code)
        raise DirectoryClosedError(office=code[:64], reason="this system does not act for it")


async def _registering(request: Request) -> Registering:
    body = await request.call.body(limit=_JSON_MOST)
    try:
        said = msgspec.json.decode(body, type=Registering)
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


async def _directory(request: Request) -> Directory:
    installation = request.call.installation
    return (await installation.in_thread(installation.offices.current)).directory


async def _rows(request: Request, rows: Iterator[dict[str, Any]]) -> Rows:
    """Yield rows in chunks, each made in a thread, so that others are served in between."""
    take: Callable[[], list[dict[str, Any]]] = lambda: list(islice(rows, CHUNK))  # noqa: E731
    while page := await request.call.installation.in_thread(take):
        yield page


def _agencies(directory: Directory, at: datetime) -> Iterator[dict[str, Any]]:
    t = micros(at)
    for record in _addressable(directory.records(), t):
        code = code_at(record, t)
        yield {
            **_named(record, code, t),
            "pid": _parent(record, t),
            "oldCode": _other_code(record, code, Scheme.QCVN102) or _code_before(record, code),
        }


def _agencies_qd20(
    directory: Directory, at: datetime, level: int | None
) -> Iterator[dict[str, Any]]:
    t = micros(at)
    for record in _addressable(directory.records(), t):
        code = next(
            (f.code for f in record.codes if f.scheme == Scheme.QD20 and f.start <= t < f.end), ""
        )
        if not code or (level is not None and code.count(".") + 1 != level):
            continue
        yield {**_named(record, code, t), "code102": _other_code(record, code, Scheme.QCVN102)}


def _units(directory: Directory, touched: dict[str, int], at: datetime) -> Iterator[dict[str, Any]]:
    t = micros(at)
    for office_id, version in touched.items():
        record = directory.record(office_id)
        if record is None:  # recorded by mistake
            yield {"id": office_id, "pid": "", "code": "", "name": "", "mail": "",
                   "centerCode": "", "version": version, "deleted": True, "isAgency": False,
                   "modifyDate": ""}  # fmt: skip
            continue
        office = office_at(record, t)
        if PSEUDO in office.code:
            continue
        acting = in_force(record.actings, t)
        changed = max((i for i in record.instants() if 0 < i <= t), default=0)
        yield {
            **_named(record, office.code, t),
            "pid": office.parent_id or "",
            "centerCode": acting.system_id if acting else "",
            "version": version,
            "deleted": office.state is State.CLOSED,
            "isAgency": acting is not None,
            "modifyDate": told(moment(changed)) if changed else "",
        }


def _addressable(records: Iterable[Record], t: int) -> Iterator[Record]:
    for record in records:
        standing = standing_at(record, t)
        works = standing is not None and standing.state in (State.ACTIVE, State.SUSPENDED)
        if works and PSEUDO not in code_at(record, t):
            yield record


def _named(record: Record, code: str, t: int) -> dict[str, Any]:
    contact = in_force(record.contacts, t)
    return {
        "id": record.office_id,
        "code": code,
        "name": name_at(record, t),
        "mail": contact.email if contact else "",
    }


def _parent(record: Record, t: int) -> str:
    parent = in_force(record.parents, t)
    return parent.parent_id if parent else ""


def _other_code(record: Record, code: str, scheme: Scheme) -> str:
    return next((f.code for f in record.codes if f.scheme == scheme and f.code != code), "")


def _code_before(record: Record, code: str) -> str:
    """Return the code that the office had last before this one."""
    ended = sorted((f.end, f.code) for f in record.codes if f.code != code)
    return ended[-1][1] if ended else ""
