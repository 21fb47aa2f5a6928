"""``axis receipt``: get proof of what happened to a document, and verify it offline."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.language import translate
from axis.commands.output import (
    json_option,
    rows_option,
    say,
    show_object,
    show_refusal,
    show_rows,
    tell,
)
from axis.commands.session import Session


@click.command
@click.argument("document")
@click.option("--as", "office", required=True, help="Code of the office that asks.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="Folder for the files; default: here.",
)
@rows_option
@click.pass_obj
def get(session: Session, document: str, office: str, folder: Path, as_json: bool) -> None:
    """Write a proof file for each step of DOCUMENT that the office is a party to.

    \b
    Examples:
      axis receipt get 7816/VPCP-TTĐT --as 000.00.00.G22
      axis receipt get 7816/VPCP-TTĐT --as 000.00.00.G22 --to receipts --json
    """
    from axis.ledger.entry import parse_leaf
    from axis.ledger.errors import LedgerEntryUnknownError
    from axis.notary.receipts import receipts_of

    engine = session.engine
    rows = []
    for receipt in receipts_of(engine, session.settings, document, office):
        leaf = parse_leaf(receipt.entry.leaf)
        path = None
        if receipt.proof is not None:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / receipt.name
            path.write_text(str(receipt.proof), encoding="utf-8")
        rows.append(
            {
                "index": receipt.entry.leaf_index,
                "time": leaf.time,
                "event": leaf.event,
                "file": str(path) if path else None,
            }
        )
    if not rows:
        raise LedgerEntryUnknownError(name=f"{document} ({office})")
    show_rows(rows, as_json=as_json, columns=("index", "time", "event", "file"))
    if any(row["file"] is None for row in rows):
        say("steps without a file are recorded and will be signed for within a second")


@click.command
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--key", required=True, help="The log's verifier key, or a file that holds it.")
@click.option("--witness", "witnesses", multiple=True, help="Key of a witness, or a file of keys.")
@click.option("--need", type=click.IntRange(min=0), default=0, help="How many must have cosigned.")
@click.option(
    "--body",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The package that the receipt must be about.",
)
@json_option
@click.pass_context
def verify(
    context: click.Context,
    files: tuple[Path, ...],
    key: str,
    witnesses: tuple[str, ...],
    need: int,
    body: Path | None,
    as_json: bool,
) -> None:
    """Verify proof files offline: without the axis, its database or a network.

    \b
    Examples:
      axis receipt verify *.tlog-proof --key axis.vkey
      axis receipt verify proof.tlog-proof --key axis.vkey --body package.edxml --json
    """
    from axis.commands.logs import read_keys
    from axis.errors import AxisError
    from axis.ledger.errors import CosignersMissingError
    from axis.ledger.receipt import VerifiedReceipt, verify_about, verify_receipt

    log_key = read_keys(key)[0]
    others = [one for name in witnesses for one in read_keys(name)]
    verified: dict[Path, VerifiedReceipt | AxisError] = {}
    for file in files:
        try:
            verified[file] = receipt = verify_receipt(file.read_bytes(), log_key, others)
            if len(receipt.signed.cosigners) < need:
                raise CosignersMissingError(expected=need, got=len(receipt.signed.cosigners))
        except AxisError as error:
            verified[file] = error
    together = [one for one in verified.values() if isinstance(one, VerifiedReceipt)]
    failed = False
    for file, one in verified.items():
        try:
            if isinstance(one, AxisError):
                raise one
            if body is not None:
                verify_about(one, body.read_bytes(), together)
        except AxisError as error:
            failed = True
            if as_json:
                show_object({"file": str(file), "valid": False, "code": error.code})
            else:
                tell("NOT VALID: {file}", file=file)
                show_refusal(error.refusal, context.obj.lang)
            continue
        row = {
            "file": str(file),
            "valid": True,
            "event": one.leaf.event,
            "time": one.leaf.time,
            "index": one.index,
            "origin": one.signed.checkpoint.origin,
            "size": one.signed.checkpoint.size,
            "cosigners": [cosigner.key.name for cosigner in one.signed.cosigners],
            "values": dict(one.values),
        }
        if as_json:
            show_object(row)
        else:
            tell("valid: {file}", file=file)
            for name in ("event", "time", "index", "origin"):
                click.echo(f"  {translate(name)}: {row[name]}")
            for name, value in one.values.items():
                click.echo(f"  {translate(name)}: {value}")
    if failed:
        context.exit(1)
