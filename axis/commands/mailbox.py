"""``axis inbox``, ``axis fetch``, ``axis confirm``: what a system does, on the axis's own host."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from axis.commands.language import translate
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.bodies import Bodies
    from axis.ledger.entry import Sealer


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.option("--office", "code", help="Only what is for the office with this code.")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many at most.",
)
@rows_option
@click.pass_obj
def inbox(session: Session, system_id: str, code: str | None, limit: int, as_json: bool) -> None:
    """List what waits for SYSTEM: urgent first, then oldest.

    \b
    Examples:
      axis inbox vpubnd-h49
      axis inbox vpubnd-h49 --office H49.12 --json
    """
    from axis.mailbox import waiting

    engine, now = session.engine, datetime.now(UTC)
    office_id = _office_id(session, code) if code else None
    rows = [
        {
            "delivery_id": one.delivery.id,
            "to": one.delivery.address,
            "from": one.sender,
            "what": f"{one.kind} {one.status_code}" if one.status_code else one.kind,
            "sign": one.sign,
            "subject": one.subject,
            "lane": one.delivery.lane.value,
            "state": one.delivery.state.value,
            "size_bytes": one.size_bytes,
            "sha256": one.digest,
            "document_id": one.document_id,
            "package_id": one.delivery.package_id,
            "routed_at": one.delivery.routed_at,
            "waits": str(now - one.delivery.routed_at).split(".")[0],
        }
        for one in waiting(engine, system_id, office_id=office_id, limit=limit)
    ]
    show_rows(
        rows,
        as_json=as_json,
        columns=("delivery_id", "to", "from", "what", "sign", "subject", "lane", "state", "waits"),
    )


@click.command
@click.argument("delivery_id", metavar="DELIVERY", type=UUID)
@click.option("--as", "system_id", required=True, help="The system that takes it.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: DELIVERY.edxml. A dash writes to standard output.",
)
@click.option(
    "--parts",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for attachments that came apart; default: DELIVERY.parts.",
)
@json_option
@click.pass_obj
def fetch(
    session: Session,
    delivery_id: UUID,
    system_id: str,
    output: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Take the exact bytes of a delivery; it stays in the inbox until it is confirmed.

    Attachments that came apart are written beside it, under safe names.

    \b
    Examples:
      axis fetch 0d4e2c5a-… --as vpubnd-h49
      axis fetch 0d4e2c5a-… --as vpubnd-h49 -o cong-van.edxml --parts cong-van/
    """
    import hashlib
    from datetime import UTC, datetime

    from axis.bodies import open_bodies
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file
    from axis.mailbox import fetch as take

    settings = session.settings
    bodies = open_bodies(settings)
    sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
    delivery, body = take(
        session.engine,
        bodies,
        sealer,
        delivery_id=delivery_id,
        system_id=system_id,
        now=datetime.now(UTC),
    )
    if output == Path("-"):
        sys.stdout.buffer.write(body)
        if folder is None:
            return
    target = output or Path(f"{delivery_id}.edxml")
    if output != Path("-"):
        target.write_bytes(body)
    taken = _take_parts(
        session,
        bodies,
        sealer,
        folder or Path(f"{delivery_id}.parts"),
        delivery_id=delivery_id,
        system_id=system_id,
    )
    if output == Path("-"):
        return
    if as_json:
        show_object(
            {
                "delivery_id": delivery.id,
                "package_id": delivery.package_id,
                "file": str(target),
                "sha256": hashlib.sha256(body).digest(),
                "size_bytes": len(body),
                "parts": taken,
            }
        )
    else:
        for one in taken:
            say(
                "wrote {file} ({size_bytes} bytes), {name}",
                file=one["file"],
                size_bytes=one["size_bytes"],
                name=one["name"] or translate("no name"),
            )
        say(
            "wrote {target} ({size_bytes} bytes); confirm it when it is safely stored",
            target=target,
            size_bytes=len(body),
        )


@click.command
@click.argument("delivery_ids", metavar="DELIVERY…", type=UUID, nargs=-1, required=True)
@click.option("--as", "system_id", required=True, help="The system that keeps it.")
@json_option
@click.pass_obj
def confirm(
    session: Session, delivery_ids: tuple[UUID, ...], system_id: str, as_json: bool
) -> None:
    """Confirm that a system keeps what it fetched; confirming again is no news.

    \b
    Examples:
      axis confirm 0d4e2c5a-… --as vpubnd-h49
      axis confirm 0d4e2c5a-… 77b1f0de-… --as vpubnd-h49 --json
    """
    from datetime import UTC, datetime

    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file
    from axis.mailbox import confirm as keep

    settings = session.settings
    engine = session.engine
    sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
    for delivery_id in delivery_ids:
        delivery = keep(
            engine, sealer, delivery_id=delivery_id, system_id=system_id, now=datetime.now(UTC)
        )
        if as_json:
            show_object(
                {
                    "delivery_id": delivery.id,
                    "package_id": delivery.package_id,
                    "state": "confirmed",
                }
            )
        else:
            say("{id}: confirmed", id=delivery.id)


def _take_parts(
    session: Session,
    bodies: Bodies,
    sealer: Sealer,
    folder: Path,
    *,
    delivery_id: UUID,
    system_id: str,
) -> list[dict[str, object]]:
    """Write the attachments that came apart into a folder; a file is there whole or not at all."""
    from datetime import UTC, datetime

    from axis.envelope.filenames import file_name
    from axis.mailbox import fetch_part, parts

    taken: list[dict[str, object]] = []
    listed = parts(session.engine, delivery_id=delivery_id, system_id=system_id)
    for number, one in enumerate(listed, 1):
        _, pieces = fetch_part(
            session.engine,
            bodies,
            sealer,
            delivery_id=delivery_id,
            system_id=system_id,
            content_id=one.content_id,
            now=datetime.now(UTC),
        )
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file_name(one.name, number)
        partial = target.with_name(f"{target.name}.part")
        with partial.open("wb") as opened:
            opened.writelines(pieces)
        partial.replace(target)
        taken.append(
            {
                "content_id": one.content_id,
                "name": one.name,
                "content_type": one.content_type,
                "size_bytes": one.size_bytes,
                "sha256": one.digest.hex(),
                "file": str(target),
            }
        )
    return taken


def _office_id(session: Session, code: str) -> str:
    from datetime import UTC, datetime

    from axis.directory.errors import OfficeUnknownError
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    now = datetime.now(UTC)
    with transaction(session.engine) as connection:
        office = load_directory(connection).find(code, now)
    if office is None:
        raise OfficeUnknownError(code=code, at=f"{now:%Y-%m-%d}")
    return office.office_id
