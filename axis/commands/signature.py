"""``axis envelope sign|verify``: signatures of packages, without any service."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.office import instant_of
from axis.commands.output import instant, json_option, say, show_object, show_refusal
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.examine.explain import Report
    from axis.trust.certificates import Certificate
    from axis.trust.material import Material

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="Private key (PEM, readable by its owner).")
@click.option("--cert", type=_FILE, required=True, help="Its certificate (PEM, DER or P7B).")
@click.option(
    "--shape",
    type=click.Choice(["whole", "manifest"]),
    default="whole",
    help="Sign the whole document, or the envelope and each attachment by its digest.",
)
@click.option("--pss", is_flag=True, help="With an RSA key: RSASSA-PSS instead of PKCS#1 v1.5.")
@click.option(
    "--apart",
    is_flag=True,
    help="Take attachments out: they travel apart (manifest shape, with --parts).",
)
@click.option(
    "--attachment",
    "attachments",
    multiple=True,
    metavar="[ID=]FILE",
    help="An attachment that the manifest names and that travels apart; repeatable.",
)
@click.option(
    "--parts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the attachments that --apart takes out.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write here; default: stdout.")
def sign(
    file: Path,
    key: Path,
    cert: Path,
    shape: str,
    pss: bool,
    apart: bool,
    attachments: tuple[str, ...],
    parts: Path | None,
    out: Path | None,
) -> None:
    """Sign a package; an old signature or a placeholder for one is taken out.

    Attachments that travel apart are hashed as streams, however large, and brought to the axis
    before the package: axis send --attachment.

    \b
    Examples:
      axis envelope sign new.edxml --key office.key --cert office.pem --out signed.edxml
      axis envelope sign new.edxml --key office.key --cert office.pem --shape manifest
      axis envelope sign new.edxml --key k.pem --cert c.pem --shape manifest --apart --parts dir/
    """
    from axis.trust.certificates import read_one
    from axis.trust.keys import load_key
    from axis.trust.sign import sign as sign_package
    from axis.trust.sign import signer_of
    from axis.trust.values import Shape

    if (apart or attachments) and shape != "manifest":
        raise click.UsageError("only with --shape manifest can attachments travel apart")
    certificate = read_one(cert.read_bytes(), source=str(cert))
    signer = signer_of(load_key(key), certificate, pss=pss)
    package = file.read_bytes()
    digests: dict[str, bytes] = {}
    if apart or attachments:
        package, digests = _take_apart(package, attachments, parts if apart else None, apart)
    signed = sign_package(package, signer, Shape(shape), apart=digests)
    if out is None:
        sys.stdout.buffer.write(signed)
    else:
        out.write_bytes(signed)
        say(
            "signed by {subject} ({sha256}): {out}",
            subject=certificate.subject,
            sha256=certificate.sha256.hex()[:12],
            out=out,
        )


def _take_apart(
    package: bytes, attachments: tuple[str, ...], parts: Path | None, take_out: bool
) -> tuple[bytes, dict[str, bytes]]:
    """Return the package to sign, and the digests of what is not in it."""
    from axis.commands.attached import digest_of_file, named_files
    from axis.envelope.apart import Unsigned
    from axis.envelope.filenames import file_name

    unsigned = Unsigned(package)
    names = {one.content_id: one.name for one in unsigned.attachments}
    digests = {
        content_id: digest_of_file(path)
        for content_id, path in named_files(attachments, names).items()
    }
    if not take_out:
        return package, digests
    inside = [one for one in unsigned.attachments if one.attachment is not None]
    if inside and parts is None:
        raise click.UsageError("--apart takes attachments out of the package; say where: --parts")
    for number, one in enumerate(inside, 1):
        assert one.attachment is not None and parts is not None  # noqa: PT018, S101  chosen above
        parts.mkdir(parents=True, exist_ok=True)
        target = parts / file_name(one.name, number)
        with target.open("wb") as opened:
            opened.writelines(unsigned.content(one.content_id))
        digests[one.content_id] = one.attachment.sha256
        say(
            "cid:{content_id} ({size_bytes} bytes): {target}",
            content_id=one.content_id,
            size_bytes=one.attachment.size_bytes,
            target=target,
        )
    return unsigned.without_attachments(), digests


@click.command
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--at", "at_text", metavar="TIME", help="Judge at this instant; default: now.")
@click.option(
    "--trust",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of trust anchors, intermediates and CRLs.",
)
@click.option("--pin", type=_FILE, help="The one certificate that may have signed.")
@click.option(
    "--attachment",
    "attachments",
    multiple=True,
    metavar="[ID=]FILE",
    help="An attachment that came apart, compared with its signed digest; repeatable.",
)
@json_option
@click.pass_obj
@click.pass_context
def verify(
    context: click.Context,
    session: Session,
    files: tuple[Path, ...],
    at_text: str | None,
    trust: Path | None,
    pin: Path | None,
    attachments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Verify packages as the axis does, step by step; exit 0 only if all of them pass.

    \b
    Examples:
      axis envelope verify signed.edxml --trust anchors/
      axis envelope verify *.edxml --pin office.pem --at 2026-03-02T08:00:00+07:00 --json
    """
    from axis.envelope.limits import Limits
    from axis.examine.explain import Outcome, explain
    from axis.trust.certificates import read_one

    at = instant_of(at_text)
    pinned = read_one(pin.read_bytes(), source=str(pin)) if pin else None
    material = _material(session, trust, pinned)
    limits = Limits(package_bytes=session.settings.limits.package_bytes)
    verdicts = set()
    for file in files:
        body = file.read_bytes()
        report = explain(
            body,
            at=at,
            limits=limits,
            material=material,
            pinned=pinned,
            apart=_digests(body, attachments),
        )
        verdicts.add(report.verdict)
        if as_json:
            show_object(_as_json(file, report, at))
        else:
            _show(file, report, session)
    if Outcome.FAILED in verdicts:
        context.exit(1)
    if Outcome.INDETERMINATE in verdicts:
        context.exit(3)


