"""What the commands for auditors share: who asks, by which database user, with which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from axis.audit.access import Auditor
    from axis.commands.session import Session
    from axis.ledger.entry import Sealer
    from axis.ledger.note import NoteSigner
    from axis.settings import Settings

why_option = click.option("--why", required=True, help="The reason, for the ledger.")


def admitted(session: Session, why: str) -> Auditor:
    """Return who runs this, if they may.

    Raises:
        AuditorUnknownError, ReasonAbsentError: they may not, or do not say why.
    """
    from axis.audit.access import admit_auditor
    from axis.people.account import account
    from axis.store.engine import transaction

    with transaction(session.auditing) as connection:
        return admit_auditor(connection, session.settings.audit, who=account(), why=why)


def signer_of_exports(settings: Settings, log: int) -> NoteSigner:
    """Return what the manifests of a log are signed with: the key for exports, else the notary's.

    Raises:
        KeyFileUnreadableError, KeyFileOpenError, NotaryKeyError: the key cannot be used.
    """
    from axis.ledger.keys import read_signer
    from axis.notary.office import origin_of
    from axis.notary.signing import signer_named

    name = f"{origin_of(settings, log)}/export"
    if settings.audit.key:
        return read_signer(settings.path(settings.audit.key), name)
    return signer_named(settings, name)


def sealer_of(settings: Settings) -> Sealer:
    """Return what makes the record of an export.

    Raises:
        KeyFileUnreadableError, KeyFileOpenError, SaltKeyError: the key cannot be used.
    """
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file

    return Sealer(read_key_file(settings.path(settings.audit.salt_key or settings.notary.salt_key)))
