"""Records and reads the credentials of systems; every change raises their version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.access.book import AccessBook
from axis.access.errors import CredentialUnknownError
from axis.access.values import ClientCertificate, Scope, SharedSecret, Term, Token
from axis.store.tables.access import (
    ACCESS_CERTIFICATE,
    ACCESS_SECRET,
    ACCESS_TOKEN,
    ACCESS_VERSION,
    IDEMPOTENCY_KEY,
)
from axis.store.tables.trust import CERTIFICATE

#: How long a key of a repeated request is remembered.
KEYS_KEPT: Final = timedelta(hours=48)


def access_version(connection: sa.Connection) -> int:
    """Return the version that the last change gave the credentials."""
    return connection.scalar(sa.select(ACCESS_VERSION.c.version)) or 0


def load_book(connection: sa.Connection) -> AccessBook:
    """Return all credentials as they are now; the version is read first, so it is never ahead."""
    version = access_version(connection)
    return AccessBook(
        version,
        tokens=list_tokens(connection),
        certificates=list_client_certificates(connection),
        secrets=list_secrets(connection),
    )


def add_token(connection: sa.Connection, token: Token) -> None:
    """Record a new token."""
    _raise_version(connection)
    connection.execute(
        sa.insert(ACCESS_TOKEN).values(
            id=token.id,
            system_id=token.system_id,
            digest=token.digest,
            scopes=_words(token.scopes),
            note=token.note,
            created_by=token.created_by,
            **_term(token.term),
        )
    )


def list_tokens(connection: sa.Connection, *, system_id: str | None = None) -> list[Token]:
    """Return tokens, ended ones too, the oldest first."""
    return [
        Token(
            id=row.id,
            system_id=row.system_id,
            digest=row.digest,
            scopes=_scopes(row.scopes),
            term=_term_of(row),
            note=row.note,
            created_by=row.created_by,
        )
        for row in connection.execute(_listed(ACCESS_TOKEN, system_id))
    ]


def revoke_token(connection: sa.Connection, token_id: str, *, at: datetime) -> bool:
    """End a token at an instant; return False if it ends no later already.

    Raises:
        CredentialUnknownError: there is no such token.
    """
    return _end(connection, ACCESS_TOKEN, token_id, kind="token", at=at)


def end_tokens(
    connection: sa.Connection, system_id: str, *, at: datetime, but: str | None = None
) -> int:
    """End the tokens of a system at an instant, except one; return how many that changed."""
    return _end_all(connection, ACCESS_TOKEN, system_id, at=at, but=but)


def add_secret(connection: sa.Connection, secret: SharedSecret) -> None:
    """Record a new shared secret."""
    _raise_version(connection)
    connection.execute(
        sa.insert(ACCESS_SECRET).values(
            id=secret.id,
            system_id=secret.system_id,
            sealed=secret.sealed,
            note=secret.note,
            created_by=secret.created_by,
            **_term(secret.term),
        )
    )


def list_secrets(connection: sa.Connection, *, system_id: str | None = None) -> list[SharedSecret]:
    """Return shared secrets, ended ones too, the oldest first."""
    return [
        SharedSecret(
            id=row.id,
            system_id=row.system_id,
            sealed=row.sealed,
            term=_term_of(row),
            note=row.note,
            created_by=row.created_by,
        )
        for row in connection.execute(_listed(ACCESS_SECRET, system_id))
    ]


def revoke_secret(connection: sa.Connection, secret_id: str, *, at: datetime) -> bool:
    """End a shared secret at an instant; return False if it ends no later already.

    Raises:
        CredentialUnknownError: there is no such secret.
    """
    return _end(connection, ACCESS_SECRET, secret_id, kind="secret", at=at)


def end_secrets(
    connection: sa.Connection, system_id: str, *, at: datetime, but: str | None = None
) -> int:
    """End the shared secrets of a system at an instant, except one; return how many changed."""
    return _end_all(connection, ACCESS_SECRET, system_id, at=at, but=but)


def bind_client_certificate(connection: sa.Connection, bound: ClientCertificate) -> bool:
    """Let a registered certificate speak for a system; return False if it does so already."""
    for one in list_client_certificates(connection, system_id=bound.system_id):
        same = one.sha256 == bound.sha256 and one.scopes == bound.scopes
        if same and one.term.until == bound.term.until:
            return False
    _raise_version(connection)
    connection.execute(
        sa.insert(ACCESS_CERTIFICATE).values(
            certificate_sha256=bound.sha256,
            system_id=bound.system_id,
            scopes=_words(bound.scopes),
            created_by=bound.created_by,
            **_term(bound.term),
        )
    )
    return True


def list_client_certificates(
    connection: sa.Connection, *, system_id: str | None = None
) -> list[ClientCertificate]:
    """Return the certificates that speak for systems, ended ones too, the oldest first.

    One that the registry of certificates has revoked has ended here too.
    """
    query = (
        sa.select(ACCESS_CERTIFICATE, CERTIFICATE.c.revoked_at.label("withdrawn_at"))
        .join(CERTIFICATE, CERTIFICATE.c.sha256 == ACCESS_CERTIFICATE.c.certificate_sha256)
        .order_by(ACCESS_CERTIFICATE.c.created_at, ACCESS_CERTIFICATE.c.id)
    )
    if system_id is not None:
        query = query.where(ACCESS_CERTIFICATE.c.system_id == system_id)
    found = []
    for row in connection.execute(query):
        ends = [end for end in (row.revoked_at, row.withdrawn_at) if end is not None]
        term = Term(
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=min(ends, default=None),
        )
        found.append(
            ClientCertificate(
                sha256=row.certificate_sha256,
                system_id=row.system_id,
                scopes=_scopes(row.scopes),
                term=term,
                created_by=row.created_by,
            )
        )
    return found


def release_client_certificate(
    connection: sa.Connection, sha256: bytes, system_id: str, *, at: datetime
) -> bool:
    """End what a certificate says for a system; return False if it said nothing then."""
    _raise_version(connection)
    done = connection.execute(
        sa.update(ACCESS_CERTIFICATE)
        .where(
            ACCESS_CERTIFICATE.c.certificate_sha256 == sha256,
            ACCESS_CERTIFICATE.c.system_id == system_id,
            ACCESS_CERTIFICATE.c.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )
    return done.rowcount > 0


def claim_key(
    connection: sa.Connection, system_id: str, key: str, package_id: UUID, *, at: datetime
) -> UUID:
    """Return the package that a system's key stands for: this one, if the key is new."""
    known: UUID | None = connection.scalar(
        sa.select(IDEMPOTENCY_KEY.c.package_id).where(
            IDEMPOTENCY_KEY.c.system_id == system_id, IDEMPOTENCY_KEY.c.key == key
        )
    )
    if known is not None:
        return known
    connection.execute(sa.delete(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.used_at < at - KEYS_KEPT))
    connection.execute(
        sa.insert(IDEMPOTENCY_KEY).values(
            system_id=system_id, key=key, package_id=package_id, used_at=at
        )
    )
    return package_id


