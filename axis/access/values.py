"""Credentials of systems, and who a caller turned out to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from axis.access.errors import CredentialExpiredError, ScopeMissingError


class Scope(StrEnum):
    """What a credential is for."""

    SEND = "send"  #: submit packages and follow what was sent
    RECEIVE = "receive"  #: the mailbox: list, fetch, confirm, refuse
    DIRECTORY = "directory"  #: read the list of offices
    STATISTICS = "statistics"  #: counts of all offices; given only where it is named
    TYPES = "types"  #: say which message types its offices take; likewise


ALL_SCOPES = frozenset(Scope) - {Scope.STATISTICS, Scope.TYPES}


class Proof(StrEnum):
    """How a caller proved which system it is."""

    TOKEN = "token"  # noqa: S105  a word, not a secret
    CERTIFICATE = "certificate"
    SECRET = "secret"  # noqa: S105  likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A system that proved itself."""

    system_id: str
    scopes: frozenset[Scope]
    proof: Proof
    credential: str  #: id of the credential, for logs; never a secret

    def demand(self, scope: Scope) -> None:
        """Return where the caller may do this.

        Raises:
            ScopeMissingError: its credential is for something else.
        """
        if scope not in self.scopes:
            raise ScopeMissingError(scope=scope.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From when until when a credential counts."""

    created_at: datetime
    expires_at: datetime | None  #: not included; None while no end is known
    revoked_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether it counts at that instant."""
        return self.until is None or at < self.until

    @property
    def until(self) -> datetime | None:
        """The instant from which on it does not count."""
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return min(ends, default=None)

    def demand(self, at: datetime, credential: str) -> None:
        """Return where it counts at that instant.

        Raises:
            CredentialExpiredError: it has ended; tell only who has proved to hold its secret.
        """
        if self.until is not None and at >= self.until:
            raise CredentialExpiredError(
                credential=credential, until=self.until.isoformat(timespec="seconds")
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token as it is kept: without its secret."""

    id: str
    system_id: str
    digest: bytes  #: SHA-256 of the secret part
    scopes: frozenset[Scope]
    term: Term
    note: str
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSecret:
    """A secret that both sides know, for signatures of headers; sealed as it is kept."""

    id: str
    system_id: str
    sealed: bytes  #: see :mod:`axis.access.sealing`
    term: Term
    note: str
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """A certificate by which a system proves itself on the transport (mutual TLS)."""

    sha256: bytes
    system_id: str
    scopes: frozenset[Scope]
    term: Term
    created_by: str
