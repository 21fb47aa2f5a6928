"""Signing in by an OpenID provider: authorization code with PKCE (OpenID Connect Core §3.1).

The provider says who somebody is; whether they have an account here, and what it may see, is said
here. A second factor is the provider's matter. Nothing but its discovery document, its keys and its
token endpoint is called, and only where the settings name it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from axis.signin.errors import OpenIdRefusedError, OpenIdUnavailableError

#: What ID tokens may be signed with; never ``none``, never a shared secret.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 256 * 1024
#: Clocks may differ by so much (s).
_LEEWAY_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the settings say of it."""

    issuer: str
    client_id: str
    secret: str  #: empty: a public client
    claim: str  #: that holds the name of the account
    callback: str  #: where the provider sends people back to


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that was begun: where to send the browser, and what it keeps meanwhile."""

    url: str
    kept: str


def begin(provider: Provider) -> Begun:
    """Return where to send the browser.

    Raises:
        OpenIdUnavailableError: the provider cannot be reached, or is not the one in the settings.
    """
    endpoints = _discover(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.callback,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    url = f"{_endpoint(endpoints, 'authorization_endpoint')}?{urlencode(query)}"
    return Begun(url=url, kept=f"{state}.{nonce}.{verifier}")


def finish(provider: Provider, kept: str, *, state: str, code: str, now: datetime) -> str:
    """Return the name of who signed in.

    Args:
        provider: of the settings.
        kept: what :func:`begin` gave the browser to keep.
        state: what came back with the browser.
        code: likewise.
        now: the instant.

    Raises:
        OpenIdRefusedError: this is no answer to what was begun, or it does not verify.
        OpenIdUnavailableError: the provider cannot be reached.
    """
    begun = kept.split(".")
    if len(begun) != 3 or not secrets.compare_digest(begun[0].encode(), state.encode()):
        raise OpenIdRefusedError(reason="state")
    _, nonce, verifier = begun
    endpoints = _discover(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.callback,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    with _client() as client:
        basic = httpx.BasicAuth(provider.client_id, provider.secret) if provider.secret else None
        answer = _json(
            client, "POST", _endpoint(endpoints, "token_endpoint"), data=form, auth=basic
        )
        keys = _json(client, "GET", _endpoint(endpoints, "jwks_uri"))
    claims = _verified(provider, str(answer.get("id_token", "")), keys, nonce=nonce, now=now)
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not name:
        raise OpenIdRefusedError(reason=f"no claim {provider.claim}")
    return name


def _verified(
    provider: Provider, token: str, keys: Mapping[str, Any], *, nonce: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of an ID token (OpenID Connect Core §3.1.3.7)."""
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise OpenIdRefusedError(reason="signature") from error
    claims = decoded.claims
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != provider.issuer:
        raise OpenIdRefusedError(reason="iss")
    if not isinstance(audiences, list) or provider.client_id not in audiences:
        raise OpenIdRefusedError(reason="aud")
    if len(audiences) > 1 and claims.get("azp") != provider.client_id:
        raise OpenIdRefusedError(reason="azp")
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires < now.timestamp() - _LEEWAY_S:
        raise OpenIdRefusedError(reason="exp")
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise OpenIdRefusedError(reason="nonce")
    return claims


def _discover(provider: Provider) -> Mapping[str, Any]:
    url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    with _client() as client:
        found = _json(client, "GET", url)
    if found.get("issuer") != provider.issuer:
        raise OpenIdUnavailableError(issuer=provider.issuer, reason="issuer")
    return found


def _endpoint(endpoints: Mapping[str, Any], name: str) -> str:
    """Return an endpoint; without TLS only where the provider is on this very machine."""
    url = str(endpoints.get(name, ""))
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise OpenIdUnavailableError(issuer=str(endpoints.get("issuer")), reason=name)
    return url


def _client() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)


def _json(client: httpx.Client, method: str, url: str, **options: Any) -> Mapping[str, Any]:
    host = urlsplit(url).hostname or "–"
    try:
        answer = client.request(method, url, headers={"accept": "application/json"}, **options)
        if answer.status_code in (400, 401):
            raise OpenIdRefusedError(reason="code")
        answer.raise_for_status()
        found = answer.json() if len(answer.content) <= _MOST_BYTES else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise OpenIdUnavailableError(issuer=host, reason=type(error).__name__) from error
    if not isinstance(found, dict):
        raise OpenIdUnavailableError(issuer=host, reason="no JSON object")
    return found
