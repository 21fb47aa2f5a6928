"""Whether a message type is sent by such an office, and taken by those whom it goes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from axis.directory.snapshot import Directory
from axis.envelope.values import Envelope, Message
from axis.types.book import Book
from axis.types.errors import NotAcceptedError, ReceiverLevelError, SenderLevelError


def hold_to_type(
    book: Book,
    envelope: Envelope,
    sender_office: str,
    receivers: Iterable[tuple[str, str, str | None]],
    *,
    directory: Directory,
    at: datetime,
) -> None:
    """Return where the rules of its type let this office send it to each of the receivers.

    Args:
        book: the types, and who takes which.
        envelope: what was read.
        sender_office: who sends.
        receivers: address as written, office served and its system.
        directory: the offices.
        at: the instant of acceptance.

    Raises:
        SenderLevelError, ReceiverLevelError, NotAcceptedError: they do not.
    """
    rules = book.rules_of(envelope)
    step = envelope.step if isinstance(envelope, Message) else None
    may_send = rules.send.steps.get(step or "", rules.send.levels)
    if may_send:
        office = directory.office(sender_office, at)
        if office is None or office.level not in may_send:
            raise SenderLevelError(
                office=envelope.sender.organ_id,
                level=office.level.value if office else "–",
                type=f"{rules.id} {step}" if step else rules.id,
                expected=", ".join(may_send),
            )
    if not rules.receive.levels and not rules.receive.declared:
        return
    for address, office_id, system_id in receivers:
        if not book.is_accepted(rules, office_id, system_id):
            raise NotAcceptedError(
                recipient=address,
                type=rules.id,
                accepts=", ".join(book.accepts(office_id, system_id)),
            )
        office = directory.office(office_id, at)
        if rules.receive.levels and (office is None or office.level not in rules.receive.levels):
            raise ReceiverLevelError(
                office=address,
                level=office.level.value if office else "–",
                type=rules.id,
                expected=", ".join(rules.receive.levels),
            )
