"""``axis evidence``: everything about one document in one file for a court."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.output import json_option, say, show_object, tell
from axis.commands.session import Session


@click.command
@click.argument("document")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write, such as 7816.asice.",
)
@click.pass_obj
def make(session: Session, document: str, out: Path) -> None:
    """Write one ASiC-E container with packages, proofs, time stamps, certificates and a seal.

    \b
    Examples:
      axis evidence make 7816/VPCP-TTĐT --out 7816.asice
      axis evidence make 000.00.00.G22,2015/09/30,7816/VPCP-TTĐT --out 7816.asice
    """
    from datetime import UTC, datetime

    from axis.evidence.gather import make_evidence

    engine = session.engine
    content = make_evidence(engine, session.settings, document, now=lambda: datetime.now(UTC))
    out.write_bytes(content)
    say("{out}: {content} bytes", out=out, content=len(content))


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="The log's verifier key, or a file of such keys.")
@click.option("--witness", "witnesses", multiple=True, help="Key of a witness, or a file of keys.")
@click.option("--seal", help="SHA-256 of the certificate that must have sealed it.")
@click.option(
    "--tsa-roots",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file of the certificates that time stamps must lead to.",
)
@json_option
def verify(
    file: Path,
    key: str,
    witnesses: tuple[str, ...],
    seal: str | None,
    tsa_roots: Path | None,
    as_json: bool,
) -> None:
    """Verify a container offline: its seal, every proof in it, every time stamp.

    \b
    Examples:
      axis evidence verify 7816.asice --key axis.vkey --seal 3f9a…
      axis evidence verify 7816.asice --key axis.vkey --tsa-roots tsa.pem --json
    """
    from cryptography import x509

    from axis.commands.logs import read_keys
    from axis.evidence.verify import verify_evidence

    evidence = verify_evidence(
        file.read_bytes(),
        read_keys(key),
        witnesses=[one for name in witnesses for one in read_keys(name)],
        seal_sha256=seal,
        tsa_roots=x509.load_pem_x509_certificates(tsa_roots.read_bytes()) if tsa_roots else (),
    )
    row = {
        "good": True,
        "seal_sha256": evidence.seal_sha256,
        "seal_subject": evidence.seal_subject,
        "seal_expected": seal is not None,
        "packages": dict(evidence.packages),
        "receipts": [
            {"file": name, "event": receipt.leaf.event, "time": receipt.leaf.time}
            for name, receipt in evidence.receipts.items()
        ],
        "stamped": {name: at.isoformat() for name, at in evidence.stamped.items()},
    }
    if as_json:
        show_object(row)
        return
    tell(
        "good: sealed by {subject} ({digest})",
        subject=evidence.seal_subject,
        digest=evidence.seal_sha256,
    )
    for name, receipt in evidence.receipts.items():
        click.echo(f"  {receipt.leaf.time}  {receipt.leaf.event}  {name}")
    for name, at in evidence.stamped.items():
        click.echo(f"  {at.isoformat()}  {name}")
    if seal is None:
        say("compare the seal's fingerprint with the published one, or give it with --seal")
