"""Who is calling over HTTP: a bearer token, or the client certificate of the TLS connection.

Behind a reverse proxy the certificate comes in a header, which is believed only where the settings
name the header and the address of the proxy; the proxy must take the header off what comes in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import ssl
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from adapters.gateway.limits import Limits
from axis.access.errors import AccessDeniedError
from axis.access.values import Caller, Scope
from axis.errors import AxisError
from axis.gateway import Installation
from axis.settings import GatewaySettings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ASGIScope = Mapping[str, Any]

_MOST_CERTIFICATE: Final = 16 * 1024


def header_of(scope: ASGIScope, name: bytes) -> str | None:
    """Return the only value of a header, or None.

    Raises:
        AccessDeniedError: there are two; which one counts would be a guess.
    """
    values = [value for key, value in scope["headers"] if key == name]
    if len(values) > 1:
        raise AccessDeniedError
    return values[0].decode("latin-1") if values else None


async def identify(
    scope: ASGIScope,
    installation: Installation,
    limits: Limits,
    demanded: Scope | None = None,
) -> Caller:
    """Return who calls, where it may do what it wants to.

    Args:
        scope: of the request.
        installation: whose credentials count.
        limits: failed proofs are counted by address, requests by system.
        demanded: what the credential must be for.

    Raises:
        AccessDeniedError, CredentialExpiredError, SystemStoppedError: nobody, now.
        ScopeMissingError: the credential is for something else.
        RateError: too many requests, or too many failed proofs from this address.
        DatabaseUnavailableError: cannot tell now.
    """
    address = client_address(scope)
    callers = installation.callers
    if not callers.is_fresh:
        await installation.in_thread(callers.refresh)
    try:
        caller = _prove(scope, installation, installation.now())
    except AxisError:
        limits.demand_anonymous(address)
        raise
    limits.demand_rate(caller.system_id)
    installation.calls.note(caller.system_id, "rest", installation.now())
    if demanded is not None:
        caller.demand(demanded)
    return caller


def _prove(scope: ASGIScope, installation: Installation, now: datetime) -> Caller:
    authorization = header_of(scope, b"authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise AccessDeniedError
        return installation.callers.by_token(token.strip(), now)
    der = certificate_of(scope, installation.settings.gateway)
    if der is None:
        raise AccessDeniedError
    return installation.callers.by_certificate(hashlib.sha256(der).digest(), now)


def certificate_of(scope: ASGIScope, settings: GatewaySettings) -> bytes | None:
    """Return the client's certificate (DER), whose key the caller has proved to hold.

    Raises:
        AccessDeniedError: the proxy's header cannot be read.
    """
    tls = (scope.get("extensions") or {}).get("tls")
    if tls and tls["client_cert_chain"]:
        return ssl.PEM_cert_to_DER_cert(tls["client_cert_chain"][0])
    name = settings.proxy_certificate_header
    if name and scope["state"].get("from_proxy"):
        value = header_of(scope, name.lower().encode())
        return _header_certificate(value) if value else None
    return None


def client_address(scope: ASGIScope) -> str:
    """Return the address that failed proofs are counted by."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def networks_of(words: Iterable[str]) -> Sequence[Network]:
    """Return the addresses and networks of proxies.

    Raises:
        ValueError: a word is neither.
    """
    return [ipaddress.ip_network(word, strict=False) for word in words]


def is_among(address: str | None, networks: Sequence[Network]) -> bool:
    """Say whether an address is in one of the networks."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)


def _header_certificate(value: str) -> bytes:
    """Read a certificate in a header: RFC 9440 (``:Base64 of DER:``), or PEM with % escapes."""
    if len(value) > _MOST_CERTIFICATE:
        raise AccessDeniedError
    text = value.strip()
    try:
        if text.startswith(":") and text.endswith(":"):
            return base64.b64decode(text.strip(":"), validate=True)
        return ssl.PEM_cert_to_DER_cert(unquote(text))
    except (binascii.Error, ValueError) as error:
        raise AccessDeniedError from error
