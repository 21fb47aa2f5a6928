"""``axis enrollment new|list|approve|reject``: offices that ask for their place at the axis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.credentials import instant_now
from axis.commands.office import by_option
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.store.enrollment import Enrollment
    from axis.trust.certificates import Certificate

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.argument("office")
@click.option("--system", "system_id", help="Its system; default: made of the office's code.")
@click.option("--url", required=True, help="Where the office reaches the axis.")
@click.option("--ca", type=_FILE, help="Authority of the axis's own certificate (PEM), if private.")
@click.option("--days", type=click.IntRange(1, 90), default=7, help="How long the code counts.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@by_option
@json_option
@click.pass_obj
def new(
    session: Session,
    office: str,
    system_id: str | None,
    url: str,
    ca: Path | None,
    days: int,
    out: Path | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Make a bundle by which the agent of OFFICE can ask for its place.

    It holds a one-time code; hand it over like a password. The code alone gives nothing: somebody
    must approve what is asked with it.

    \b
    Examples:
      axis enrollment new H41.12 --url https://truc.example.vn --out H41.12.toml
      axis enrollment new H41.12 --url https://10.0.0.5:8443 --ca axis-ca.pem --json
    """
    import tomli_w

    from axis.commands.logs import newest_log, own_key
    from axis.enrollment.desk import offer

    settings, now = session.settings, instant_now()
    system = system_id or "agent-" + "".join(
        letter if letter.isalnum() else "-" for letter in office.lower()
    )
    code = offer(
        session.engine,
        office_code=office,
        system_id=system,
        by=recorded_by,
        now=now,
        days=days,
    )
    anchors = settings.path(settings.trust.anchors)
    between = settings.path(settings.trust.intermediates)
    bundle = {
        "url": url,
        "office": office,
        "code": code.text,
        "log_key": str(own_key(session, newest_log(session.engine, None))),
        "ca": ca.read_text(encoding="utf-8") if ca else "",
        "crl_urls": list(settings.trust.crl_urls),
        "anchors": _certificates(anchors),
        "intermediates": _certificates(between),
    }
    path = out or Path(f"{office}.toml")
    path.touch(mode=0o600)
    path.write_bytes(tomli_w.dumps(bundle).encode())
    if as_json:
        show_object({"id": code.id, "office": office, "system_id": system, "file": str(path)})
    else:
        say(
            "{path}: bundle {id} for {office}, counts for {days} days",
            path=path,
            id=code.id,
            office=office,
            days=days,
        )
        say("at the office: axis agent enroll {name}", name=path.name)


@click.command("list")
@click.option("--request", "show_request", metavar="ID", help="Print what was asked, for a CA.")
@rows_option
@click.pass_obj
def list_(session: Session, show_request: str | None, as_json: bool) -> None:
    """List who has asked for a place, with the fingerprint to compare over the telephone.

    \b
    Examples:
      axis enrollment list
      axis enrollment list --request 4f1c9a20b7d3 > office.csr
    """
    from axis.enrollment.errors import EnrollmentUnknownError
    from axis.enrollment.request import fingerprint_of
    from axis.store.engine import transaction
    from axis.store.enrollment import list_enrollments

    with transaction(session.engine) as connection:
        found = list_enrollments(connection)
    if show_request is not None:
        asked = next((one.request_pem for one in found if one.id == show_request), None)
        if asked is None:
            raise EnrollmentUnknownError
        click.echo(asked, nl=False)
        return
    now = instant_now()
    rows = [
        {
            "id": one.id,
            "office": one.office_code,
            "system_id": one.system_id,
            "state": "over" if _is_over(one) and one.expires_at <= now else one.state,
            "fingerprint": fingerprint_of(one.spki) if one.spki else None,
            "has_certificate": one.certificate_der is not None,
            "requested_at": one.requested_at,
            "expires_at": one.expires_at,
            "decided_by": one.decided_by,
        }
        for one in found
    ]
    columns = ("id", "office", "state", "fingerprint", "has_certificate", "requested_at")
    show_rows(rows, as_json=as_json, columns=columns)


@click.command
@click.argument("enrollment_id", metavar="ID")
@click.option("--fingerprint", required=True, help="As the office has read it out.")
@click.option("--certificate", type=_FILE, help="What an authority made of the request.")
@click.option(
    "--authority",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a trial authority (axis cert init) that certifies the key here.",
)
@by_option
@json_option
@click.pass_obj
def approve(
    session: Session,
    enrollment_id: str,
    fingerprint: str,
    certificate: Path | None,
    authority: Path | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Let an office in: register its certificate, bind it, and connect its system.

    \b
    Examples:
      axis enrollment approve 4f1c9a20b7d3 --fingerprint 9c41-e2aa-07b1-55d0-f3c2
      axis enrollment approve 4f1c9a20b7d3 --fingerprint 9c41-e2aa-07b1-55d0-f3c2 --authority ca
    """
    from axis.directory.values import ReceivesBy
    from axis.enrollment.desk import approve as approve_at_desk
    from axis.enrollment.errors import CertificateNeededError
    from axis.store.directory_systems import connect_system, has_system
    from axis.store.engine import transaction
    from axis.trust.certificates import read_one
    from axis.trust.pki import certify

    now = instant_now()

    def certificate_for(one: Enrollment) -> Certificate:
        if certificate is not None:
            return read_one(certificate.read_bytes(), source=str(certificate))
        if authority is None or one.spki is None:
            raise CertificateNeededError(reason="–")
        return certify(authority, one.spki, name=one.office_code, code=one.office_code, now=now)

    found = approve_at_desk(
        session.engine,
        enrollment_id,
        fingerprint=fingerprint,
        certify=certificate_for,
        by=recorded_by,
        now=now,
    )
    # The agent can collect from here on; until its system is connected, what comes is held for it.
    with transaction(session.engine) as connection:
        known = has_system(connection, found.system_id)
    if not known:
        connect_system(
            session.engine,
            found.system_id,
            [found.office_code],
            name=f"agent of {found.office_code}",
            receives_by=ReceivesBy.POLL,
            by=recorded_by,
            at=now,
        )
    if as_json:
        show_object({"id": found.id, "office": found.office_code, "system_id": found.system_id})
    else:
        say(
            "{office_code} is approved; its agent collects what it needs by itself",
            office_code=found.office_code,
        )


@click.command
@click.argument("enrollment_id", metavar="ID")
@click.option("--why", required=True, help="The reason, which the office is told.")
@by_option
@json_option
@click.pass_obj
def reject(session: Session, enrollment_id: str, why: str, recorded_by: str, as_json: bool) -> None:
    """Say no to who asks for a place, or call a bundle back.

    \b
    Examples:
      axis enrollment reject 4f1c9a20b7d3 --why 'nobody at the office knows of it'
      axis enrollment reject 4f1c9a20b7d3 --why 'sent to the wrong address' --json
    """
    from axis.enrollment.desk import reject as reject_at_desk

    reject_at_desk(session.engine, enrollment_id, why=why, by=recorded_by, now=instant_now())
    if as_json:
        show_object({"id": enrollment_id, "state": "rejected"})
    else:
        say("{enrollment_id} is rejected", enrollment_id=enrollment_id)


def _is_over(one: Enrollment) -> bool:
    return one.state in {"offered", "requested"}


def _certificates(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return [
        path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.suffix in {".pem", ".crt", ".cer"} and b"BEGIN CERTIFICATE" in path.read_bytes()
    ]
