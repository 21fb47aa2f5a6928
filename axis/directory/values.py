"""What the directory says: kinds and levels of offices, the facts about them, and its answers.

Facts hold their validity as whole microseconds since 1970 (UTC), half-open ``[start, end)``: a
country has half a million of them and they are compared on every routed document. Answers hold
aware UTC instants.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from msgspec import Struct

#: Dates without an hour are days of Vietnam, which has one zone and no summer time.
VIETNAM: Final = timezone(timedelta(hours=7), "+07:00")

ALWAYS: Final = -(2**62)  #: a start that nobody recorded: as far back as anyone asks
FOREVER: Final = 2**62  #: an end that nobody has set

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Level(StrEnum):
    """The level of government that an office stands on."""

    CENTRAL = "central"
    PROVINCIAL = "provincial"
    DISTRICT = "district"  #: abolished on 1 July 2025; letters still name it
    COMMUNE = "commune"


class Kind(StrEnum):
    """What sort of office it is."""

    COMMITTEE = "committee"  #: People's Committee (UBND)
    COUNCIL = "council"  #: People's Council (HĐND)
    MINISTRY = "ministry"
    DEPARTMENT = "department"  #: sở, phòng, ban of a ministry or a People's Committee
    CENTRAL_BODY = "central-body"  #: Government Office, National Assembly, courts, procuracies
    PARTY = "party"
    ENTERPRISE = "enterprise"
    OTHER = "other"


class State(StrEnum):
    """Whether an office works at an instant."""

    PLANNED = "planned"  #: founded on paper: it can be prepared, nothing is served to it yet
    ACTIVE = "active"
    SUSPENDED = "suspended"  #: what is addressed to it is held
    CLOSED = "closed"  #: what is addressed to it goes to its successor


class Scheme(StrEnum):
    """The list that a code comes from."""

    QCVN102 = "qcvn102"  #: ``000.00.00.H49``, most significant part last
    QD20 = "qd20"  #: ``H49.12.34``, most significant part first
    STATISTICS = "statistics"  #: QĐ 124/2004 and QĐ 19/2025: ``22``, ``193``, ``06649``
    OTHER = "other"


class ReceivesBy(StrEnum):
    """How a system gets its deliveries."""

    POLL = "poll"
    AMQP = "amqp"
    WEBHOOK = "webhook"
    PEER = "peer"  #: it is another axis, which serves its offices; see ``adapters/peer``


#: Ways in which a queue in RabbitMQ stands for the system.
QUEUED: Final = frozenset({ReceivesBy.AMQP, ReceivesBy.WEBHOOK})


class SystemState(StrEnum):
    """Whether a system may send and receive."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class SuccessionKind(StrEnum):
    """Why an office has a successor, or why its codes, name or place changed."""

    MERGE = "merge"  #: n offices into one
    SPLIT = "split"  #: one office into n
    RENAME = "rename"
    RECODE = "recode"
    MOVE = "move"  #: to another parent or level
    CLOSE = "close"


class RuleKind(StrEnum):
    """How a letter to a divided office finds the one successor that is served."""

    SUBUNIT = "subunit"  #: by the old sub-unit that the address names
    DOCUMENT_TYPE = "document-type"
    DEFAULT = "default"
    HOLD = "hold"  #: held on purpose and shown to the person in ``matches``


# --- facts: what the records hold and what a snapshot is built from ---


class OfficeFact(Struct, frozen=True, gc=False):
    """An office exists; the key never changes and says nothing."""

    office_id: str
    kind: str  #: a :class:`Kind`


class StandingFact(Struct, frozen=True, gc=False):
    """An office stands on a level, in a state."""

    office_id: str
    level: str
    state: str
    start: int
    end: int


class NameFact(Struct, frozen=True, gc=False):
    """An office bears a name; ``variant`` marks another spelling that is only searched."""

    office_id: str
    name: str
    variant: bool
    start: int
    end: int


class CodeFact(Struct, frozen=True, gc=False):
    """An office is addressed by a code."""

    office_id: str
    code: str
    scheme: str
    start: int
    end: int


class ParentFact(Struct, frozen=True, gc=False):
    """An office stands under another."""

    office_id: str
    parent_id: str
    start: int
    end: int


