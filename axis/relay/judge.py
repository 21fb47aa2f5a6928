"""Judges one package: what it says, who says it, whether it may pass and where it goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from axis.admission.admit import NO_PARTS, Admission, Parts, admit
from axis.admission.policy import OPEN, Policy
from axis.bus.notices import IntakeNotice
from axis.directory.groups import NO_GROUPS, Groups
from axis.directory.heritage import heir_of
from axis.directory.snapshot import Directory
from axis.envelope.errors import TooLargeError
from axis.envelope.limits import Limits
from axis.envelope.values import Envelope
from axis.errors import AxisError, Refusal
from axis.examine.inspect import Inspection
from axis.trust.registry import Registry
from axis.types.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What packages are judged against; immutable, replaced as a whole when something changes."""

    directory: Directory
    registry: Registry
    limits: Limits
    types: Book = field(default_factory=Book)
    policy: Policy = OPEN
    groups: Groups = NO_GROUPS
    grace: timedelta = timedelta(0)  #: an office that has ended may still sign for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A package and what became of it: an admission, or a refusal."""

    notice: IntakeNotice
    inspection: Inspection | None  #: None where it could not be read
    admission: Admission | None
    refusal: Refusal | None
    heir_of: frozenset[str] = frozenset()  #: of changes and statuses: offices it may speak for


def judge(
    notice: IntakeNotice,
    examined: Inspection | Refusal | None,
    reference: Reference,
    *,
    now: datetime,
    parts: Parts = NO_PARTS,
) -> Judged:
    """Judge a package at the instant ``now``; None was examined where it was over the limit.

    ``parts`` are attachments that its system brought apart, as far as it asks for them.
    """
    inspection: Inspection | None = None
    try:
        if examined is None:
            raise TooLargeError(limit=reference.limits.package_bytes, got=notice.size_bytes)
        if isinstance(examined, Refusal):
            return Judged(notice=notice, inspection=None, admission=None, refusal=examined)
        inspection = examined
        admission = admit(
            inspection,
            system_id=notice.system_id,
            directory=reference.directory,
            registry=reference.registry,
            now=now,
            types=reference.types,
            policy=reference.policy,
            grace=reference.grace,
            groups=reference.groups,
            parts=parts,
        )
    except AxisError as error:
        return Judged(notice=notice, inspection=inspection, admission=None, refusal=error.refusal)
    return Judged(
        notice=notice,
        inspection=inspection,
        admission=admission,
        refusal=None,
        heir_of=heir_of(reference.directory, admission.sender_office, now)
        if _is_about_something(admission.envelope)
        else frozenset(),
    )


def _is_about_something(envelope: Envelope) -> bool:
    """Say whether a package is about a document that was sent before: a change, or a status."""
    return envelope.is_change or envelope.is_status
