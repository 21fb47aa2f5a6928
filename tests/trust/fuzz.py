"""Feeds broken packages, certificates and lists to everything that reads them from outside.

Whatever is not one of our refusals is a bug, and so is more than a second of work. The tests run it
for a moment; the long run is::

    python -m tests.trust.fuzz --seconds 3600 --seed 1
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from axis.envelope.limits import Limits
from axis.envelope.unzip import Archive
from axis.errors import AxisError
from axis.examine.inspect import inspect
from axis.trust.certificates import read_all
from axis.trust.lexical import LexicalError, tokens
from axis.trust.links import link_of
from axis.trust.material import load_material, read_crl
from axis.trust.ocsp import read_answers
from axis.trust.path import PathJudge, judge_of
from axis.trust.pki import init_authority, issue
from axis.trust.sign import sign, signer_of
from axis.trust.values import Shape
from tests.trust.material import package
from tests.work import least_cpu_s

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
#: Pieces that have broken readers before.
PIECES = [
    b"<!--", b"-->", b"<?x?>", b"<![CDATA[", b"]]>", b"<!DOCTYPE edXML [", b"]>", b"&", b"&amp;",
    b"&#0;", b"&#x110000;", b"&#xD800;", b"&lt;", b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\r", b"\t", b"<", b">", b"/>", b'"', b"'", b"=",
    b"xmlns", b"xmlns:", b'xmlns:a="b"', b'xmlns=""', b"xml:id", b'Id="envelope"', b"cid:", b"#",
    b'URI=""', b"ds:", b"<ds:Signature", b"</ds:Signature>", b"<Signature", b"Reference",
    b"<edXML:edXMLEnvelope>", b"</edXML:edXMLEnvelope>", b"A" * 5000, b"=" * 9, b"0x", b"-1",
    b"9" * 400, "\u202e".encode(), "\u0000".encode(), b"%s%n", b"../../", b"\x1b[2J",
]  # fmt: skip


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return the data with a few things broken."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.choice((1, 2, 8, 64, 1024)))
        match chance.randrange(7):
            case 0 if out:
                out[at % len(out)] ^= 1 << chance.randrange(8)
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end]
            case 3:
                out[at:at] = chance.choice(PIECES)
            case 4:
                out[at:end] = chance.choice(PIECES)
            case 5:
                out[at:end] = chance.randbytes(end - at)
            case _:
                other = chance.randrange(len(out) + 1)
                piece = out[at:end]
                del out[at:end]
                out[other:other] = piece
    return bytes(out)


def targets(folder: Path) -> dict[str, tuple[list[bytes], Callable[[bytes], object]]]:
    """Return what is read from outside: samples, and the function that reads them."""
    init_authority(folder, now=NOW)
    key, certificate = issue(folder, name="Cơ quan", now=NOW)
    signer = signer_of(key, certificate)
    small = {"a": b"x", "b": b"%PDF"}
    material = load_material(folder)

    def examine(body: bytes) -> None:
        found = inspect(body, limits=Limits(), second_opinion=True)
        found.verified()

    def certificates(data: bytes) -> None:
        for each in read_all(data, source="fuzz"):
            link = link_of(each)
            judge_of(material).find(link, NOW, judge_of(material).rules)

    def lists(data: bytes) -> None:
        broken = replace(material, crls=(read_crl(data, source="fuzz"), *material.crls))
        PathJudge(broken).judge(certificate, NOW)

    def unpack(data: bytes) -> None:
        archive = Archive(io.BytesIO(data))
        for entry in archive.entries:
            for _ in archive.unpack(entry):
                pass

    return {
        "package": ([sign(package(small), signer, shape) for shape in Shape], examine),
        "certificate": (
            [
                certificate.der,
                certificate.x509.public_bytes(Encoding.PEM),
                pkcs7.serialize_certificates([certificate.x509], Encoding.DER),
            ],
            certificates,
        ),
        "crl": (
            [path.read_bytes() for path in (folder / "crls").iterdir()],
            lists,
        ),
        "ocsp": ([b"0\x82\x01\x00" + bytes(300)], lambda data: read_answers(data, source="fuzz")),
        "tokens": ([package(small)], tokens),
        "zip": ([_zip(small), _zip({"a.pdf": bytes(9000)})], unpack),
    }


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return out.getvalue()


def run(*, seconds: float, seed: int) -> dict[str, Counter[str]]:
    """Return the codes met for each target.

    Raises:
        Exception: what a reader raised that is none of our refusals; the input stands beside it.
    """
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        known = targets(Path(folder) / "ca")
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            number += 1
            for name, (samples, read) in known.items():
                chance = random.Random(f"{seed} {number} {name}")
                data = mutate(chance.choice(samples), chance)
                codes = counts.setdefault(name, Counter())
                work = partial(_count, read, data, codes)
                try:
                    took_s = least_cpu_s(work, enough_s=1)
                except Exception as error:
                    error.add_note(f"seed {seed} number {number} target {name}: {data!r}")
                    raise
                if took_s > 1:
                    raise TimeoutError(f"seed {seed} number {number} target {name}: {data!r}")
    return counts


def _count(read: Callable[[bytes], object], data: bytes, codes: Counter[str]) -> None:
    try:
        read(data)
        codes["read"] += 1
    except AxisError as error:
        codes[error.code] += 1
    except LexicalError:
        codes["lexical"] += 1


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    for name, codes in run(seconds=given.seconds, seed=given.seed).items():
        print(name, sum(codes.values()), dict(codes.most_common()))


if __name__ == "__main__":
    main()
