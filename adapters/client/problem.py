"""Problem details (RFC 9457) as the axis answers with them."""

from __future__ import annotations

import msgspec

from axis.structs import ready


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """One of several things that are wrong with a package."""

    code: str = ""
    fault: str = "input"
    text: str = ""
    hint: str = ""
    place: dict[str, str | int | None] | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why the axis says no."""

    status: int = 0
    code: str = ""
    title: str = ""
    fault: str = "input"
    hint: str = ""
    instance: str = ""  #: to be named to the operator
    place: dict[str, str | int | None] | None = None
    errors: list[Wrong] = []


def problem_of(refusal: Wrong) -> Problem:
    """Return the refusal of a package as a problem."""
    return Problem(
        status=422,
        code=refusal.code,
        title=refusal.text,
        fault=refusal.fault,
        hint=refusal.hint,
        place=refusal.place,
        errors=[refusal],
    )


def parse_problem(status: int, content: bytes) -> Problem:
    """Return the problem of an answer; what is none, such as a proxy's page, gives a plain one."""
    try:
        found = msgspec.json.decode(content, type=ready(Problem))
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = Problem(title=f"HTTP {status}", fault="outage" if status >= 500 else "input")
    return msgspec.structs.replace(found, status=status)
