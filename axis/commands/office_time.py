"""``axis office history|successors|resolve|diff``: the directory along the line of time."""

from __future__ import annotations

import sys
from typing import Any

import click

from axis.commands.office import at_option, instant_of, open_directory, record_of, span_of
from axis.commands.output import instant, rows_option, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("code")
@rows_option
@click.pass_obj
def history(session: Session, code: str, as_json: bool) -> None:
    """Tell everything that was recorded about an office, corrected facts too.

    \b
    Examples:
      axis office history H44
      axis office history 07942 --json
    """
    from axis.store.directory import load_directory
    from axis.store.directory_history import history_of
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        record = record_of(directory, code, instant_of(None))
        lines = history_of(connection, record.office_id)
    rows = []
    for line in lines:
        what, said = _said(line.fact, record.office_id)
        rows.append(
            {
                "change": line.told.version,
                "recorded_at": instant(line.told.recorded_at),
                "recorded_by": line.told.recorded_by,
                "what": what,
                "says": said,
                **_span(line.fact),
                "legal_basis": getattr(line.fact, "legal_basis", line.told.legal_basis),
                "corrected_by": line.corrected.version if line.corrected else None,
            }
        )
    columns = ("change", "what", "says", "valid_from", "valid_to", "legal_basis", "recorded_by")
    show_rows(rows, as_json=as_json, columns=(*columns, "corrected_by"))


@click.command
@click.argument("code")
@at_option
@rows_option
@click.pass_obj
def successors(session: Session, code: str, at_text: str | None, as_json: bool) -> None:
    """List the working offices that an office was succeeded by, at the end of all chains.

    \b
    Examples:
      axis office successors H62
      axis office successors 01.001.00007 --at 2025-07-02 --json
    """
    from axis.directory.difference import successors_of

    at = instant_of(at_text)
    directory = open_directory(session)
    found = successors_of(directory, record_of(directory, code, at), at)
    rows = []
    for office_id, way in found.items():
        office = directory.office(office_id, at)
        if office is not None:
            rows.append({"code": office.code, "name": office.name, "way": " → ".join([code, *way])})
    show_rows(rows, as_json=as_json, columns=("code", "name", "way"))


@click.command
@click.argument("code")
@at_option
@click.option("--scheme", help="Look the code up in this list only, such as statistics.")
@click.option("--subunit", help="The old sub-unit that the letter names.")
@click.option("--document-type", help="The letter's document type.")
@rows_option
@click.pass_obj
def resolve(
    session: Session,
    code: str,
    at_text: str | None,
    scheme: str | None,
    subunit: str | None,
    document_type: str | None,
    as_json: bool,
) -> None:
    """Tell which office a letter to a code is served to; exit 1 if it would be held.

    \b
    Examples:
      axis office resolve H62 --at 2025-07-02
      axis office resolve 01.001.00007 --at 2025-07-02 --json
    """
    from axis.directory.values import Served

    at = instant_of(at_text)
    directory = open_directory(session)
    found = directory.resolve(code, at, scheme=scheme, subunit=subunit, document_type=document_type)
    office = directory.office(found.office_id, at)
    system = directory.system_of(found.office_id, at)
    answer: dict[str, Any] = {
        "written": code,
        "at": instant(at),
        "outcome": "served" if isinstance(found, Served) else "held",
        "office_id": found.office_id,
        "code": office.code if office else None,
        "name": office.name if office else None,
        "system_id": system.system_id if system else None,
    }
    if not isinstance(found, Served):
        candidates = [directory.office(key, at) for key in found.candidates]
        answer |= {
            "reason": found.reason,
            "assigned_to": found.assigned_to,
            "candidates": [f"{c.code} {c.name}" for c in candidates if c],
        }
    answer["via"] = [
        {
            "kind": step.kind,
            "from": step.from_office_id,
            "to": step.to_office_id,
            "effective_at": instant(step.effective_at),
            "legal_basis": step.legal_basis,
            "rule": step.rule,
        }
        for step in found.via
    ]
    answer["directory_version"] = directory.version
    if as_json:
        show_object(answer)
    else:
        answer["via"] = "\n".join(
            f"{step.kind} on {instant(step.effective_at)}: {step.legal_basis}" for step in found.via
        )
        answer["candidates"] = "\n".join(answer.get("candidates", ()))
        rows = [{"what": key, "value": value} for key, value in answer.items() if value]
        show_rows(rows, as_json=False, columns=("what", "value"))
    if not isinstance(found, Served):
        sys.exit(1)


@click.command
@click.option("--from", "from_text", metavar="DAY", required=True, help="The earlier instant.")
@click.option("--to", "to_text", metavar="DAY", help="The later instant; default: now.")
@rows_option
@click.pass_obj
def diff(session: Session, from_text: str, to_text: str | None, as_json: bool) -> None:
    """List what is different in the country between two instants.

    \b
    Examples:
      axis office diff --from 2025-06-30 --to 2025-07-02
      axis office diff --from 2026-04-01 --json
    """
    from axis.directory.difference import differences

    directory = open_directory(session)
    rows = (
        {
            "code": found.code,
            "what": found.what,
            "before": found.before,
            "after": found.after,
            "office_id": found.office_id,
        }
        for found in differences(directory, instant_of(from_text), instant_of(to_text))
    )
    show_rows(rows, as_json=as_json, columns=("code", "what", "before", "after"))


def _said(fact: Any, office_id: str) -> tuple[str, str]:
    """Return what kind of fact it is and what it says, without keys and times."""
    what = type(fact).__name__.removesuffix("Fact").lower()
    hidden = {"office_id", "start", "end", "effective", "legal_basis", "variant"}
    fields = type(fact).__struct_fields__
    words = [str(getattr(fact, name)) for name in fields if name not in hidden]
    if fact.office_id != office_id:
        what = f"{what} of {fact.office_id}"
    return what, " ".join(word for word in words if word not in ("", "None"))


def _span(fact: Any) -> dict[str, str | None]:
    from axis.directory.values import moment

    if hasattr(fact, "start"):
        return span_of(fact)
    effective = moment(fact.effective) if hasattr(fact, "effective") else None
    return {"valid_from": instant(effective) if effective else None, "valid_to": None}
