"""``axis send``: give packages to the axis on its own host and wait for the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, say, show_object, show_refusal, tell
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.errors import Refusal
    from axis.intake import Ticket
    from axis.settings import Settings
    from axis.store.packages import PackageRecord

DOOR = "command"
_PIECE = 1024 * 1024


@click.command
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--system", "system_id", help="The system that sends; default: that of From.")
@click.option(
    "--attachment",
    "attachments",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An attachment that a package signs and does not hold; brought first. Repeatable.",
)
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="Seconds to wait.")
@json_option
@click.pass_context
def send(
    context: click.Context,
    files: tuple[Path, ...],
    system_id: str | None,
    attachments: tuple[Path, ...],
    timeout_s: float,
    as_json: bool,
) -> None:
    """Send signed packages and print each one's answer: a receipt or a rejection.

    Exits 0 if all were accepted, 1 if one was refused, 3 if an answer is still to come.

    \b
    Examples:
      axis send bao-cao.edxml
      axis send *.edxml --system vpubnd-h49 --json
      axis send ho-so.edxml --attachment ban-ve.dwg --attachment video.mp4
    """
    import asyncio
    from datetime import UTC, datetime

    from axis.intake.answer import wait_for_verdicts

    session: Session = context.obj
    settings = session.settings
    engine = session.engine
    senders = [system_id or _system_of_sender(session, file) for file in files]
    if attachments:
        from axis.commands.bring import bring

        for sender in dict.fromkeys(senders):
            bring(settings, engine, attachments, system_id=sender, packages=files)
    since = datetime.now(UTC)
    tickets = asyncio.run(_submit_all(settings, engine, files, senders))
    verdicts = wait_for_verdicts(
        engine, [ticket.package_id for ticket in tickets], timeout_s=timeout_s, since=since
    )
    worst = 0
    for file, ticket in zip(files, tickets, strict=True):
        package = verdicts.get(ticket.package_id)
        if package is None:
            worst = 3
        elif not package.accepted:
            worst = max(worst, 1)
        faults = _all_faults(settings, file, package)
        if as_json:
            _show_json(file, ticket, package, faults)
        else:
            _show(session, file, ticket, package, faults)
    context.exit(worst)


def _show(
    session: Session,
    file: Path,
    ticket: Ticket,
    package: PackageRecord | None,
    faults: list[Refusal],
) -> None:
    if package is None:
        say(
            "{file}: no answer yet; ask again with: axis trace {package_id}",
            file=file,
            package_id=ticket.package_id,
        )
    elif package.refusal is not None:
        tell("{file}: refused  {package_id}", file=file, package_id=ticket.package_id)
        for fault in faults or [package.refusal]:
            show_refusal(fault, session.lang)
    else:
        tell(
            "{file}: accepted  {sign}  {package_id}",
            file=file,
            sign=package.sign or "",
            package_id=ticket.package_id,
        )


def _show_json(
    file: Path, ticket: Ticket, package: PackageRecord | None, faults: list[Refusal]
) -> None:
    refusal = package.refusal if package else None
    show_object(
        {
            "file": str(file),
            "package_id": ticket.package_id,
            "sha256": ticket.digest,
            "verdict": None if package is None else "accepted" if package.accepted else "refused",
            "code": refusal.code if refusal else None,
            "text": {"en": refusal.text("en"), "vi": refusal.text("vi")} if refusal else None,
            "hint": {"en": refusal.hint("en"), "vi": refusal.hint("vi")} if refusal else None,
            "xpath": refusal.place.xpath if refusal and refusal.place else None,
            "line": refusal.place.line if refusal and refusal.place else None,
            "faults": [
                {
                    "code": fault.code,
                    "text": {"en": fault.text("en"), "vi": fault.text("vi")},
                    "xpath": fault.place.xpath if fault.place else None,
                    "line": fault.place.line if fault.place else None,
                }
                for fault in faults
            ],
        }
    )


def _all_faults(settings: Settings, file: Path, package: PackageRecord | None) -> list[Refusal]:
    """Return all that is wrong with a refused envelope, to be mended in one go.

    Nothing where the refusal is about something else.
    """
    if package is None or package.refusal is None:
        return []
    if package.refusal.code.split(".", 1)[0] not in {"schema", "envelope", "attachment"}:
        return []
    from axis.envelope.diagnosis import diagnose
    from axis.envelope.limits import Limits

    limits = Limits(package_bytes=settings.limits.package_bytes)
    return diagnose(file.read_bytes(), limits)


async def _submit_all(
    settings: Settings, engine: sa.Engine, files: tuple[Path, ...], senders: list[str]
) -> list[Ticket]:
    from datetime import UTC, datetime

    from axis.bodies import open_bodies
    from axis.bus.connection import connected, open_channel
    from axis.bus.publisher import Publisher
    from axis.bus.topology import declare_topology
    from axis.intake import submit
    from axis.intake.pressure import Pressure
    from axis.intake.promises import LedgerPromises

    bodies = open_bodies(settings)
    async with connected(settings.amqp.url, name="axis send") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        publisher = Publisher(channel, window=1, timeout_s=settings.amqp.publish_timeout_s)
        pressure = Pressure(
            channel, bodies.root, settings.intake, ledger=LedgerPromises(engine, settings)
        )
        return [
            await submit(
                _pieces(file),
                system_id=sender,
                door=DOOR,
                now=datetime.now(UTC),
                bodies=bodies,
                publisher=publisher,
                max_bytes=settings.limits.package_bytes,
                pressure=pressure,
            )
            for file, sender in zip(files, senders, strict=True)
        ]


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _system_of_sender(session: Session, file: Path) -> str:
    """Return the system that acts for the office in From; the relay checks it again."""
    from datetime import UTC, datetime

    from axis.envelope.limits import Limits, prescan
    from axis.envelope.reader import read
    from axis.envelope.schema import validate
    from axis.envelope.tree import parse_tree
    from axis.errors import AxisError
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    try:
        body = file.read_bytes()
        prescan(body, Limits(package_bytes=session.settings.limits.package_bytes))
        tree = parse_tree(body)
        validate(tree)
        sender = read(tree).sender.organ_id
    except AxisError as error:
        raise click.UsageError(
            f"{file}: the sender cannot be read ({error.code}); name the system with --system"
        ) from error
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
    now = datetime.now(UTC)
    office = directory.find(sender, now)
    system = directory.system_of(office.office_id, now) if office else None
    if system is None:
        raise click.UsageError(
            f"{file}: no system acts for {sender}; name the system with --system"
        )
    return system.system_id