def _digests(body: bytes, attachments: tuple[str, ...]) -> dict[str, dict[str, bytes]]:
    """Return the digests of files by the ContentId under which the package names them."""
    if not attachments:
        return {}
    from axis.commands.attached import digest_of_file, named_files
    from axis.envelope.apart import Unsigned

    names = {one.content_id: one.name for one in Unsigned(body).attachments}
    return {
        content_id: {kind: digest_of_file(path, kind) for kind in ("sha256", "sha384", "sha512")}
        for content_id, path in named_files(attachments, names).items()
    }


def _material(session: Session, trust: Path | None, pinned: Certificate | None) -> Material:
    from axis.trust.material import Material, load_folders, load_material

    if pinned is not None:
        return Material(source="--pin")
    if trust is not None:
        return load_material(trust)
    settings = session.settings
    return load_folders(
        settings.path(settings.trust.anchors),
        settings.path(settings.trust.intermediates),
        settings.path(settings.trust.crls),
    )


def _as_json(file: Path, report: Report, at: datetime) -> dict[str, object]:
    refusal, signature = report.refusal, report.signature
    return {
        "file": str(file),
        "verdict": report.verdict.value,
        "code": refusal.code if refusal else None,
        "at": instant(at),
        "shape": signature.shape.value if signature else None,
        "algorithm": signature.algorithm if signature else None,
        "certificate_sha256": signature.certificate_sha256.hex() if signature else None,
        "apart": [each.content_id for each in signature.apart] if signature else [],
        "steps": [
            {
                "step": step.name,
                "outcome": step.outcome.value,
                "code": step.refusal.code if step.refusal else None,
                "message": step.refusal.text("en") if step.refusal else None,
                "message_vi": step.refusal.text("vi") if step.refusal else None,
                "xpath": step.refusal.place.xpath if step.refusal and step.refusal.place else None,
                "line": step.refusal.place.line if step.refusal and step.refusal.place else None,
            }
            for step in report.steps
        ],
    }


def _show(file: Path, report: Report, session: Session) -> None:
    click.echo(f"{file}: {translate(report.verdict.value)}")
    for step in report.steps:
        click.echo(f"  {translate(step.outcome.value):13} {_EXPLAINED[step.name][session.lang]}")
        if step.refusal is not None:
            show_refusal(step.refusal, session.lang)


_EXPLAINED = {
    "limits": {
        "en": "limits: size, UTF-8, no document type, comments or instructions, counters",
        "vi": "giới hạn: kích thước, UTF-8, không DOCTYPE, chú thích hay chỉ thị, các bộ đếm",
    },
    "well-formed": {"en": "well-formed XML", "vi": "XML đúng cú pháp"},
    "schema": {"en": "schema: the elements of QCVN 102", "vi": "lược đồ: các phần tử của QCVN 102"},
    "rules": {
        "en": "rules that a schema cannot say: counts, manifest and attachments",
        "vi": "các quy tắc ngoài lược đồ: số lượng, danh mục và tệp đính kèm",
    },
    "signature": {
        "en": "signature: exact profile, digests, and value by the certificate's key",
        "vi": "chữ ký: đúng quy định, giá trị băm và giá trị ký theo khóa của chứng thư",
    },
    "second-reading": {
        "en": "second reading: the bytes alone, read apart, give the same canonical form",
        "vi": "đọc lần hai: đọc độc lập từ chuỗi byte cho cùng một dạng chuẩn",
    },
    "signxml": {
        "en": "second opinion: the library signxml agrees (it has none of Ed25519)",
        "vi": "ý kiến thứ hai: thư viện signxml đồng ý (không xét Ed25519)",
    },
    "certificate": {
        "en": "certificate: in force at that time, path to an anchor, not revoked (or pinned)",
        "vi": "chứng thư: còn hiệu lực, có đường dẫn tin cậy, chưa bị thu hồi (hoặc được ghim)",
    },
}
