"""``axis cert``: the registry of the offices' certificates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from axis.commands.language import translate
from axis.commands.office import instant_of
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.trust.material import Material
    from axis.trust.registry import RegisteredCertificate

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_COLUMNS = ("sha256", "subject", "offices", "state", "not_after", "issuer")
_T = TypeVar("_T")


@click.command
@click.argument("file", type=_FILE)
@click.option("--office", help="Code of the office that it speaks for.")
@click.option("--from", "since", metavar="TIME", help="Speaks for it from; default: now.")
@click.option("--until", metavar="TIME", help="Speaks for it until; default: while it is valid.")
@click.option("--password", help="Of a P12 file.")
@json_option
@click.pass_obj
def register(
    session: Session,
    file: Path,
    office: str | None,
    since: str | None,
    until: str | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Register a certificate (PEM, DER, P7B, P12) and let it speak for an office.

    The certificates of an office may overlap, so that a new one is in force before the old ends.

    \b
    Examples:
      axis cert register g22.pem --office G22
      axis cert register h49.p7b --office H49 --from 2026-07-01 --until 2028-07-01
    """
    from axis.store.trust import bind_certificate, register_certificate
    from axis.trust.certificates import read_one

    now = datetime.now(UTC)
    secret = password.encode() if password is not None else None
    certificate = read_one(file.read_bytes(), source=str(file), password=secret)

    def record(connection: sa.Connection) -> tuple[bool, bool]:
        new = register_certificate(connection, certificate, at=now)
        bound = False
        if office is not None:
            bound = bind_certificate(
                connection,
                certificate.sha256,
                _office_id(connection, office, now),
                valid_from=instant_of(since),
                valid_to=instant_of(until) if until else None,
            )
        return new, bound

    new, bound = _in_transaction(session, record)
    if as_json:
        show_object(
            {
                "sha256": certificate.sha256.hex(),
                "office": office,
                "registered": new,
                "bound": bound,
            }
        )
    else:
        what = "registered" if new else "known already"
        what += f", speaks for {office}" if bound else ""
        say(f"{certificate.sha256.hex()[:12]} {certificate.subject}: {what}")


@click.command("list")
@click.option("--office", help="Only those that speak for this office, by its code.")
@rows_option
@click.pass_obj
def list_(session: Session, office: str | None, as_json: bool) -> None:
    """List the registered certificates, the one that expires first at the top.

    \b
    Examples:
      axis cert list
      axis cert list --office H49 --json
    """
    _list(session, as_json=as_json, office=office, before=None)


@click.command
@click.option("--days", type=click.IntRange(0, 3650), default=30, help="Within how many days.")
@rows_option
@click.pass_obj
def expiring(session: Session, days: int, as_json: bool) -> None:
    """List the certificates that expire soon or have expired.

    \b
    Examples:
      axis cert expiring
      axis cert expiring --days 90 --json
    """
    _list(session, as_json=as_json, office=None, before=datetime.now(UTC) + timedelta(days=days))


@click.command
@click.argument("digest")
@json_option
@click.pass_obj
def show(session: Session, digest: str, as_json: bool) -> None:
    """Show a certificate by the first digits of its SHA-256.

    \b
    Examples:
      axis cert show 3f2a91
      axis cert show 3f2a91 --json
    """
    from axis.store.trust import find_certificate

    now = datetime.now(UTC)

    def read(connection: sa.Connection) -> dict[str, Any]:
        return _facts(find_certificate(connection, digest), now, _codes(connection, now))

    facts = _in_transaction(session, read)
    if as_json:
        show_object(facts)
    else:
        for name, value in facts.items():
            click.echo(f"{translate(name.replace('_', ' ')):20} {_plain(value)}")


@click.command
@click.argument("digest")
@click.option("--reason", required=True, help="Why; it is kept with the certificate.")
@json_option
@click.pass_obj
def revoke(session: Session, digest: str, reason: str, as_json: bool) -> None:
    """Refuse a registered certificate from now on, whatever its authority says.

    What was accepted before stays accepted.

    \b
    Examples:
      axis cert revoke 3f2a91 --reason "mất thẻ"
      axis cert revoke 3f2a91 --reason "key compromise" --json
    """
    from axis.store.trust import find_certificate, revoke_certificate

    now = datetime.now(UTC)

    def record(connection: sa.Connection) -> tuple[bytes, bool]:
        known = find_certificate(connection, digest)
        return known.sha256, revoke_certificate(connection, known.sha256, at=now, reason=reason)

    sha256, done = _in_transaction(session, record)
    if as_json:
        show_object({"sha256": sha256.hex(), "revoked": done})
    else:
        say(
            "{sha256}: {how}",
            sha256=sha256.hex()[:12],
            how=translate("refused from now on") if done else translate("was refused already"),
        )


@click.command
@click.argument("digest", required=False)
@rows_option
@click.pass_obj
@click.pass_context
def check(context: click.Context, session: Session, digest: str | None, as_json: bool) -> None:
    """Check certificates as at acceptance now: in force, path to an anchor, fresh revocation lists.

    \b
    Examples:
      axis cert check
      axis cert check 3f2a91 --json
    """
    from axis.errors import AxisError, Fault
    from axis.store.trust import find_certificate, list_certificates
    from axis.trust.certificates import read_der
    from axis.trust.path import judge_of

    now = datetime.now(UTC)
    chosen = _in_transaction(
        session,
        lambda connection: (
            [find_certificate(connection, digest)] if digest else list_certificates(connection)
        ),
    )
    judge = judge_of(_material(session))
    rows = []
    faults = set()
    for each in chosen:
        row: dict[str, Any] = {"sha256": each.sha256.hex(), "subject": each.subject}
        row |= {"state": each.state(now).value, "path": "valid", "code": None, "reason": None}
        try:
            judge.judge(read_der(each.der), now)
        except AxisError as error:
            faults.add(error.fault)
            path = "invalid" if error.fault is Fault.INPUT else "unknown"
            row |= {"path": path, "code": error.code, "reason": error.refusal.text(session.lang)}
        rows.append(row)
    show_rows(rows, as_json=as_json, columns=("sha256", "subject", "state", "path", "reason"))
    if faults:
        context.exit(1 if Fault.INPUT in faults else 3)


