"""What the clock brings from outside and clears away: revocation lists, OCSP answers, lost parts.

It goes on beside the rounds, because a responder that hangs must delay no reminder. What cannot be
brought raises an alarm, which ends when it can; the list or answer at hand counts until its end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from axis.bodies import open_bodies
from axis.errors import AxisError, Refusal
from axis.parts.collect import Collected, collect
from axis.settings import Settings
from axis.store.alarms import end_alarms, raise_alarm
from axis.store.engine import transaction
from axis.store.trust import list_certificates
from axis.trust.certificates import Certificate, read_der
from axis.trust.errors import AnswerNotFetchedError, ListNotFetchedError
from axis.trust.fetch import fetch_lists
from axis.trust.fetch_answers import fetch_answers
from axis.trust.material import load_folders
from axis.trust.registry import CertificateState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The things that are due every hour or so."""

    engine: sa.Engine
    settings: Settings
    clock: Callable[[], datetime]

    def round(self) -> None:
        """Do all of it once; what fails is done in the next round.

        Raises:
            DatabaseUnavailableError: nothing can be recorded now.
        """
        self.bring_lists()
        self.bring_answers()
        self.collect()

    def bring_lists(self) -> int:
        """Fetch the revocation lists of the settings; return how many were taken."""
        trust = self.settings.trust
        if not trust.crl_urls:
            return 0
        found = list(fetch_lists(trust.crl_urls, self.settings.path(trust.crls), now=self.clock()))
        failed = {one.url: one.refusal for one in found if one.refusal is not None}
        well = [one.url for one in found if one.refusal is None]
        self._tell(ListNotFetchedError.code, failed, well)
        return sum(one.outcome == "taken" for one in found)

    def bring_answers(self) -> int:
        """Ask OCSP responders about the certificates in force; return how many were asked."""
        trust = self.settings.trust
        if not trust.ocsp_urls:
            return 0
        now = self.clock()
        crls = self.settings.path(trust.crls)
        material = load_folders(
            self.settings.path(trust.anchors), self.settings.path(trust.intermediates), crls
        )
        found = list(
            fetch_answers(
                self._certificates(now),
                (*material.intermediates, *material.anchors),
                trust.ocsp_urls,
                crls,
                clock=self.clock,
            )
        )
        failed = {_name(one.sha256): one.refusal for one in found if one.refusal is not None}
        well = [_name(one.sha256) for one in found if one.refusal is None]
        self._tell(AnswerNotFetchedError.code, failed, well)
        for one in found:
            if one.outcome == "revoked":
                log.warning("a certificate was revoked", extra={"sha256": one.sha256.hex()})
        return sum(one.outcome != "fresh" for one in found)

    def collect(self) -> Collected:
        """Clear away attachments that nobody named and uploads that rest."""
        return collect(
            self.engine,
            open_bodies(self.settings),
            self.settings.parts,
            now=self.clock(),
        )

    def _certificates(self, now: datetime) -> list[Certificate]:
        with transaction(self.engine) as connection:
            known = list_certificates(connection)
        certificates = []
        for one in known:
            if one.state(now) is CertificateState.ACTIVE and any(
                b.holds(now) for b in one.bindings
            ):
                try:
                    certificates.append(read_der(one.der))
                except AxisError as error:
                    log.warning("a certificate cannot be read", extra={"code": error.code})
        return certificates

    def _tell(self, code: str, failed: dict[str, Refusal], well: list[str]) -> None:
        now = self.clock()
        with transaction(self.engine) as connection:
            for subject, refusal in failed.items():
                raise_alarm(connection, refusal, subject, at=now)
            end_alarms(connection, code, well, at=now)
        for subject, refusal in failed.items():
            log.error(
                "alarm",
                extra={"code": refusal.code, "subject": subject, "facts": dict(refusal.facts)},
            )


def _name(sha256: bytes) -> str:
    return f"sha256:{sha256.hex()}"
