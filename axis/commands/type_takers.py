"""``axis type accept|decline|frame``: who takes which type, and payloads made ready to sign."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, say, show_object, tell
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.types.compose import File

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_office = click.option("--office", metavar="CODE", help="One office.")
_system = click.option("--system", "system_id", metavar="SYSTEM", help="All offices of a system.")


@click.command
@click.argument("type_id", metavar="TYPE/VERSION")
@_office
@_system
@json_option
@click.pass_obj
def accept(
    session: Session, type_id: str, office: str | None, system_id: str | None, as_json: bool
) -> None:
    """Record that an office, or all offices of a system, take messages of a version.

    \b
    Examples:
      axis type accept dossier/1 --system cong-dvc
      axis type accept report/1 --office G22
    """
    _record(session, type_id, office, system_id, takes=True, as_json=as_json)


@click.command
@click.argument("type_id", metavar="TYPE/VERSION")
@_office
@_system
@json_option
@click.pass_obj
def decline(
    session: Session, type_id: str, office: str | None, system_id: str | None, as_json: bool
) -> None:
    """Record that an office or a system takes messages of a version no more.

    What is on its way is still delivered.

    \b
    Examples:
      axis type decline dossier/1 --system cong-dvc
      axis type decline report/1 --office G22
    """
    _record(session, type_id, office, system_id, takes=False, as_json=as_json)


@click.command
@click.argument("payload", type=_FILE)
@click.option("--type", "type_id", metavar="TYPE/VERSION", required=True, help="What it is.")
@click.option("--attach", "paths", type=_FILE, multiple=True, help="A file to attach.")
@click.option("--out", type=click.Path(path_type=Path), help="Write here; default: stdout.")
def frame(payload: Path, type_id: str, paths: tuple[Path, ...], out: Path | None) -> None:
    """Make an unsigned package of a payload; axis envelope sign signs it.

    \b
    Examples:
      axis type frame submission.xml --type dossier/1 --out submission.edxml
      axis type frame result.xml --type dossier/1 --attach result.pdf --out result.edxml
    """
    from axis.types.compose import frame_around

    name, slash, version = type_id.partition("/")
    if not slash:
        raise click.BadParameter(f"{type_id}: expected TYPE/VERSION, such as dossier/1")
    package = frame_around(payload.read_bytes(), name, version, [_file(path) for path in paths])
    if out is None:
        sys.stdout.buffer.write(package)
    else:
        out.write_bytes(package)


def _file(path: Path) -> File:
    import mimetypes

    from axis.types.compose import File

    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(content_id=path.stem, name=path.name, content_type=kind, data=path.read_bytes())


def _record(
    session: Session,
    type_id: str,
    office: str | None,
    system_id: str | None,
    *,
    takes: bool,
    as_json: bool,
) -> None:
    from datetime import UTC, datetime

    from axis.commands.type import rules_named
    from axis.directory.errors import OfficeUnknownError, SystemUnknownError
    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.types import drop, load_types, take
    from axis.types.book import OFFICE, SYSTEM

    now = datetime.now(UTC)
    if (office is None) == (system_id is None):
        raise click.UsageError("give either --office or --system")
    with transaction(session.engine) as connection:
        rules = rules_named(load_types(connection), type_id)
        directory = load_directory(connection)
        if office is not None:
            found = directory.find(office, now)
            if found is None:
                raise OfficeUnknownError(code=office, at=f"{now:%Y-%m-%d}")
            kind, key, shown = OFFICE, found.office_id, office
        else:
            if system_id not in directory.systems():
                raise SystemUnknownError(system_id=system_id)
            assert system_id is not None  # noqa: S101  one of the two was given
            kind, key, shown = SYSTEM, system_id, system_id
        if takes:
            take(connection, kind, key, rules.type, rules.version, at=now)
            done = True
        else:
            done = drop(connection, kind, key, rules.type, rules.version)
    if as_json:
        show_object({"type": rules.id, kind: shown, "takes": takes, "changed": done})
    elif takes:
        tell("{who} takes {type} now", who=shown, type=rules.id)
    elif done:
        tell("{who} takes {type} no more", who=shown, type=rules.id)
    else:
        say("{who} did not take {type}", who=shown, type=rules.id)