@click.command
@rows_option
@click.pass_obj
@click.pass_context
def fetch(context: click.Context, session: Session, as_json: bool) -> None:
    """Fetch the revocation lists and OCSP answers that the settings name; no worse one is taken.

    The clock does the same on schedule ([trust] fetch_every_s).

    \b
    Examples:
      axis cert fetch
      axis cert fetch --json
    """
    from axis.trust.fetch import fetch_lists

    settings = session.settings
    rows = [
        {
            "url": each.url,
            "outcome": each.outcome,
            "next_update": each.next_update,
            "subject": None,
            "reason": each.refusal.text(session.lang) if each.refusal else None,
        }
        for each in fetch_lists(
            settings.trust.crl_urls, settings.path(settings.trust.crls), now=datetime.now(UTC)
        )
    ]
    rows += _answers(session)
    show_rows(rows, as_json=as_json, columns=("url", "outcome", "next_update", "subject", "reason"))
    if any(row["outcome"] == "failed" for row in rows):
        context.exit(3)


def _answers(session: Session) -> list[dict[str, Any]]:
    """Ask the OCSP responders of the settings about the registered certificates in force."""
    from axis.store.trust import list_certificates
    from axis.trust.certificates import read_der
    from axis.trust.fetch_answers import fetch_answers
    from axis.trust.registry import CertificateState

    settings, now = session.settings, datetime.now(UTC)
    if not settings.trust.ocsp_urls:
        return []
    material = _material(session)
    known = _in_transaction(session, list_certificates)
    found = fetch_answers(
        [read_der(one.der) for one in known if one.state(now) is CertificateState.ACTIVE],
        (*material.intermediates, *material.anchors),
        settings.trust.ocsp_urls,
        settings.path(settings.trust.crls),
        clock=lambda: datetime.now(UTC),
    )
    return [
        {
            "url": each.url,
            "outcome": each.outcome,
            "next_update": each.until,
            "subject": each.subject,
            "reason": each.refusal.text(session.lang) if each.refusal else None,
        }
        for each in found
    ]


def _list(session: Session, *, as_json: bool, office: str | None, before: datetime | None) -> None:
    from axis.store.trust import list_certificates

    now = datetime.now(UTC)

    def read(connection: sa.Connection) -> list[dict[str, Any]]:
        office_id = _office_id(connection, office, now) if office else None
        found = list_certificates(connection, office_id=office_id, expiring_before=before)
        codes = _codes(connection, now)
        return [_facts(each, now, codes) for each in found]

    rows = _in_transaction(session, read)
    if not as_json:
        rows = [
            {
                **row,
                "sha256": row["sha256"][:12],
                "offices": ", ".join(b["office"] for b in row["offices"]),
            }
            for row in rows
        ]
    show_rows(rows, as_json=as_json, columns=_COLUMNS)


def _facts(
    each: RegisteredCertificate, now: datetime, codes: Callable[[str], str]
) -> dict[str, Any]:
    return {
        "sha256": each.sha256.hex(),
        "spki_sha256": each.spki_sha256.hex(),
        "subject": each.subject,
        "issuer": each.issuer,
        "serial": each.serial,
        "state": each.state(now).value,
        "not_before": each.not_before,
        "not_after": each.not_after,
        "registered_at": each.registered_at,
        "revoked_at": each.revoked_at,
        "revocation_reason": each.revocation_reason,
        "offices": [
            {"office": codes(b.office_id), "from": b.valid_from, "until": b.valid_to}
            for b in each.bindings
        ],
    }


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(
            f"{b['office']} from {b['from']:%Y-%m-%d %H:%M}"
            + (f" until {b['until']:%Y-%m-%d %H:%M}" if b["until"] else "")
            for b in value
        )
    if value is None:
        return "–"
    return str(value)


def _codes(connection: sa.Connection, now: datetime) -> Callable[[str], str]:
    """Return what tells the code of an office; its key, where it has none now."""
    from axis.store.directory import load_directory

    directory = load_directory(connection)

    def code(office_id: str) -> str:
        office = directory.office(office_id, now)
        return office.code if office is not None and office.code else office_id

    return code


def _office_id(connection: sa.Connection, code: str, now: datetime) -> str:
    from axis.directory.errors import OfficeUnknownError
    from axis.store.directory import load_directory

    office = load_directory(connection).find(code, now)
    if office is None:
        raise OfficeUnknownError(code=code, at=now.isoformat())
    return office.office_id


def _material(session: Session) -> Material:
    from axis.trust.material import load_folders

    settings = session.settings
    return load_folders(
        settings.path(settings.trust.anchors),
        settings.path(settings.trust.intermediates),
        settings.path(settings.trust.crls),
    )


def _in_transaction(session: Session, work: Callable[[sa.Connection], _T]) -> _T:
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        return work(connection)
