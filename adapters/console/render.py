"""Turns a template and its values into a page. Everything that is put in is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.console.answer import Answer
from adapters.console.files import url_of
from adapters.console.visit import Visit
from adapters.console.words import level_word, word
from adapters.gateway.refusals import shown, status_of
from axis.delivery.workdays import VIETNAM
from axis.errors import Lang, Refusal
from axis.signin.accounts import Kind
from axis.signin.errors import SessionOverError
from axis.signin.sessions import form_token

#: The pages in the menu, in its order: path, Vietnamese, English, who sees it.
_ALL: Final = frozenset({Kind.OPERATOR, Kind.AUDITOR})
MENU: Final = (
    ("/", "Tổng quan", "Overview", _ALL),
    ("/search", "Tìm văn bản", "Search", frozenset(Kind)),
    ("/stuck", "Văn bản vướng", "Stuck", _ALL),
    ("/offices", "Cơ quan", "Offices", frozenset(Kind)),
    ("/systems", "Hệ thống", "Systems", _ALL),
    ("/certificates", "Chứng thư số", "Certificates", _ALL),
    ("/ledger", "Sổ cái", "Ledger", _ALL),
    ("/reports", "Báo cáo", "Reports", _ALL),
)


def page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Answer:
    """Return a page."""
    lang = visit.lang
    settings = visit.installation.settings.console

    def say(vi: str, en: str) -> str:
        return vi if lang == "vi" else en

    person = visit.signed_in
    menu = [
        (path, say(vi, en), _is_current(visit.path, path))
        for path, vi, en, kinds in MENU
        if person is not None and person.kind in kinds and not person.must_change
    ]
    text = (
        _environment()
        .get_template(template)
        .render(
            visit=visit,
            person=person,
            lang=lang,
            say=say,
            word=lambda key: word(key, lang),
            level=lambda key: level_word(key, lang),
            link=visit.link,
            menu=menu,
            site=settings.name,
            form_token=person.form_token if person else "",
            now=visit.now,
            **values,
        )
    )
    return Answer(status=status, body=text.encode("utf-8", "replace"))


def refusal_page(visit: Visit, refusal: Refusal) -> Answer:
    """Return what cannot be, as a page with its next step."""
    told = shown(refusal)
    status = status_of(refusal)
    answer = page(
        visit,
        "refused.html",
        status=status,
        refusal=told,
        text=told.text(visit.lang),
        hint=told.hint(visit.lang),
        is_over=refusal.code == SessionOverError.code,
    )
    extra = []
    if status in (429, 503):
        extra.append(("retry-after", str(told.facts.get("retry_after_s", 5))))
    if status == 405:
        extra.append(("allow", str(refusal.facts.get("expected", ""))))
    return Answer(status=status, body=answer.body, headers=tuple(extra))


def token_of(secret: str) -> str:
    """Return what the form for signing in carries."""
    return form_token(secret)


def clean(text: object) -> str:
    """Return text without what would change how its surroundings are read.

    Controls are dropped; so are the marks that turn the direction of what follows.
    """
    return "".join(
        one
        for one in str(text)
        if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co") or one in "\t\n"
    )


def instant(at: datetime | None) -> str:
    """Return an instant as Vietnam's clocks say it."""
    return "–" if at is None else at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")


def short(at: datetime | None) -> str:
    """Return an instant to the minute."""
    return "–" if at is None else at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def day(on: date | datetime | None) -> str:
    """Return a day."""
    if isinstance(on, datetime):
        on = on.astimezone(VIETNAM).date()
    return "–" if on is None else on.strftime("%d/%m/%Y")


def number(value: float | None) -> str:
    """Return a number with the groups of Vietnamese: ``12.345``."""
    return "–" if value is None else f"{value:,.0f}".replace(",", ".")


def span(value: timedelta | float | None, lang: Lang) -> str:
    """Return a length of time in its two largest units."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    names = (
        (86400, ("ngày", "d")),
        (3600, ("giờ", "h")),
        (60, ("phút", "min")),
        (1, ("giây", "s")),
    )
    which = 0 if lang == "vi" else 1
    if seconds < 1:
        return f"{max(0, round(seconds * 1000))} ms"
    parts: list[str] = []
    rest = int(seconds)
    for size, name in names:
        if rest >= size and len(parts) < 2:
            parts.append(f"{rest // size} {name[which]}")
            rest %= size
        elif parts:
            break
    return " ".join(parts)


def _is_current(path: str, entry: str) -> bool:
    return path == entry or (entry != "/" and path.startswith(f"{entry}/"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("adapters.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    filters: dict[str, Callable[..., str]] = {
        "instant": instant,
        "short": short,
        "day": day,
        "number": number,
        "span": span,
    }
    environment.filters |= filters
    environment.globals["file"] = url_of
    return environment


def _finalize(value: object) -> object:
    """Show what is not there as nothing, and what people wrote without what turns it around."""
    if value is None:
        return ""
    if type(value) is str:
        return clean(value)
    return value
