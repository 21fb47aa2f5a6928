"""The application of the console: who asks, which page, and what is answered when it cannot be.

Pages are plain functions of a visit that run in threads of the console's own, so that a slow search
takes nothing from the doors of systems.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.console.answer import Answer, cookie, redirect
from adapters.console.files import file_named
from adapters.console.pages import PAGES, Page
from adapters.console.render import refusal_page
from adapters.console.signin import (
    FORM_COOKIE,
    LANG_COOKIE,
    demand_origin,
    session_cookie,
    terms_of,
)
from adapters.console.tries import Tries
from adapters.console.visit import Visit, cookies_of, fields_of, form_of
from adapters.gateway.errors import MethodError, NoSuchPathError
from adapters.gateway.identity import client_address
from adapters.gateway.limits import Limits
from adapters.gateway.refusals import as_refusal
from axis.errors import AxisError, Fault, Lang
from axis.gateway import Installation
from axis.signin.errors import SessionOverError
from axis.signin.sessions import demand_token, person_of

log = logging.getLogger(__name__)

#: Pages that are made at once, in one process.
THREADS: Final = 4
_YEAR_S: Final = 365 * 24 * 3600


def make_app(installation: Installation, limits: Limits) -> ASGIApp:
    """Return the console."""
    return ConsoleApp(installation, limits)


class ConsoleApp:
    """The console of one gateway process."""

    def __init__(self, installation: Installation, limits: Limits) -> None:
        self._installation = installation
        self._limits = limits
        self._tries = Tries(limits, installation.settings.console.signin_rate)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="console")
        self._terms = terms_of(installation.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with_body = scope["method"] != "HEAD"
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        if path.startswith("/static/"):
            if scope["method"] not in ("GET", "HEAD"):
                raise MethodError(expected="GET, HEAD", got=scope["method"][:20])
            await file_named(path.removeprefix("/static/")).send(send, with_body=with_body)
            return
        visit = self._visit(scope, path)
        try:
            visit.query = fields_of(scope["query_string"])
            if "lang" in visit.query and scope["method"] == "GET":
                answer = self._speak(visit)
            else:
                answer = await self._answer(visit, scope, receive)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            answer = self._refused(visit, error)
        await answer.send(send, with_body=with_body)

    def _visit(self, scope: Scope, path: str) -> Visit:
        cookies = cookies_of(scope)
        settings = self._installation.settings.gateway
        return Visit(
            installation=self._installation,
            method=scope["method"],
            path=path,
            now=self._installation.now(),
            lang="en" if cookies.get(LANG_COOKIE) == "en" else "vi",
            address=client_address(scope),
            secure=scope.get("scheme") == "https" or settings.url.startswith("https:"),
            cookies=cookies,
            query={},
            request_id=scope["state"].get("request_id", ""),
        )

    async def _answer(self, visit: Visit, scope: Scope, receive: Receive) -> Answer:
        self._limits.demand_rate(f"address {visit.address}")
        page, names = _page_of(visit.path)
        visit.names = names
        method = "GET" if visit.method == "HEAD" else visit.method
        if method not in page.methods:
            raise MethodError(expected=", ".join(sorted(page.methods)), got=visit.method[:20])
        if method == "POST":
            demand_origin(scope)
            patience_s = self._installation.settings.gateway.body_s
            visit.form = await form_of(scope, receive, patience_s=patience_s)
        if page.is_public:
            return await self._in_thread(self._open, page, visit)
        return await self._in_thread(self._closed, page, visit)

    def _open(self, page: Page, visit: Visit) -> Answer:
        if visit.method == "POST":
            demand_token(visit.cookies.get(FORM_COOKIE, ""), visit.text("form"))
            self._tries.count(visit.address, visit.text("name"))
        elif visit.path.startswith("/openid"):
            self._tries.count(visit.address, f"openid {visit.address}")
        return page.make(visit)

    def _closed(self, page: Page, visit: Visit) -> Answer:
        secret = visit.cookies.get(session_cookie(secure=visit.secure))
        engine = self._installation.engine
        person = person_of(engine, secret, terms=self._terms, now=visit.now)
        visit.signed_in = person
        if visit.method == "POST":
            person.demand_own(visit.text("form"))
        if page.kinds:
            visit.demand(*page.kinds)
        if person.must_change and visit.path not in ("/account", "/signout"):
            return redirect("/console/account")
        return page.make(visit)

    async def _in_thread(self, work: object, page: Page, visit: Visit) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, page, visit)  # type: ignore[arg-type]

    def _speak(self, visit: Visit) -> Answer:
        """Keep the language that was chosen, and show the page in it."""
        lang: Lang = "en" if visit.query["lang"][-1] == "en" else "vi"
        said = cookie(LANG_COOKIE, lang, secure=visit.secure, lives_s=_YEAR_S)
        return redirect(visit.here(), said)

    def _refused(self, visit: Visit, error: Exception) -> Answer:
        if isinstance(error, SessionOverError) and visit.method in ("GET", "HEAD"):
            where = visit.here() if visit.path != "/" else ""
            return redirect(visit.link("/signin", next=where, over="1" if visit.cookies else None))
        if not isinstance(error, AxisError) or error.fault is Fault.AXIS:
            log.exception("a page failed", extra={"request": visit.request_id})
        return refusal_page(visit, as_refusal(error))


def _page_of(path: str) -> tuple[Page, dict[str, str]]:
    for page in PAGES:
        names = page.names_in(path)
        if names is not None:
            return page, names
    raise NoSuchPathError