def _listed(table: sa.Table, system_id: str | None) -> sa.Select[Any]:
    query = sa.select(table).order_by(table.c.created_at, table.c.id)
    return query if system_id is None else query.where(table.c.system_id == system_id)


def _end(
    connection: sa.Connection, table: sa.Table, credential: str, *, kind: str, at: datetime
) -> bool:
    row = connection.execute(
        sa.select(table.c.expires_at, table.c.revoked_at).where(table.c.id == credential)
    ).first()
    if row is None:
        raise CredentialUnknownError(kind=kind, credential=credential)
    if any(end is not None and end <= at for end in row):
        return False
    _raise_version(connection)
    connection.execute(sa.update(table).where(table.c.id == credential).values(revoked_at=at))
    return True


def _end_all(
    connection: sa.Connection, table: sa.Table, system_id: str, *, at: datetime, but: str | None
) -> int:
    _raise_version(connection)
    query = sa.update(table).where(
        table.c.system_id == system_id,
        sa.or_(table.c.revoked_at.is_(None), table.c.revoked_at > at),
        sa.or_(table.c.expires_at.is_(None), table.c.expires_at > at),
    )
    if but is not None:
        query = query.where(table.c.id != but)
    return connection.execute(query.values(revoked_at=at)).rowcount


def _raise_version(connection: sa.Connection) -> None:
    """Raise the version; changes wait for each other at its row."""
    done = connection.execute(
        sa.update(ACCESS_VERSION).values(version=ACCESS_VERSION.c.version + 1)
    )
    if done.rowcount == 0:
        connection.execute(sa.insert(ACCESS_VERSION).values(id=1, version=1))


def _words(scopes: Iterable[Scope]) -> str:
    return " ".join(sorted(scope.value for scope in scopes))


def _scopes(words: str) -> frozenset[Scope]:
    """Read scopes; a word of a newer version gives nothing."""
    return frozenset(scope for scope in Scope if scope.value in words.split())


def _term(term: Term) -> Mapping[str, datetime | None]:
    return {
        "created_at": term.created_at,
        "expires_at": term.expires_at,
        "revoked_at": term.revoked_at,
    }


def _term_of(row: sa.Row[Any]) -> Term:
    return Term(created_at=row.created_at, expires_at=row.expires_at, revoked_at=row.revoked_at)
