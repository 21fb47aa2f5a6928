"""``axis hold`` and ``axis purge``: what is kept, and what goes when its time is over."""

from __future__ import annotations

import click

from axis.commands.language import translate
from axis.commands.logs import progress_bar
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session


@click.command
@click.argument("document")
@click.option("--why", required=True, help="The reason, for the ledger.")
@click.option("--by", "who", help="Who orders it; default: the account.")
@click.option("--lift", "lifted", is_flag=True, help="Lift the hold instead.")
@json_option
@click.pass_obj
def hold(
    session: Session, document: str, why: str, who: str | None, lifted: bool, as_json: bool
) -> None:
    """Keep the bytes of DOCUMENT whatever their age: a DocumentId, a number/notation, or an id.

    \b
    Examples:
      axis hold 7816/VPCP-TTĐT --why 'inspection 12/2026'
      axis hold 7816/VPCP-TTĐT --lift --why 'inspection closed'
    """
    from datetime import UTC, datetime
    from getpass import getuser

    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file
    from axis.retention.hold import hold as keep
    from axis.retention.hold import lift

    settings = session.settings
    changed = (lift if lifted else keep)(
        session.engine,
        Sealer(read_key_file(settings.path(settings.notary.salt_key))),
        document,
        who=who or getuser(),
        why=why,
        now=datetime.now(UTC),
    )
    if as_json:
        show_object({"held": not lifted, "packages": changed})
    else:
        say(
            "{changed} packages {how}",
            changed=len(changed),
            how=translate("need not be kept any more") if lifted else translate("are kept"),
        )


@click.command
@click.option("--yes", is_flag=True, help="Do it; without it, only show what would go.")
@json_option
@click.pass_obj
def purge(session: Session, yes: bool, as_json: bool) -> None:
    """Remove bodies whose time is over; digests, ledger entries and receipts stay.

    How long each class is kept stands in [retention] of the settings; 0 keeps it for ever.
    Attachments that came apart go with the last package that names them. A purge that was
    interrupted is finished by the next one.

    \b
    Examples:
      axis purge
      axis purge --yes --json
    """
    from datetime import UTC, datetime, timedelta

    from axis.bodies import open_bodies
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file
    from axis.parts.collect import collect
    from axis.retention.classes import classes
    from axis.retention.purge import purge as remove
    from axis.store.engine import transaction
    from axis.store.retention import count_purgeable
    from axis.store.types import load_types

    settings, now = session.settings, datetime.now(UTC)
    with transaction(session.engine) as connection:
        retentions = classes(settings.retention, load_types(connection).keeps())
        found = [
            count_purgeable(
                connection,
                kind=one.kind,
                accepted=one.accepted,
                before=now - timedelta(days=one.days),
            )
            for one in retentions
            if one.days
        ]
    would_go, size_bytes = sum(count for count, _ in found), sum(size for _, size in found)
    if not yes:
        if as_json:
            show_object({"would_go": would_go, "size_bytes": size_bytes})
        else:
            say(
                "{count} bodies of {size} MB would go; repeat it with --yes",
                count=would_go,
                size=f"{size_bytes / 1e6:.1f}",
            )
        return
    with progress_bar(translate("purge")) as progress:
        done = remove(
            session.engine,
            open_bodies(settings),
            Sealer(read_key_file(settings.path(settings.notary.salt_key))),
            retentions,
            now=now,
            progress=lambda so_far: progress(so_far.removed + so_far.kept, would_go),
        )
    parts = collect(session.engine, open_bodies(settings), settings.parts, now=now)
    if as_json:
        show_object(
            {
                "recorded": done.recorded,
                "parts": parts.ended,
                "removed": done.removed,
                "kept": done.kept,
                "size_bytes": done.size_bytes,
            }
        )
    else:
        say(
            "{recorded} bodies recorded, {removed} removed, {kept} still needed",
            recorded=done.recorded,
            removed=done.removed,
            kept=done.kept,
        )
        say(
            "{ended} attachments that came apart ended, {removed} removed",
            ended=parts.ended,
            removed=parts.removed,
        )
