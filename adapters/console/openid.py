"""Signing in by the OpenID provider of the settings."""

from __future__ import annotations

from typing import Final

from adapters.console.answer import Answer, cookie, redirect
from adapters.console.signin import enter, local
from adapters.console.visit import Visit
from adapters.gateway.errors import NoSuchPathError
from axis.serve.prepare import console_url
from axis.signin import openid
from axis.signin.errors import OpenIdRefusedError, OpenIdStrangerError
from axis.store.console import account_named
from axis.store.engine import transaction

#: What a sign-in that was begun is known by when the browser comes back: within ten minutes.
COOKIE: Final = "axis-openid"
_LIVES_S: Final = 600


def begin(visit: Visit) -> Answer:
    """Send the browser to the provider."""
    begun = openid.begin(_provider(visit))
    where = local(visit.text("next", most=2000))
    # Lax, not Strict: the browser comes back from the provider's site.
    kept = cookie(COOKIE, begun.kept, secure=visit.secure, lives_s=_LIVES_S)
    target = cookie(f"{COOKIE}-next", where or "-", secure=visit.secure, lives_s=_LIVES_S)
    return redirect(begun.url, kept, target)


def finish(visit: Visit) -> Answer:
    """Begin a session for who came back, if they have an account here."""
    provider = _provider(visit)
    if visit.text("error"):
        raise OpenIdRefusedError(reason=visit.text("error"))
    name = openid.finish(
        provider,
        visit.cookies.get(COOKIE, ""),
        state=visit.text("state"),
        code=visit.text("code", most=4096),
        now=visit.now,
    )
    with transaction(visit.installation.engine) as connection:
        account = account_named(connection, name)
    if account is None or account.removed_at is not None:
        raise OpenIdStrangerError(name=name)
    where = local(visit.cookies.get(f"{COOKIE}-next", ""))
    gone = [cookie(one, "", secure=visit.secure, lives_s=0) for one in (COOKIE, f"{COOKIE}-next")]
    return enter(visit, account, where, *gone)


def _provider(visit: Visit) -> openid.Provider:
    settings = visit.installation.settings
    own = settings.console
    if not own.openid_issuer:
        raise NoSuchPathError
    path = settings.path(own.openid_secret) if own.openid_secret else None
    return openid.Provider(
        issuer=own.openid_issuer,
        client_id=own.openid_client,
        secret=path.read_text(encoding="utf-8").strip() if path else "",
        claim=own.openid_claim,
        callback=f"{console_url(settings)}/openid/callback",
    )
