"""``axis office import|export|list|show``: the offices that documents go between."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axis.commands.language import translate
from axis.commands.logs import progress_bar
from axis.commands.output import (
    instant,
    json_option,
    rows_option,
    say,
    show_object,
    show_refusal,
    show_rows,
)
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.records import Record
    from axis.directory.snapshot import Directory
    from axis.errors import Refusal

COLUMNS = ("code", "name", "level", "kind", "state", "parent_code", "system_id")

by_option = click.option(
    "--by", "recorded_by", default=getpass.getuser, help="Who records it; default: this user."
)
at_option = click.option(
    "--at", "at_text", metavar="DAY", help="As of this day or instant; default: now."
)


@click.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["csv", "vn2025"]), default="csv", help="Of SOURCE."
)
@click.option("--dry-run", is_flag=True, help="Check and count, change nothing.")
@by_option
@json_option
@click.pass_obj
def import_(
    session: Session, source: Path, form: str, dry_run: bool, recorded_by: str, as_json: bool
) -> None:
    """Import offices from a CSV file: all of its lines or, with a list of problems, none.

    With --format vn2025, SOURCE is a folder with provinces.csv, communes_2025.csv and
    commune_succession.csv: the country before and after 1 July 2025.

    \b
    The first line names the columns: code, name, level; and where wanted parent_code, kind,
    scheme, other_codes, state, valid_from, valid_to, email, phone, address. For example:
      code,name,level,parent_code
      G22,Văn phòng Chính phủ,central,
      H49,UBND tỉnh Quảng Ninh,provincial,
      H49.12.1,UBND xã Ba Chẽ,commune,H49

    \b
    Examples:
      axis office import offices.csv --dry-run
      axis office import --format vn2025 directory/ --by "Nguyễn Văn A"
    """
    from axis.directory.errors import DirectoryRefusedError
    from axis.directory.importing import plan_import
    from axis.store.directory_changes import change_directory

    now = datetime.now(UTC)
    if source.is_dir() != (form == "vn2025"):
        raise click.BadParameter(f"{source}: csv is a file, vn2025 a folder")
    if form == "vn2025":
        _import_vn2025(session, source, now, dry_run=dry_run, by=recorded_by, as_json=as_json)
        return
    data = source.read_bytes()
    try:
        with progress_bar(translate("import")) as progress:
            plan, version = change_directory(
                session.engine,
                lambda directory: plan_import(directory, data, now, source=source.name),
                kind="import",
                by=recorded_by,
                at=now,
                dry_run=dry_run,
                progress=progress,
            )
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    for warning in plan.warnings[:20]:
        show_refusal(warning, session.lang)
    if as_json:
        show_object({**plan.summary(), "version": version, "dry_run": dry_run})
    else:
        tense = translate("would be added") if dry_run else translate("added")
        say(
            "{added} {tense}, {unchanged} unchanged; directory version {version}",
            added=plan.added,
            tense=tense,
            unchanged=plan.unchanged,
            version=version,
        )


def _import_vn2025(
    session: Session, folder: Path, now: datetime, *, dry_run: bool, by: str, as_json: bool
) -> None:
    from axis.directory.errors import DirectoryRefusedError
    from axis.directory.vn2025 import COLUMNS
    from axis.store.directory_source import import_vn2025

    contents = {n: (folder / n).read_bytes() for n in COLUMNS if (folder / n).is_file()}
    try:
        with progress_bar(translate("import")) as progress:
            done = import_vn2025(
                session.engine,
                contents,
                by=by,
                at=now,
                dry_run=dry_run,
                progress=progress,
            )
    except DirectoryRefusedError as error:
        show_problems(error.problems, session.lang, as_json=as_json)
        raise
    if as_json:
        show_object({**asdict(done), "dry_run": dry_run})
        return
    say(
        "{provinces} provinces before, {communes} communes now, {edges} pairs",
        provinces=done.provinces,
        communes=done.communes,
        edges=done.edges,
    )
    say("differences, all explained:")
    for what, times in sorted(done.explained.items(), key=lambda item: -item[1]):
        say(f"  {times:5}  {what}")
    tense = translate("would be recorded") if dry_run else translate("recorded")
    told = f"{done.facts} {tense}" if done.facts else translate("no change")
    say("{told}; directory version {version}", told=told, version=done.version)


@click.command
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["csv", "vn2025"]), default="csv", help="Of TARGET."
)
@at_option
@click.pass_obj
def export(session: Session, target: Path, form: str, at_text: str | None) -> None:
    """Write the offices of an instant as a CSV file, or the imported files of vn2025 as they were.

    \b
    Examples:
      axis office export offices.csv --at 2025-07-01
      axis office export --format vn2025 directory/
    """
    from axis.directory.exporting import export_offices
    from axis.store.directory_source import export_vn2025
    from axis.store.engine import transaction

    if form == "csv":
        target.write_bytes(export_offices(open_directory(session), instant_of(at_text)))
        return
    with transaction(session.engine) as connection:
        contents = export_vn2025(connection)
    target.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (target / name).write_bytes(content)


@click.command("list")
@click.option("--level", help="Only offices of this level.")
@click.option("--below", metavar="CODE", help="Only offices under this one.")
@at_option
@rows_option
@click.pass_obj
def list_(
    session: Session, level: str | None, below: str | None, at_text: str | None, as_json: bool
) -> None:
    """List the offices that are there at an instant.

    \b
    Examples:
      axis office list --level commune --below H49
      axis office list --at 2025-06-30 --json
    """
    from axis.directory.records import office_at
    from axis.directory.values import micros

    at = instant_of(at_text)
    directory = open_directory(session)
    under = set(_below(directory, below, at)) if below else None
    rows = []
    for record in directory.records():
        office = office_at(record, micros(at))
        if office.state in ("closed", "planned"):
            continue
        if level not in (None, office.level) or (
            under is not None and office.office_id not in under
        ):
            continue
        rows.append(row_of(directory, record, at))
    show_rows(rows, as_json=as_json, columns=COLUMNS)


@click.command
@click.argument("code")
@at_option
@rows_option
@click.pass_obj
def show(session: Session, code: str, at_text: str | None, as_json: bool) -> None:
    """Show an office as it is, or as it was at an instant.

    \b
    Examples:
      axis office show H49
      axis office show H62 --at 2025-06-30 --json
    """
    at = instant_of(at_text)
    directory = open_directory(session)
    record = record_of(directory, code, at)
    row = row_of(directory, record, at) | {
        "office_id": record.office_id,
        "codes": [
            {"code": fact.code, "scheme": fact.scheme, **span_of(fact)} for fact in record.codes
        ],
        "names": [{"name": fact.name, **span_of(fact)} for fact in record.names],
        "accepts": _accepts(session, record.office_id, directory, at),
        "contacts": [
            {"email": c.email, "phone": c.phone, "address": c.address} for c in record.contacts
        ],
    }
    if as_json:
        show_object(row)
    else:
        show_rows(
            [{"what": key, "value": _told(value)} for key, value in row.items()],
            as_json=False,
            columns=("what", "value"),
        )


def _accepts(session: Session, office_id: str, directory: Directory, at: datetime) -> list[str]:
    """Return the message types that an office takes now."""
    from axis.store.engine import transaction
    from axis.store.types import load_types

    system = directory.system_of(office_id, at)
    with transaction(session.engine) as connection:
        return load_types(connection).accepts(office_id, system.system_id if system else None)


def open_directory(session: Session) -> Directory:
    """Return the snapshot of now."""
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        return load_directory(connection)


def instant_of(text: str | None) -> datetime:
    """Return the instant that an option names; now where there is none."""
    from axis.directory.values import parse_moment

    if text is None:
        return datetime.now(UTC)
    try:
        return parse_moment(text)
    except ValueError as error:
        raise click.BadParameter(f"{text}: expected 2025-07-01 or an instant ({error})") from error


def record_of(directory: Directory, code: str, at: datetime) -> Record:
    """Return the office that has a code at an instant, else the one that had it last.

    Raises:
        OfficeUnknownError: nobody has or had it.
    """
    from axis.directory.errors import OfficeUnknownError
    from axis.directory.resolution import holder_at
    from axis.directory.values import micros

    fact = holder_at(directory.holders(code), micros(at))
    record = directory.record(fact.office_id if fact else code)
    if record is None:
        raise OfficeUnknownError(code=code, at=instant(at))
    return record


def row_of(directory: Directory, record: Record, at: datetime) -> dict[str, Any]:
    """Return an office as a row of a table."""
    from axis.directory.records import office_at
    from axis.directory.values import micros

    office = office_at(record, micros(at))
    parent = directory.office(office.parent_id, at) if office.parent_id else None
    system = directory.system_of(office.office_id, at)
    return {
        "code": office.code,
        "name": office.name,
        "level": office.level,
        "kind": office.kind,
        "state": office.state,
        "parent_code": parent.code if parent else None,
        "system_id": system.system_id if system else None,
    }


def span_of(fact: Any) -> dict[str, str | None]:
    """Return a fact's validity as instants; None where it has no bound."""
    from axis.directory.values import moment

    start, end = moment(fact.start), moment(fact.end)
    return {
        "valid_from": instant(start) if start else None,
        "valid_to": instant(end) if end else None,
    }


def show_problems(problems: tuple[Refusal, ...], lang: str, *, as_json: bool) -> None:
    """Print every problem with its line and column: JSON Lines on stdout, or text on stderr."""
    for problem in problems:
        file = problem.facts.get("file")
        place = problem.place
        line, column = (place.line, place.column) if place else (None, None)
        text = problem.text("vi" if lang == "vi" else "en")
        if as_json:
            where = {"file": file, "line": line, "column": column}
            show_object({**where, "code": problem.code, "text": text})
        else:
            say(
                "{where}{line}:{column}: {code}: {text}",
                where=f"{file}:" if file else "",
                line=line or "–",
                column=column or "–",
                code=problem.code,
                text=text,
            )


def _below(directory: Directory, code: str, at: datetime) -> list[str]:
    found = list(directory.children(record_of(directory, code, at).office_id, at))
    for office_id in found:  # the list grows while it is walked
        found.extend(directory.children(office_id, at))
    return found


def _told(value: Any) -> str:
    if isinstance(value, list):
        lines = (item.values() if isinstance(item, dict) else [item] for item in value)
        return "\n".join(", ".join(str(v) for v in line if v) for line in lines)
    return "" if value is None else str(value)
