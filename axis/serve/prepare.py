"""Makes an installation ready to serve: tables, folders and the keys that it needs to begin."""

from __future__ import annotations

from axis.ledger.keys import make_notary_key, make_salt_key
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
    for name, make in (
        (settings.notary.salt_key, make_salt_key),
        (settings.notary.key, make_notary_key),
    ):
        if not settings.path(name).exists():
            make(settings.path(name))
