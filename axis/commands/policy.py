"""``axis policy``: who may send what to whom, and which systems may sign weakly until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from axis.commands.office import at_option, instant_of, open_directory
from axis.commands.output import instant, json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory

_TYPES = click.Choice(["new", "recall", "update", "replace", "status"])
_SIGNING = click.Choice(["strict", "legacy-sha1", "legacy-unsigned"])


@click.command
@click.argument("sender", metavar="FROM")
@click.argument("recipient", metavar="TO")
@click.argument("message", metavar="TYPE", type=_TYPES)
@at_option
@json_option
@click.pass_obj
@click.pass_context
def check(
    context: click.Context,
    session: Session,
    sender: str,
    recipient: str,
    message: str,
    at_text: str | None,
    as_json: bool,
) -> None:
    """Explain whether an office may send such a message to another; exit 0 yes, 1 no.

    TYPE is new, recall, update, replace or status.

    \b
    Examples:
      axis policy check G22 H49 new
      axis policy check H49.12 G22 replace --at 2026-07-01 --json
    """
    from axis.admission.policy import MessageType, decide, parse_policy

    at = instant_of(at_text)
    directory = open_directory(session)
    policy = parse_policy(session.settings.policy.rules)
    from_id, to_id = _office_id(directory, sender, at), _served_id(directory, recipient, at)
    kind = message if message.startswith("type=") else MessageType(message)
    decision = decide(policy, from_id, to_id, kind, directory=directory, at=at)
    rule = decision.rule
    facts: dict[str, Any] = {
        "allowed": decision.is_allowed,
        "sender": _told(directory, from_id, at),
        "recipient": _told(directory, to_id, at),
        "type": message,
        "at": instant(at),
        "rule": rule.text if rule else None,
        "reason": rule.reason or None if rule else "no rule fits: an office may send to any office",
    }
    if as_json:
        show_object(facts)
    else:
        for name, value in facts.items():
            click.echo(f"{name:10} {value if value is not None else '–'}")
    if not decision.is_allowed:
        context.exit(1)


@click.command
@click.argument("system_id")
@click.argument("policy", type=_SIGNING)
@click.option("--until", metavar="DAY", help="The leave ends then; needed for a legacy policy.")
@click.option("--reason", default="", help="Why; needed for a legacy policy.")
@json_option
@click.pass_obj
def signing(
    session: Session,
    system_id: str,
    policy: str,
    until: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Let one system send weakly signed packages until a date, or end that.

    Every such package is marked as weak in the ledger and in its receipt.

    \b
    Examples:
      axis policy signing old-eoffice legacy-sha1 --until 2026-12-31 --reason "thay phần mềm"
      axis policy signing old-eoffice strict
    """
    from axis.directory.errors import SystemUnknownError
    from axis.store.engine import transaction
    from axis.store.trust import set_signature_policy
    from axis.trust.registry import SignaturePolicy

    now = datetime.now(UTC)
    chosen = SignaturePolicy(policy)
    if chosen is not SignaturePolicy.STRICT and not (until and reason):
        raise click.UsageError("a legacy policy needs --until and --reason")
    end = instant_of(until) if until else now
    if open_directory(session).system(system_id) is None:
        raise SystemUnknownError(system_id=system_id)
    with transaction(session.engine) as connection:
        set_signature_policy(connection, system_id, chosen, until=end, reason=reason, at=now)
    if as_json:
        show_object({"system_id": system_id, "policy": policy, "until": instant(end)})
    else:
        ends = "" if chosen is SignaturePolicy.STRICT else f" until {instant(end)}"
        say(f"{system_id}: {policy}{ends}")


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the rules of who may send what to whom, and the systems that may sign weakly.

    \b
    Examples:
      axis policy list
      axis policy list --json
    """
    from axis.admission.policy import parse_policy
    from axis.store.engine import transaction
    from axis.store.trust import list_signature_policies

    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {"kind": "rule", "what": rule.text, "until": None, "state": "active"}
        for rule in parse_policy(session.settings.policy.rules).rules
    ]
    with transaction(session.engine) as connection:
        rows += [
            {
                "kind": "signing",
                "what": f"{each.system_id} {each.policy} ({each.reason})",
                "until": instant(each.until),
                "state": "active" if now < each.until else "over",
            }
            for each in list_signature_policies(connection)
        ]
    show_rows(rows, as_json=as_json, columns=("kind", "what", "until", "state"))


def _office_id(directory: Directory, code: str, at: datetime) -> str:
    from axis.directory.errors import OfficeUnknownError

    office = directory.find(code, at)
    if office is None:
        raise OfficeUnknownError(code=code, at=instant(at))
    return office.office_id


def _served_id(directory: Directory, code: str, at: datetime) -> str:
    """Return the office that a message to a code is served to; of a held one, the one written."""
    return directory.resolve(code, at).office_id


def _told(directory: Directory, office_id: str, at: datetime) -> str:
    office = directory.office(office_id, at)
    return f"{office.code} {office.name} ({office.level.value})" if office else office_id