class ContactFact(Struct, frozen=True, gc=False):
    """How the people of an office are reached."""

    office_id: str
    email: str
    phone: str
    address: str
    start: int
    end: int


class SystemFact(Struct, frozen=True, gc=False):
    """An eOffice installation."""

    system_id: str
    name: str
    receives_by: str
    state: str
    connected: bool


class ActingFact(Struct, frozen=True, gc=False):
    """A system acts for an office."""

    office_id: str
    system_id: str
    start: int
    end: int


class SuccessionFact(Struct, frozen=True, gc=False):
    """From an instant on, an office is succeeded by another (itself, when it was only changed).

    One act of law is one ``succession_id`` with as many facts as it has pairs of old and new.
    """

    office_id: str
    succession_id: str
    kind: str
    successor_id: str | None  #: None: closed without a successor
    effective: int
    legal_basis: str


class RuleFact(Struct, frozen=True, gc=False):
    """Where letters to a divided office go."""

    office_id: str
    kind: str  #: a :class:`RuleKind`
    matches: str  #: the sub-unit or document type; for *hold* the person it is assigned to
    successor_id: str | None
    start: int
    end: int


class GroupFact(Struct, frozen=True, gc=False):
    """A named list of addressees."""

    group_id: str
    name: str
    rule: str  #: such as ``level=commune below=H44``; empty: members by hand only
    start: int
    end: int


class MemberFact(Struct, frozen=True, gc=False):
    """An office is in a group by hand, or is left out of it although the rule takes it."""

    office_id: str
    group_id: str
    included: bool
    start: int
    end: int


# --- answers ---


class Office(Struct, frozen=True, kw_only=True):
    """An office as it is at one instant."""

    office_id: str
    code: str  #: the code to address it by: QĐ 20 before QCVN 102 before the others
    name: str
    level: Level
    kind: Kind
    state: State
    parent_id: str | None


class System(Struct, frozen=True, kw_only=True):
    """An eOffice installation that acts for offices."""

    system_id: str
    name: str
    receives_by: ReceivesBy
    state: SystemState
    connected: bool  #: False: what is routed to it is held until it connects


class Step(Struct, frozen=True, kw_only=True):
    """One succession on the way from the office written to the office served."""

    succession_id: str
    kind: SuccessionKind
    from_office_id: str
    to_office_id: str
    effective: int  #: microseconds since 1970
    legal_basis: str
    rule: RuleKind | None = None  #: the rule that chose among several successors

    @property
    def effective_at(self) -> datetime:
        """The instant from which on it holds."""
        return _EPOCH + self.effective * _MICROSECOND


class HeldReason(StrEnum):
    """Why a letter waits for a person."""

    DIVIDED = "divided"  #: several successors and no rule that fits
    RULE = "rule"  #: a rule says that a person decides
    NO_SUCCESSOR = "no-successor"
    SUSPENDED = "suspended"


class Served(Struct, frozen=True, kw_only=True):
    """The office that a letter to an address is served to."""

    office_id: str
    code: str  #: of the office served, at the instant asked about
    written_office_id: str  #: the office that the address names
    via: tuple[Step, ...] = ()  #: the facts used; empty where the office written is the one served
    formerly: str | None = None  #: the code named this office before it passed on


class Held(Struct, frozen=True, kw_only=True):
    """No office can be served without a decision; the letter is kept and shown."""

    reason: HeldReason
    office_id: str  #: where the way ended
    written_office_id: str
    candidates: tuple[str, ...]  #: office ids a person may choose from
    via: tuple[Step, ...] = ()
    assigned_to: str | None = None


# --- instants ---


def micros(at: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime | None:
    """Return the instant, or None for :data:`ALWAYS` and :data:`FOREVER`."""
    return None if value in (ALWAYS, FOREVER) else _EPOCH + value * _MICROSECOND


def parse_moment(text: str) -> datetime:
    """Read ``2025-07-01`` (midnight in Vietnam) or an ISO 8601 instant with an offset.

    Raises:
        ValueError: the text is neither, or has an hour without an offset.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        if len(text) != len("2025-07-01"):
            raise ValueError("an hour needs an offset such as +07:00")
        at = at.replace(tzinfo=VIETNAM)
    return at.astimezone(UTC)
