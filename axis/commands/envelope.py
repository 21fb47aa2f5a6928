"""``axis envelope new|show|lint``: packages, without any service."""

from __future__ import annotations

import mimetypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import (
    json_option,
    say,
    show_object,
    show_refusal,
    show_table,
    tell,
)
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.envelope.limits import Limits
    from axis.envelope.remarks import Remark
    from axis.errors import Refusal

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.option("--form", "form_file", type=_FILE, help="TOML or JSON form; options override it.")
@click.option(
    "--type",
    type=click.Choice(["new", "recall", "update", "replace", "status"]),
    help="What the package does; default: new.",
)
@click.option("--from", "sender", metavar="CODE", help="Code of the sending office.")
@click.option("--to", "recipients", metavar="CODE", multiple=True, help="Code of a receiver.")
@click.option("--number", help="Number of the document.")
@click.option("--notation", help="Notation of the document, such as VPCP-TTĐT.")
@click.option("--subject", help="What it is about.")
@click.option("--signer", help="Full name of who signed the document.")
@click.option("--date", metavar="YYYY/MM/DD", help="Day of issue; default: today.")
@click.option("--due", "due_date", metavar="YYYY/MM/DD", help="Day by which an answer is due.")
@click.option("--place", help="Place of issue.")
@click.option(
    "--priority", type=click.IntRange(0, 4), help="0 normal … 3 express, 4 express at a set hour."
)
@click.option("--reason", help="Why it is recalled, updated or replaced.")
@click.option("--about", metavar="DOCUMENT_ID", help="The earlier document that it concerns.")
@click.option("--about-office", metavar="CODE", help="The office that sent that document.")
@click.option("--status", "status_code", metavar="CODE", help="With --type status: 01 … 06, 13 …")
@click.option("--description", help="With --type status: what happened, in words.")
@click.option("--attach", "files", type=_FILE, multiple=True, help="A file to attach.")
@click.option(
    "--order",
    type=click.Choice(["standard", "dotnet", "java"]),
    default="standard",
    help="Whose habits to follow: order of elements, cid: before ids.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write here; default: stdout.")
@click.pass_obj
def new(
    session: Session,
    /,
    form_file: Path | None,
    recipients: tuple[str, ...],
    about: str | None,
    about_office: str | None,
    files: tuple[Path, ...],
    order: str,
    out: Path | None,
    **options: str | int | None,
) -> None:
    """Make an unsigned package from a form or from options, and files to attach.

    \b
    Examples:
      axis envelope new --form directive.toml --attach 7816.pdf --out directive.edxml
      axis envelope new --type status --from H41 --about-office G22 --about ID --status 03
    """
    from datetime import UTC, datetime

    from axis.commands.envelope_form import compose, parse_form
    from axis.envelope.package import parse
    from axis.envelope.writer import Order, encode

    given: dict[str, object] = {key: value for key, value in options.items() if value is not None}
    if recipients:
        given["recipients"] = list(recipients)
    if about or about_office:
        named = {"document_id": about, "organ_id": about_office}
        given["about"] = [{key: value for key, value in named.items() if value}]
    text = form_file.read_text(encoding="utf-8") if form_file else ""
    form = parse_form(text, given, source=str(form_file or "axis envelope new"))
    attached = [
        (file.name, mimetypes.guess_type(file.name)[0], file.read_bytes()) for file in files
    ]
    envelope, data = compose(form, attached, now=datetime.now(UTC))
    body = encode(envelope, data, order=Order(order))
    parse(body, _limits(session))
    if out is None:
        sys.stdout.buffer.write(body)
    else:
        out.write_bytes(body)
        say("{out}: {body} bytes", out=out, body=len(body))


@click.command
@click.argument("file", type=_FILE)
@json_option
@click.pass_obj
def show(session: Session, file: Path, as_json: bool) -> None:
    """Show what a package says; nothing here says that it can be trusted.

    \b
    Examples:
      axis envelope show directive.edxml
      axis envelope show directive.edxml --json
    """
    import hashlib

    from axis.commands.envelope_fields import as_fields, as_object
    from axis.envelope.package import parse

    body = file.read_bytes()
    package = parse(body, _limits(session))
    if as_json:
        digest = hashlib.sha256(body).hexdigest()
        described = {"file": str(file), "sha256": digest, "size_bytes": len(body)}
        show_object(described | as_object(package.envelope))
        return
    head = ("mục", "nội dung") if session.lang == "vi" else ("field", "value")
    show_table(head, as_fields(package.envelope, session.lang))


@click.command
@click.argument("files", type=_FILE, nargs=-1, required=True)
@json_option
@click.pass_obj
@click.pass_context
def lint(context: click.Context, session: Session, files: tuple[Path, ...], as_json: bool) -> None:
    """Name every fault of packages, and what is legal but known to break others.

    \b
    Examples:
      axis envelope lint directive.edxml
      axis envelope lint *.edxml --json
    """
    from axis.envelope.diagnosis import diagnose
    from axis.envelope.lint import lint as look
    from axis.errors import AxisError, Fault

    refused = False
    limits = _limits(session)
    for file in files:
        body = file.read_bytes()
        try:
            remarks = look(body, limits)
        except AxisError as error:
            if error.fault is not Fault.INPUT:
                raise
            refused = True
            for refusal in diagnose(body, limits) or [error.refusal]:
                _show_refusal(file, refusal, session, as_json)
            continue
        for remark in remarks:
            _show_remark(file, remark, session, as_json)
        if not remarks and not as_json:
            tell("{file}: no remarks", file=file)
    if refused:
        context.exit(1)


def _limits(session: Session) -> Limits:
    from axis.envelope.limits import Limits

    return Limits(package_bytes=session.settings.limits.package_bytes)


def _show_refusal(file: Path, refusal: Refusal, session: Session, as_json: bool) -> None:
    if not as_json:
        say(f"{file}:")
        show_refusal(refusal, session.lang)
        return
    place = refusal.place
    show_object(
        {
            "file": str(file),
            "level": "refused",
            "code": refusal.code,
            "text": refusal.text(session.lang),
            "hint": refusal.hint(session.lang),
            "xpath": place.xpath if place else None,
            "line": place.line if place else None,
            "rule": refusal.facts.get("rule"),
            "expected": refusal.facts.get("expected"),
            "got": refusal.facts.get("got"),
        }
    )


def _show_remark(file: Path, remark: Remark, session: Session, as_json: bool) -> None:
    place = remark.place
    line = place.line if place else None
    if not as_json:
        where = f"{file}:{line}" if line else str(file)
        click.echo(f"{where}: {remark.code}: {remark.text(session.lang)}")
        return
    show_object(
        {
            "file": str(file),
            "level": "warning",
            "code": remark.code,
            "text": remark.text(session.lang),
            "xpath": place.xpath if place else None,
            "line": line,
        }
    )
