"""What every command is given: the language and, when first asked for, the settings."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from axis.errors import Lang
    from axis.ledger.entry import Sealer
    from axis.settings import Settings


class Session:
    """One call of the command line."""

    def __init__(self, *, lang: str, config: str | None) -> None:
        self.lang = cast("Lang", lang)
        self._config = Path(config) if config else None

    @cached_property
    def settings(self) -> Settings:
        """The settings, read once.

        Raises:
            SettingsError: a key is unknown or a value is of the wrong kind.
        """
        from axis.settings import load_settings

        return load_settings(self._config)

    @cached_property
    def engine(self) -> Engine:
        """The database, opened once; the call's end closes it."""
        from axis.store.engine import open_engine

        return open_engine(self.settings.database_url)

    @cached_property
    def sealer(self) -> Sealer:
        """What makes ledger entries; its key is made where an installation begins without one.

        Raises:
            KeyFileUnreadableError, KeyFileOpenError, SaltKeyError: the key cannot be used.
        """
        from axis.ledger.entry import Sealer
        from axis.ledger.keys import make_salt_key, read_key_file

        path = self.settings.path(self.settings.notary.salt_key)
        if not path.exists():
            make_salt_key(path)
        return Sealer(read_key_file(path))

    @cached_property
    def auditing(self) -> Engine:
        """The database as auditors read it, opened once; the call's end closes it."""
        from axis.store.engine import open_engine

        return open_engine(self.settings.audit_database_url)

    def close(self) -> None:
        """Close what was opened."""
        for name in ("engine", "auditing"):
            if name in vars(self):
                getattr(self, name).dispose()
