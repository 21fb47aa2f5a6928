"""Signing in and out, and one's own password."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from starlette.types import Scope

from adapters.console.answer import Answer, cookie, redirect
from adapters.console.render import page, token_of
from adapters.console.visit import Visit
from adapters.gateway.refusals import as_refusal, status_of
from axis.errors import AxisError
from axis.ledger.keys import read_key_file
from axis.settings import Settings
from axis.signin.accounts import change_password, prove
from axis.signin.errors import (
    FormForgedError,
    PasswordsDifferError,
    PasswordWeakError,
    SigninDeniedError,
)
from axis.signin.passwords import LEAST
from axis.signin.sessions import Terms, begin_session, sign_out
from axis.store.console import AccountRecord

LANG_COOKIE: Final = "axis-lang"
#: Before somebody is signed in, this binds the form to the browser.
FORM_COOKIE: Final = "axis-form"


def session_cookie(*, secure: bool) -> str:
    """Return the cookie's name; browsers take a ``__Secure-`` one over TLS only."""
    return "__Secure-axis-console" if secure else "axis-console"


def terms_of(settings: Settings) -> Terms:
    """Return how long sessions last."""
    own = settings.console
    return Terms(idle=timedelta(minutes=own.idle_minutes), whole=timedelta(hours=own.session_hours))


def demand_origin(scope: Scope) -> None:
    """Return where a form was sent from a page of this very site, as far as the browser says.

    Raises:
        FormForgedError: another site sent it.
    """
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site" and value not in (b"same-origin", b"none"):
            raise FormForgedError


def sign_in(visit: Visit) -> Answer:
    """Show the form; or look at what was filled in."""
    where = local(visit.text("next", most=2000))
    secret = visit.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    said: dict[str, Any] = {
        "token": token_of(secret),
        "next": where,
        "name": visit.text("name", most=64),
        "is_over": bool(visit.text("over")),
        "refusal": None,
        "has_openid": bool(visit.installation.settings.console.openid_issuer),
    }
    kept = cookie(FORM_COOKIE, secret, secure=visit.secure, strict=True)
    if visit.method != "POST":
        answer = page(visit, "signin.html", **said)
        return Answer(body=answer.body, headers=(kept,))
    installation = visit.installation
    settings = installation.settings
    try:
        account = prove(
            installation.engine,
            visit.text("name", most=64),
            visit.secret("password"),
            visit.text("code", most=16),
            key=lambda: read_key_file(settings.path(settings.access.key)),
            now=visit.now,
        )
    except SigninDeniedError as error:
        said |= {"refusal": error.refusal, "is_over": False}
        answer = page(visit, "signin.html", **said)
        return Answer(status=401, body=answer.body, headers=(kept,))
    gone = cookie(FORM_COOKIE, "", secure=visit.secure, strict=True, lives_s=0)
    return enter(visit, account, where, gone)


def enter(visit: Visit, account: AccountRecord, where: str, *headers: tuple[str, str]) -> Answer:
    """Begin a session and lead to where somebody wanted to go."""
    terms = terms_of(visit.installation.settings)
    secret = begin_session(visit.installation.engine, account.name, terms=terms, now=visit.now)
    name = session_cookie(secure=visit.secure)
    return redirect(
        "/console/account" if account.must_change else where or "/console/",
        cookie(name, secret, secure=visit.secure, lives_s=int(terms.whole.total_seconds())),
        *headers,
    )


def leave(visit: Visit) -> Answer:
    """Sign out."""
    sign_out(visit.installation.engine, visit.person.secret)
    gone = cookie(session_cookie(secure=visit.secure), "", secure=visit.secure, lives_s=0)
    return redirect("/console/signin", gone)


def account(visit: Visit) -> Answer:
    """Show one's own account; or change its password."""
    person = visit.person
    if visit.method != "POST":
        return page(visit, "account.html", refusal=None, done=False, least=LEAST)
    after = visit.secret("after")
    error: AxisError | None = None
    if not secrets.compare_digest(after.encode(), visit.secret("again").encode()):
        error = PasswordsDifferError()
    else:
        try:
            engine = visit.installation.engine
            change_password(engine, person.name, visit.secret("before"), after)
        except (SigninDeniedError, PasswordWeakError) as refused:
            error = refused
    if error is None and person.must_change:
        return redirect("/console/")
    refusal = as_refusal(error) if error else None
    status = status_of(refusal) if refusal else 200
    return page(
        visit, "account.html", status=status, refusal=refusal, done=error is None, least=LEAST
    )


def local(where: str) -> str:
    """Return a page of the console, or nothing: nobody is sent elsewhere."""
    is_ours = where == "/console" or where.startswith(("/console/", "/console?"))
    is_plain = where.isascii() and where.isprintable() and not set(where) & set("\\; ")
    return where if is_ours and is_plain and "//" not in where else ""
