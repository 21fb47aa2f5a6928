"""``axis cert init-ca|issue|crl``: a development authority for tests and trials."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from axis.commands.output import json_option, say, show_object

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_KINDS = click.Choice(["rsa-2048", "rsa-3072", "p-256", "p-384", "ed25519"])


@click.command("init-ca")
@click.argument("folder", type=_FOLDER)
@click.option("--name", default="Axis development", help="How its certificates are called.")
@json_option
def init_ca(folder: Path, name: str, as_json: bool) -> None:
    """Make a root and an issuing authority for tests and trials, keys readable by you alone.

    \b
    Examples:
      axis cert init-ca ca/
      axis cert init-ca ca/ --name "Trục thử nghiệm"
    """
    from axis.trust.pki import init_authority

    init_authority(folder, now=datetime.now(UTC), name=name)
    if as_json:
        show_object({"folder": str(folder), "anchor": str(folder / "anchors" / "root.pem")})
    else:
        say(
            "made an authority in {folder}; trust {folder_2}",
            folder=folder,
            folder_2=folder / "anchors" / "root.pem",
        )


@click.command
@click.argument("folder", type=_FOLDER)
@click.option("--name", required=True, help="The office's name.")
@click.option("--code", help="The office's code; also the name of its files.")
@click.option("--key-type", type=_KINDS, default="rsa-2048", help="The kind of its key.")
@click.option("--days", type=click.IntRange(1, 3650), default=730, help="How long it is valid.")
@json_option
def issue(
    folder: Path, name: str, code: str | None, key_type: str, days: int, as_json: bool
) -> None:
    """Issue a key and a signing certificate for an office, from a development authority.

    \b
    Examples:
      axis cert issue ca/ --name "Văn phòng Chính phủ" --code G22
      axis cert issue ca/ --name "UBND tỉnh" --code H49 --key-type p-256 --days 30
    """
    from axis.trust.pki import KeyKind, issue_into

    certificate, key = issue_into(
        folder, name=name, code=code, now=datetime.now(UTC), kind=KeyKind(key_type), days=days
    )
    if as_json:
        show_object({"certificate": str(certificate), "key": str(key)})
    else:
        say("issued {certificate} with its key {key}", certificate=certificate, key=key)


@click.command
@click.argument("folder", type=_FOLDER)
@click.option("--revoke", "revoked", type=_FILE, help="Also revoke this certificate of an office.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, help="How long they are fresh.")
def crl(folder: Path, revoked: Path | None, days: int) -> None:
    """Make a development authority's revocation lists anew.

    \b
    Examples:
      axis cert crl ca/
      axis cert crl ca/ --revoke ca/offices/H49.pem
    """
    from axis.trust import pki
    from axis.trust.certificates import read_one

    now = datetime.now(UTC)
    if revoked is not None:
        pki.revoke(folder, read_one(revoked.read_bytes(), source=str(revoked)), now=now)
    pki.write_crls(folder, now=now, days=days)
    say("made the lists in {folder}, fresh for {days} days", folder=folder / "crls", days=days)
