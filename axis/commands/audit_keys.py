"""``axis audit init|key|verify``: the keys of exports, and what anyone can check with them."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.logs import log_option, newest_log, read_key
from axis.commands.output import json_option, say, show_object, tell
from axis.commands.session import Session


@click.command
@click.pass_obj
def init(session: Session) -> None:
    """Make the keys that ``[audit]`` names, so that auditors need not read the notary's.

    \b
    Examples:
      axis audit init
      AXIS_AUDIT_KEY=audit.key AXIS_AUDIT_SALT_KEY=audit-salt.key axis audit init
    """
    from axis.ledger.keys import make_notary_key, make_salt_key

    settings = session.settings
    if not settings.audit.key or not settings.audit.salt_key:
        raise click.UsageError("name [audit] key and salt_key in the settings first")
    make_salt_key(settings.path(settings.audit.salt_key))
    make_notary_key(settings.path(settings.audit.key))
    say("made {path}", path=settings.path(settings.audit.salt_key))
    say("made {path}", path=settings.path(settings.audit.key))


@click.command
@log_option
@json_option
@click.pass_obj
def key(session: Session, log: int | None, as_json: bool) -> None:
    """Print the key that anyone verifies exports with.

    \b
    Examples:
      axis audit key > export.vkey
      axis audit key --log 2026 --json
    """
    from axis.commands.auditing import signer_of_exports

    year = newest_log(session.auditing, log)
    vkey = signer_of_exports(session.settings, year).verifier
    if as_json:
        show_object({"name": vkey.name, "id": vkey.key_id.hex(), "key": str(vkey)})
    else:
        click.echo(str(vkey))


@click.command
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", required=True, help="The export's verifier key, or a file that holds it.")
@json_option
def verify(folder: Path, key: str, as_json: bool) -> None:
    """Check that the files of an export are those that were written and signed.

    \b
    Examples:
      axis audit verify h1 --key export.vkey
      axis audit verify h1 --key export.vkey --json
    """
    from axis.audit.manifest import verify_export

    manifest = verify_export(folder, read_key(key))
    if as_json:
        show_object({"good": True, "rows": manifest.rows, "origin": manifest.origin})
    else:
        tell("good: {rows} rows of {origin}", rows=manifest.rows, origin=manifest.origin)
