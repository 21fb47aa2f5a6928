"""Whether somebody may give a command now, and the record that they did.

The record comes before the command does anything: an act that failed half-way is on it, and one
that left no record did not happen. Two-person commands are asked for once, approved by somebody
else, and given again unchanged; an approval is good for one act, for a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from axis.ledger.canonical import encode_canonical
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.people.duties import Role, may
from axis.people.errors import (
    AccountUnknownError,
    ApprovalNeededError,
    FirstAdministratorError,
    LastAdministratorError,
    NotPermittedError,
    OwnRequestError,
    RequestUnknownError,
)
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.people import (
    Act,
    Request,
    add_act,
    add_request,
    answer_request,
    give_roles,
    request_of_digest,
    requests_waiting,
    roles_of_all,
    use_request,
)

#: An unanswered request, or an unused approval, lapses after this.
REQUEST_LIVES: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as somebody gave it."""

    who: str  #: account of the machine
    role: Role  #: what the command asks for
    command: str  #: such as ``cert revoke``
    arguments: Mapping[str, Any]  #: JSON values without floats; of files their digests
    why: str | None = None

    @property
    def digest(self) -> bytes:
        """What tells this order from every other, also of somebody else."""
        said = [self.who, self.command, dict(self.arguments)]
        return hashlib.sha256(encode_canonical(said)).digest()


def demand(engine: sa.Engine, order: Order) -> None:
    """Let pass who may give a command; nothing is recorded.

    Raises:
        NotPermittedError: the account has not the role.
        DatabaseUnavailableError: nobody can tell now.
    """
    with transaction(engine) as connection:
        _demand(connection, order)


def begin(
    engine: sa.Engine, sealer: Sealer, order: Order, *, two_persons: bool, now: datetime
) -> Act:
    """Record that a command is given now, in the records and in the ledger.

    Raises:
        NotPermittedError: the account has not the role.
        ApprovalNeededError: a second person must approve first; the request is recorded.
        DatabaseUnavailableError: nothing was recorded, and nothing may be done.
    """
    with transaction(engine) as connection:
        _demand(connection, order)
        request = _approval(connection, order, now) if two_persons else None
        if not two_persons or (request and request.approved):
            return _record(connection, sealer, order, request, now)
        if request is None:
            request = _ask(connection, order, now)
    raise ApprovalNeededError(command=order.command, request=str(request.id))


def answer(
    engine: sa.Engine,
    sealer: Sealer,
    request_id: UUID,
    *,
    approved: bool,
    who: str,
    why: str | None,
    now: datetime,
) -> Request:
    """Record what a second person says to a request, and return the request.

    Raises:
        RequestUnknownError: no such request waits.
        OwnRequestError: it is their own.
        NotPermittedError: they could not give the command themselves.
    """
    with transaction(engine) as connection:
        waiting = requests_waiting(connection, since=now - REQUEST_LIVES)
        request = next((one for one in waiting if one.id == request_id), None)
        if request is None:
            raise RequestUnknownError(request=str(request_id))
        if request.who == who:
            raise OwnRequestError(account=who, request=str(request_id), role=request.role.value)
        command = "admin approve" if approved else "admin refuse"
        arguments = {"request": str(request_id), "digest": request.digest.hex()}
        order = Order(who=who, role=request.role, command=command, arguments=arguments, why=why)
        _demand(connection, order)
        answer_request(connection, request_id, approved=approved, by=who, now=now)
        _record(connection, sealer, order, None, now)
    return request


def set_roles(
    connection: sa.Connection, account: str, roles: Collection[Role], *, by: str, now: datetime
) -> None:
    """Make ``roles`` all that an account may do; none takes it off the list.

    Raises:
        AccountUnknownError: it had none, and is to have none.
        FirstAdministratorError: nobody could name others after this.
        LastAdministratorError: nobody could name others any more.
    """
    before = roles_of_all(connection)
    if not roles and account not in before:
        raise AccountUnknownError(account=account)
    after = {**before, account: roles}
    if not any(Role.ADMINISTRATOR in have for have in after.values()):
        raise (LastAdministratorError if before else FirstAdministratorError)(account=account)
    give_roles(connection, account, roles, by=by, now=now)


def _demand(connection: sa.Connection, order: Order) -> None:
    if not may(roles_of_all(connection), order.who, order.role):
        raise NotPermittedError(account=order.who, command=order.command, role=order.role.value)


def _approval(connection: sa.Connection, order: Order, now: datetime) -> Request | None:
    request = request_of_digest(connection, order.digest, since=now - REQUEST_LIVES)
    if request is not None and request.approved:
        use_request(connection, request.id, now=now)
    return request


def _ask(connection: sa.Connection, order: Order, now: datetime) -> Request:
    request = Request(
        id=uuid4(),
        at=now,
        who=order.who,
        role=order.role,
        command=order.command,
        arguments=order.arguments,
        digest=order.digest,
        why=order.why,
    )
    add_request(connection, request)
    return request


def record_of_system(
    connection: sa.Connection, sealer: Sealer, order: Order, *, now: datetime
) -> Act:
    """Record what a system does about its own affairs, in the transaction that does it.

    Its credential is what lets it; no account of the machine has a part in it.
    """
    return _record(connection, sealer, order, None, now)


def _record(
    connection: sa.Connection,
    sealer: Sealer,
    order: Order,
    request: Request | None,
    now: datetime,
) -> Act:
    act = Act(
        id=uuid4(),
        at=now,
        who=order.who,
        role=order.role,
        command=order.command,
        arguments=order.arguments,
        why=order.why,
        approved_by=request.answered_by if request else None,
    )
    add_act(connection, act)
    append(connection, [sealer.seal(entry_of(act))])
    return act


def entry_of(act: Act) -> Entry:
    """Return the ledger's entry about an act; what is not in the open is committed to."""
    said = [
        str(act.id),
        act.at.isoformat(timespec="microseconds"),
        act.who,
        act.role.value,
        act.command,
        dict(act.arguments),
        act.why or "",
        act.approved_by or "",
    ]
    return Entry(
        event=Event.ADMINISTRATIVE_ACT,
        at=act.at,
        package_id=act.id,
        body_sha256=hashlib.sha256(encode_canonical(said)).digest(),
        facts={"command": act.command, "role": act.role.value},
        who=act.who,
        why=act.why,
    )
