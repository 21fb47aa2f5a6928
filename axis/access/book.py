"""All credentials at one version, in memory, immutable: what doors ask with every request."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from axis.access.errors import AccessDeniedError
from axis.access.tokens import parse_token
from axis.access.values import Caller, ClientCertificate, Proof, SharedSecret, Token

_NO_DIGEST: Final = bytes(32)


class AccessBook:
    """The credentials at one version of the records."""

    __slots__ = ("_certificates", "_secrets", "_tokens", "version")

    def __init__(
        self,
        version: int,
        tokens: Iterable[Token] = (),
        certificates: Iterable[ClientCertificate] = (),
        secrets: Iterable[SharedSecret] = (),
    ) -> None:
        self.version: Final = version
        self._tokens: Final = {token.id: token for token in tokens}
        self._certificates: Final[dict[bytes, list[ClientCertificate]]] = defaultdict(list)
        for certificate in certificates:
            self._certificates[certificate.sha256].append(certificate)
        self._secrets: Final[dict[str, list[SharedSecret]]] = defaultdict(list)
        for secret in secrets:
            self._secrets[secret.system_id].append(secret)

    def by_token(self, text: str, at: datetime) -> Caller:
        """Return who presents a bearer token.

        Raises:
            AccessDeniedError: it is none of ours.
            CredentialExpiredError: it was one; said only to who knows its secret.
        """
        presented = parse_token(text)
        token = self._tokens.get(presented.id)
        # Compared even where there is none, so that the answer takes as long.
        expected = token.digest if token is not None else _NO_DIGEST
        if not hmac.compare_digest(expected, presented.digest) or token is None:
            raise AccessDeniedError
        token.term.demand(at, token.id)
        return Caller(
            system_id=token.system_id,
            scopes=token.scopes,
            proof=Proof.TOKEN,
            credential=token.id,
        )

    def by_certificate(self, sha256: bytes, at: datetime) -> Caller:
        """Return who presents a client certificate; the transport has verified its path and key.

        Raises:
            AccessDeniedError: no system is bound to it.
            CredentialExpiredError: the binding has ended.
        """
        bound = self._certificates.get(sha256)
        if not bound:
            raise AccessDeniedError
        now = [one for one in bound if one.term.holds(at)]
        if not now:
            max(bound, key=lambda one: one.term.created_at).term.demand(at, sha256.hex()[:12])
        chosen = max(now, key=lambda one: one.term.created_at)
        return Caller(
            system_id=chosen.system_id,
            scopes=chosen.scopes,
            proof=Proof.CERTIFICATE,
            credential=sha256.hex()[:12],
        )

    def secrets_of(self, system_id: str, at: datetime) -> Sequence[SharedSecret]:
        """Return the shared secrets of a system that count now; while one is replaced, both do."""
        return [one for one in self._secrets.get(system_id, ()) if one.term.holds(at)]
