"""Makes an installation ready to serve: tables, folders and the keys that it needs to begin."""

from __future__ import annotations

import secrets

from axis.access.sealing import KEY_BYTES
from axis.courier.keys import make_courier_key
from axis.ledger.keys import make_notary_key, make_salt_key, write_key_file
from axis.notary.signing import has_key
from axis.settings import Settings
from axis.store.engine import check_durability, open_engine
from axis.store.migrate import upgrade


def prepare(settings: Settings) -> None:
    """Create what is missing; what is there is never replaced.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
        UnsafeDatabaseError: the database could lose a commit.
    """
    trust = settings.trust
    for name in (settings.bodies.path, trust.anchors, trust.intermediates, trust.crls):
        settings.path(name).mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        check_durability(engine)
    finally:
        engine.dispose()
    access = settings.path(settings.access.key)
    if not access.exists():
        write_key_file(access, secrets.token_bytes(KEY_BYTES))
    salt = settings.path(settings.notary.salt_key)
    if not salt.exists():
        make_salt_key(salt)
    courier = settings.path(settings.courier.key)
    if not courier.exists():
        make_courier_key(courier)
    if not has_key(settings):
        make_notary_key(settings.path(settings.notary.key))


def console_url(settings: Settings) -> str:
    """Return where the web console is, as people call it."""
    own = settings.gateway
    if own.url:
        return f"{own.url.rstrip('/')}/console"
    host = f"[{own.host}]" if ":" in own.host else own.host
    scheme = "https" if own.tls_certificate else "http"
    return f"{scheme}://{host}:{own.port}/console"
