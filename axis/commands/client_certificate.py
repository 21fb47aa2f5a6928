"""``axis system certificate bind|list|release``: certificates that speak for systems in TLS."""

from __future__ import annotations

import click

from axis.commands.credentials import (
    after_days,
    demand_system,
    instant_now,
    scope_option,
    scopes_of,
    term_row,
)
from axis.commands.language import translate
from axis.commands.office import by_option
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.argument("digest", metavar="SHA256")
@scope_option
@click.option("--days", type=click.IntRange(min=1), help="How long; default: as it is valid.")
@by_option
@json_option
@click.pass_obj
def bind(
    session: Session,
    system_id: str,
    digest: str,
    scope_words: tuple[str, ...],
    days: int | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Let a registered certificate prove in TLS that a caller is SYSTEM.

    The certificate is named by the first digits of its SHA-256; ``axis cert register`` adds one.

    \b
    Examples:
      axis system certificate bind vpubnd-h49 9c41e2
      axis system certificate bind vpubnd-h49 9c41e2 --scope receive --json
    """
    from axis.access.values import ClientCertificate, Term
    from axis.store.access import bind_client_certificate
    from axis.store.engine import transaction
    from axis.store.trust import find_certificate

    now = instant_now()
    with transaction(session.engine) as connection:
        demand_system(connection, system_id)
        certificate = find_certificate(connection, digest)
        changed = bind_client_certificate(
            connection,
            ClientCertificate(
                sha256=certificate.sha256,
                system_id=system_id,
                scopes=scopes_of(scope_words),
                term=Term(
                    created_at=now,
                    expires_at=after_days(now, days) if days else certificate.not_after,
                ),
                created_by=recorded_by,
            ),
        )
    if as_json:
        show_object({"sha256": certificate.sha256, "system_id": system_id, "changed": changed})
    else:
        done = translate("is bound to") if changed else translate("was bound before to")
        say(f"{certificate.sha256.hex()[:12]} {done} {system_id}")


@click.command("list")
@click.argument("system_id", metavar="SYSTEM", required=False)
@rows_option
@click.pass_obj
def list_(session: Session, system_id: str | None, as_json: bool) -> None:
    """List the certificates that speak for systems.

    \b
    Examples:
      axis system certificate list
      axis system certificate list vpubnd-h49 --json
    """
    from axis.store.access import list_client_certificates
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        rows = [
            {
                "sha256": one.sha256,
                "system_id": one.system_id,
                "scopes": " ".join(sorted(one.scopes)),
                **term_row(one.term),
                "created_by": one.created_by,
            }
            for one in list_client_certificates(connection, system_id=system_id)
        ]
    columns = ("sha256", "system_id", "scopes", "state", "expires_at")
    show_rows(rows, as_json=as_json, columns=columns)


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.argument("digest", metavar="SHA256")
@json_option
@click.pass_obj
def release(session: Session, system_id: str, digest: str, as_json: bool) -> None:
    """End what a certificate says for SYSTEM; its offices may still sign with it.

    \b
    Examples:
      axis system certificate release vpubnd-h49 9c41e2
      axis system certificate release vpubnd-h49 9c41e2 --json
    """
    from axis.store.access import release_client_certificate
    from axis.store.engine import transaction
    from axis.store.trust import find_certificate

    with transaction(session.engine) as connection:
        certificate = find_certificate(connection, digest)
        changed = release_client_certificate(
            connection, certificate.sha256, system_id, at=instant_now()
        )
    if as_json:
        show_object({"sha256": certificate.sha256, "system_id": system_id, "changed": changed})
    else:
        say(
            "{sha256}: {how}",
            sha256=certificate.sha256.hex()[:12],
            how=translate("released") if changed else translate("was not bound"),
        )
