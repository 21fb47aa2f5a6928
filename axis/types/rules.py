"""The rule file of a type, ``type.toml``: where things stand in its payload, and what holds for it.

A path is one of names: ``Dossier/Number``, ``Applicant/@id``, counted from the root element of the
payload, all in the namespace of the type. There are no conditions and no wildcards: whoever reads
the file sees what is read.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from axis.directory.values import Level
from axis.structs import ready

FILE: Final = "type.toml"

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9\-]{0,15}$")]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$")]
Path = Annotated[str, msgspec.Meta(pattern=r"^(@[\w.\-]+|[\w.\-]+(/[\w.\-]+)*(/@[\w.\-]+)?)$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
StatusCode = Annotated[str, msgspec.Meta(pattern=r"^(0[1-6]|13|15|16)$")]


class _Table(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A table of the file; a key that it does not have is refused."""


class Words(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A text in both languages."""

    en: Text
    vi: Text


class Read(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Where the axis finds what it needs of a message."""

    sender: Path  #: the code of the office that sends; must stand once
    recipients: Path  #: the codes of the offices that receive; must stand once at least
    id: Path | None = None  #: what the sender calls the message; made of key and revision without
    number: Path | None = None  #: the number that people call it by
    subject: Path | None = None
    urgency: Path | None = None  #: 0 normal … 4 express at a set hour
    due: Path | None = None  #: a day, which means its 17:00 in Vietnam, or an instant
    reply_to: Path | None = None  #: ids of the messages or documents that it answers; may repeat
    step: Path | None = None  #: what it does in its story
    facts: dict[str, Path] = msgspec.field(default_factory=dict)  #: what lists show of it


class Order(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A message is a revision of something: accepted once, and only after the one before."""

    key: list[Path]  #: what it is a revision of, such as a dossier's number; joined by ``/``
    revision: Path  #: a whole number
    first: Annotated[int, msgspec.Meta(ge=0)] = 1


class Story(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What a message belongs to, so that its trace is told together with the rest."""

    key: list[Path]  #: joined by ``/``
    type: Name | None = None  #: of the story, where that is another type's


class Send(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Who may send it; no level means all."""

    levels: list[Level] = msgspec.field(default_factory=list)
    steps: dict[str, list[Level]] = msgspec.field(default_factory=dict)  #: for one step instead


class Receive(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Who may receive it; no level means all."""

    levels: list[Level] = msgspec.field(default_factory=list)
    declared: bool = True  #: only who has said that it takes this version


class Bounds(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What one message may cost, within what any package may."""

    package_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    attachments: Annotated[int, msgspec.Meta(ge=0)] | None = None
    recipients: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Deadline(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """By when a message is done, and what done means."""

    by: Literal["day-close", "due"]  #: 17:00 of the day on which it arose, or what it says
    done: Literal["confirmed", "completed", "answered"] = "confirmed"
    remind_days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0  #: before the due day


class League(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Who was asked and who has answered: the receivers of one step, the senders of another."""

    ask: str
    answer: str
    extend: str | None = None  #: gives its receivers more time: until what it says is due


class Counts(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What lists and figures take it for."""

    paper: bool = True  #: is sent for its own sake; False: it only tells of another message
    letter: bool = False  #: official correspondence: in the figures of weeks and months, registers


class Rules(_Table, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """All that ``type.toml`` says."""

    format: Literal[1]
    type: Name
    version: Version
    namespace: Text
    root: Text
    schema: Text  #: XSD 1.0; every message is held to it
    diagnosis: Text | None = None  #: XSD 1.1; asked only by ``axis type test``
    name: Words
    about: Words
    read: Read
    order: Order | None = None
    story: Story | None = None
    steps: dict[str, Words] = msgspec.field(default_factory=dict)
    labels: dict[str, Words] = msgspec.field(default_factory=dict)  #: what a fact is called
    send: Send = msgspec.field(default_factory=Send)
    receive: Receive = msgspec.field(default_factory=Receive)
    statuses: list[StatusCode] = msgspec.field(default_factory=list)
    counts: Counts = msgspec.field(default_factory=Counts)
    keep: Literal["documents", "statuses"] = "documents"  #: the retention class
    limits: Bounds = msgspec.field(default_factory=Bounds)
    deadline: Deadline | None = None
    league: League | None = None

    @property
    def id(self) -> str:
        """Type and version, such as ``dossier/1``."""
        return f"{self.type}/{self.version}"

    def paths(self) -> dict[str, str]:
        """Return every path by the key of the file that names it."""
        read = self.read
        found = {
            f"read.{name}": value
            for name in read.__struct_fields__
            if name != "facts" and (value := getattr(read, name)) is not None
        }
        found |= {f"read.facts.{name}": path for name, path in read.facts.items()}
        if self.order is not None:
            found["order.revision"] = self.order.revision
            found |= {f"order.key[{place}]": path for place, path in enumerate(self.order.key)}
        if self.story is not None:
            found |= {f"story.key[{place}]": path for place, path in enumerate(self.story.key)}
        return found


def parse_rules(data: bytes) -> Rules:
    """Read a rule file.

    Raises:
        msgspec.DecodeError: it is not TOML, or not what a rule file may say.
    """
    return msgspec.toml.decode(data, type=ready(Rules))
