"""Measures what examining one signed package costs, beside the least that verifying one can cost.

The bare work is what no verifier can skip: parse, exclusive C14N, SHA-256 and one RSA-2048
verification, of the same bytes, in the same run, in turn with ours.
"""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from axis.bench.types import book_of, dossier_package
from axis.envelope.limits import Limits, prescan
from axis.envelope.package import parse
from axis.examine.inspect import inspect
from axis.trust.algorithms import DS
from axis.trust.material import load_material
from axis.trust.path import judge_of
from axis.trust.pki import init_authority, issue
from axis.trust.second_opinion import ask_signxml
from axis.trust.second_reading import compare
from axis.trust.sign import Signer, sign, signer_of
from axis.trust.values import Shape
from axis.trust.verify import verify_forms

SIZES: Final = (4_000, 30_000, 300_000, 5_000_000, 50_000_000)
_NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_LIMITS: Final = Limits(package_bytes=128 * 1024 * 1024)


def run(
    sizes: tuple[int, ...],
    shape: Shape,
    *,
    seconds: float,
    signxml: bool,
    types: int = 0,
    versions: int = 3,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each size: medians in milliseconds, the ratio, the peak of memory.

    With ``types`` the same package is examined in turn by a relay that carries nothing but edXML
    and by one that carries so many types more, each in so many versions; and so is a dossier.
    """
    with tempfile.TemporaryDirectory() as folder:
        now = datetime.now(UTC)
        init_authority(Path(folder) / "ca", now=now)
        key, certificate = issue(Path(folder) / "ca", name="Bench", now=now)
        judge = judge_of(load_material(Path(folder) / "ca"))
        signer = signer_of(key, certificate)
        for size in sizes:
            body = _package(size, signer, shape)
            package = parse(body, _LIMITS, lean=True)
            verified, forms = verify_forms(package.tree, skeleton=package.skeleton)

            def examine(body: bytes = body) -> None:
                found = inspect(body, limits=_LIMITS, second_opinion=True).verified()
                if found.certificate_sha256 == certificate.sha256:
                    judge.judge(certificate, now)

            work: dict[str, Callable[[], object]] = {
                "bare": lambda body=body: _bare(body, certificate.key),  # type: ignore[misc]
                "examine": examine,
                "prescan": lambda body=body: prescan(body, _LIMITS),  # type: ignore[misc]
                "envelope": lambda body=body: parse(body, _LIMITS, lean=True),  # type: ignore[misc]
                "verify": lambda p=package: verify_forms(  # type: ignore[misc]
                    p.tree, skeleton=p.skeleton
                ),
                "second_reading": lambda p=package, v=verified, f=forms: compare(  # type: ignore[misc]
                    p.skeleton, v, f
                ),
            }
            if types:
                book = book_of(types, versions)
                dossier = sign(dossier_package(), signer, shape)
                work["examine_with_types"] = lambda body=body, b=book: inspect(  # type: ignore[misc]
                    body, limits=_LIMITS, second_opinion=True, types=b
                )
                work["examine_without"] = lambda body=body: inspect(  # type: ignore[misc]
                    body, limits=_LIMITS, second_opinion=True
                )
                work["dossier"] = lambda body=dossier, b=book: inspect(  # type: ignore[misc]
                    body, limits=_LIMITS, second_opinion=True, types=b
                )
            if signxml:
                work["signxml"] = lambda body=body, v=verified: ask_signxml(body, v)  # type: ignore[misc]
            times = _measure(work, seconds)
            row: dict[str, Any] = {"size": size, "bytes": len(body), "shape": shape.value}
            row |= {f"{name}_ms": round(each * 1000, 3) for name, each in times.items()}
            row["ratio"] = round(times["examine"] / times["bare"], 2)
            if types:
                row["types"], row["versions"] = types, versions
                with_types, without = times["examine_with_types"], times["examine_without"]
                row["types_cost_percent"] = round((with_types / without - 1) * 100, 1)
            row["peak_over_size"] = _peak(body) if len(body) > 1_000_000 else None
            yield row


def _measure(work: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return the median of each, run in turn until the time is over."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken["bare"]) < 5:
        for name, action in work.items():
            start = time.perf_counter()
            action()
            taken[name].append(time.perf_counter() - start)
    return {name: median(each) for name, each in taken.items()}


def _bare(body: bytes, key: object) -> None:
    root = etree.fromstring(body, _PARSER)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    info = etree.tostring(signature[0], method="c14n", exclusive=True)
    value = base64.b64decode(signature[1].text or "")
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, info, padding.PKCS1v15(), hashes.SHA256())
    parent = signature.getparent()
    if parent is not None:
        parent.remove(signature)
    hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()


def _peak(body: bytes) -> float | None:
    """Return the peak of memory of examining in a fresh process, as a multiple of the size."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_examine_once, args=(theirs,))
    process.start()
    ours.send_bytes(body)
    grown: int | None = ours.recv()
    process.join()
    return None if grown is None else round(grown / len(body), 2)


def _examine_once(pipe: Any) -> None:
    inspect(SMALL, limits=_LIMITS, second_opinion=True)
    before = resident("VmRSS")
    body = pipe.recv_bytes()
    if before is not None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far is the parent's
    inspect(body, limits=_LIMITS, second_opinion=True).verified()
    peak = resident("VmHWM")
    pipe.send(None if peak is None or before is None else peak - before)


def resident(name: str) -> int | None:
    """Return a size in bytes that the kernel tells of this process; None where it does not."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(each for each in status.read_text().splitlines() if each.startswith(name))
    return int(line.split()[1]) * 1024


def _package(size: int, signer: Signer, shape: Shape) -> bytes:
    content = base64.b64encode(os.urandom(max(3, (size - 3_000) * 3 // 4))).decode()
    return sign(_envelope(content).encode(), signer, shape)


def _envelope(content: str) -> str:
    fields = (
        "<From><OrganId>G22</OrganId><OrganName>Văn phòng Chính phủ</OrganName></From>"
        "<To><OrganId>H49</OrganId><OrganName>UBND tỉnh Quảng Ninh</OrganName></To>"
        "<Code><CodeNumber>7816</CodeNumber><CodeNotation>VPCP-TTĐT</CodeNotation></Code>"
        "<PromulgationInfo><Place>Hà Nội</Place><PromulgationDate>2026/03/02</PromulgationDate>"
        "</PromulgationInfo>"
        "<DocumentType><Type>1</Type><TypeName>Công văn</TypeName></DocumentType>"
        "<Subject>V/v triển khai trục liên thông văn bản</Subject><Content>V/v</Content>"
        "<SignerInfo><FullName>Nguyễn Văn A</FullName></SignerInfo>"
        "<OtherInfo><Priority>1</Priority></OtherInfo><SteeringType>1</SteeringType>"
        "<DocumentId>G22,2026/03/02,7816/VPCP-TTĐT</DocumentId>"
    )
    return (
        f'<edXML xmlns="{_NAMESPACE}"><edXMLEnvelope><edXMLHeader><MessageHeader>{fields}'
        "</MessageHeader><TraceHeaderList><TraceHeader><OrganId>G22</OrganId><Timestamp>"
        "2026/03/02 08:00:00</Timestamp></TraceHeader></TraceHeaderList></edXMLHeader><edXMLBody>"
        '<edXMLManifest version="1.0"><Reference><ContentId>cid:a</ContentId><ContentType>'
        "application/pdf</ContentType><AttachmentName>a.pdf</AttachmentName></Reference>"
        "</edXMLManifest></edXMLBody></edXMLEnvelope><AttachmentEncoded><Attachment><ContentId>a"
        "</ContentId><AttachmentName>a.pdf</AttachmentName><ContentType>application/pdf"
        f"</ContentType><ContentTransferEncoded>{content}</ContentTransferEncoded></Attachment>"
        "</AttachmentEncoded></edXML>"
    )


SMALL: Final = _envelope("YQ==").encode()
