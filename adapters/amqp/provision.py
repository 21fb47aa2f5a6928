"""Makes a system's account in RabbitMQ be as it should: first the plan, then each of its steps.

The plan compares what is there with what should be, so that applying it again changes nothing, and
what somebody widened by hand is shown and taken back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

from adapters.amqp.management import Management
from adapters.amqp.permissions import (
    AXIS,
    SYSTEM,
    SYSTEM_TOPICS,
    USER_LIMITS,
    VHOST_LIMITS,
    Grant,
)

PASSWORD_BYTES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing of the account: as it is, and what must be done."""

    what: str
    action: Literal["create", "change", "remove", "keep"]
    was: str = ""
    will: str = ""
    method: str = ""
    path: str = ""
    body: object = field(default=None, repr=False)  #: may hold a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account is to be."""

    name: str  #: of the user and of its virtual host
    axis_user: str  #: the axis's own user, which serves the virtual host
    password: str | None = field(default=None, repr=False)  #: new; None keeps the one that is there
    external: bool = False  #: no password at all: the user comes with a certificate of this name


def new_password() -> str:
    """Return a password of 192 random bits."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def has_user(management: Management, name: str) -> bool:
    """Say whether RabbitMQ has a user.

    Raises:
        ManagementError: the API does not answer.
    """
    return management.get(f"/users/{_q(name)}") is not None


def plan_account(management: Management, account: Account) -> Sequence[Step]:
    """Return the steps to an account, also those that need nothing.

    Raises:
        ManagementError: the API does not answer.
    """
    return list(_steps(management, account))


def plan_removal(management: Management, name: str) -> Sequence[Step]:
    """Return the steps that end an account; what stands in its queues goes with it.

    Raises:
        ManagementError: the API does not answer.
    """
    steps = []
    for what, path in (("user", f"/users/{_q(name)}"), ("virtual host", f"/vhosts/{_q(name)}")):
        there = management.get(path) is not None
        steps.append(
            Step(
                what=what,
                action="remove" if there else "keep",
                was=name if there else "",
                method="DELETE",
                path=path,
            )
        )
    return steps


def apply_steps(management: Management, steps: Sequence[Step]) -> None:
    """Do what is to be done, in order. Cut off in the middle, the same again does the rest.

    Raises:
        ManagementError: RabbitMQ said no.
    """
    for step in steps:
        if step.action == "keep":
            continue
        if step.method == "DELETE":
            management.delete(step.path)
        else:
            management.put(step.path, step.body)


def _steps(management: Management, account: Account) -> Iterator[Step]:
    name, key = account.name, _q(account.name)
    vhost = management.get(f"/vhosts/{key}")
    # The virtual host first: permissions are in it. Nobody can enter it yet.
    yield _step("virtual host", f"/vhosts/{key}", None if vhost is None else name, name, {})
    yield from _user(management, account)
    permissions = {row["user"]: row for row in (management.get(f"/vhosts/{key}/permissions") or [])}
    for user, grant in ((account.axis_user, AXIS), (name, SYSTEM)):
        yield _step(
            f"permissions of {user}",
            f"/permissions/{key}/{_q(user)}",
            _shown(permissions.get(user)),
            _shown_grant(grant),
            {"configure": grant.configure, "write": grant.write, "read": grant.read},
        )
    topics = {
        row["exchange"]: row
        for row in (management.get(f"/topic-permissions/{key}/{key}") or [])
        if isinstance(row, Mapping)
    }
    topic = topics.get(SYSTEM_TOPICS.exchange)
    yield _step(
        f"routing keys of {name}",
        f"/topic-permissions/{key}/{key}",
        f"{topic['exchange']}: write {topic['write']} read {topic['read']}" if topic else None,
        f"{SYSTEM_TOPICS.exchange}: write {SYSTEM_TOPICS.write} read {SYSTEM_TOPICS.read}",
        {
            "exchange": SYSTEM_TOPICS.exchange,
            "write": SYSTEM_TOPICS.write,
            "read": SYSTEM_TOPICS.read,
        },
    )
    yield from _foreign(management, account, permissions, created=vhost is None)
    yield from _limits(management, name)


def _user(management: Management, account: Account) -> Iterator[Step]:
    path = f"/users/{_q(account.name)}"
    user = management.get(path)
    by = "certificate" if account.external else "password"
    was = None
    if user is not None:
        tags = user.get("tags") or []
        tags = ",".join(tags) if isinstance(tags, list) else tags
        was = f"by {'password' if user.get('password_hash') else 'certificate'}"
        was += f", administers: {tags}" if tags else ""
    body: dict[str, Any] = {"tags": ""}
    if account.external:
        body["password_hash"] = ""  # then no password is right
    elif account.password is not None:
        body["password"] = account.password
    elif user is not None:
        body |= {"password_hash": user["password_hash"], "hashing_algorithm": _hashing(user)}
    step = _step("user", path, was, f"by {by}", body)
    if account.password is not None and step.action == "keep":
        step = Step(
            what="user", action="change", was=was or "", will=f"by {by}, a new one", method="PUT",
            path=path, body=body,
        )  # fmt: skip
    yield step


def _foreign(
    management: Management, account: Account, permissions: Mapping[str, Any], *, created: bool
) -> Iterator[Step]:
    """Take back whatever lets somebody else in here, or this user in elsewhere."""
    key, own = _q(account.name), {account.name, account.axis_user}
    others = set(permissions) - own
    if created and management.user not in own:
        others.add(management.user)  # RabbitMQ lets in who makes a virtual host
    for user in sorted(others):
        yield Step(
            what=f"permissions of {user}",
            action="remove",
            was=_shown(permissions.get(user)) or "who made the virtual host",
            method="DELETE",
            path=f"/permissions/{key}/{_q(user)}",
        )
    for row in management.get(f"/users/{key}/permissions") or []:
        if row["vhost"] != account.name:
            yield Step(
                what=f"permissions in {row['vhost']}",
                action="remove",
                was=_shown(row) or "",
                method="DELETE",
                path=f"/permissions/{_q(row['vhost'])}/{key}",
            )


def _limits(management: Management, name: str) -> Iterator[Step]:
    key = _q(name)
    for kind, limits in (("user", USER_LIMITS), ("vhost", VHOST_LIMITS)):
        rows = management.get(f"/{kind}-limits/{key}") or []
        now = rows[0]["value"] if rows else {}
        for limit, value in limits.items():
            was = str(now[limit]) if limit in now else None
            path = f"/{kind}-limits/{key}/{limit}"
            yield _step(f"limit {kind} {limit}", path, was, str(value), {"value": value})


def _step(what: str, path: str, was: str | None, will: str, body: object) -> Step:
    action: Literal["create", "change", "keep"] = "create"
    if was is not None:
        action = "keep" if was == will else "change"
    return Step(
        what=what, action=action, was=was or "", will=will, method="PUT", path=path, body=body
    )


def _shown(row: Mapping[str, Any] | None) -> str | None:
    if row is None:
        return None
    return _shown_grant(Grant(configure=row["configure"], write=row["write"], read=row["read"]))


def _shown_grant(grant: Grant) -> str:
    return f"configure {grant.configure} write {grant.write} read {grant.read}"


def _hashing(user: Mapping[str, Any]) -> str:
    return str(user.get("hashing_algorithm") or "rabbit_password_hashing_sha256")


def _q(name: str) -> str:
    return quote(name, safe="")
