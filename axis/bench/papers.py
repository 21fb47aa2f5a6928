"""Writes and signs the packages of a day, in several processes, and stores their bodies.

That is the work of the offices and of the doors; a measurement begins when it is done.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from axis.bench.country import document
from axis.bench.mix import EACH, Paper
from axis.bodies import DiskBodies
from axis.envelope.dates import parse_time
from axis.envelope.values import (
    DocumentEnvelope,
    OrganId,
    Organization,
    ResponseFor,
    StatusCode,
    StatusEnvelope,
)
from axis.envelope.writer import encode
from axis.intake import package_id_of
from axis.trust.certificates import read_one
from axis.trust.keys import load_key
from axis.trust.sign import Signer, sign, signer_of

_BARE: Final = 4_500  #: bytes of a signed package beside its attachment
_CHUNK: Final = 40  #: documents that a process writes before it takes more


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A package whose body is stored."""

    package_id: UUID
    system_id: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A document and, for each office that answers, its packages in their order."""

    document: Made
    addresses: int
    answers: dict[str, list[Made]]


def make(
    papers: Sequence[Paper],
    system_of: dict[str, str],
    signers: dict[str, tuple[Path, Path]],
    bodies: Path,
) -> Iterator[Course]:
    """Yield each document with its answers, in order; all bodies are durable.

    Args:
        papers: what to write.
        system_of: which system an office works with.
        signers: certificate and key (PEM files) of each system.
        bodies: the folder of the axis's bodies.
    """
    chunks = [papers[start : start + _CHUNK] for start in range(0, len(papers), _CHUNK)]
    context = multiprocessing.get_context("spawn")
    write = partial(_write, system_of, signers, bodies)
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=context) as pool:
        for courses in pool.map(write, chunks):
            yield from courses


_signers: dict[str, Signer] = {}


def _write(
    system_of: dict[str, str],
    files: dict[str, tuple[Path, Path]],
    folder: Path,
    papers: Sequence[Paper],
) -> list[Course]:
    bodies = DiskBodies(folder)
    courses = []

    def kept(system: str, package: bytes) -> Made:
        if system not in _signers:
            certificate, key = files[system]
            one = read_one(certificate.read_bytes(), source=str(certificate))
            _signers[system] = signer_of(load_key(key), one)
        stored = bodies.put(sign(package, _signers[system]))
        return Made(
            package_id=package_id_of(system, stored.digest),
            system_id=system,
            digest=stored.digest.hex(),
            size_bytes=stored.size_bytes,
        )

    for paper in papers:
        envelope = document(paper.number, paper.sender, paper.to)
        content = os.urandom(max(1, (paper.size_bytes - _BARE) * 3 // 4))
        courses.append(
            Course(
                document=kept(system_of[paper.sender], encode(envelope, {"1": content})),
                addresses=len(paper.to),
                answers={
                    code: [kept(system_of[code], _status(envelope, code, one)) for one in EACH]
                    for code in sorted(paper.answering)
                },
            )
        )
    return courses


def _status(about: DocumentEnvelope, reporter: str, code: str) -> bytes:
    timestamp = parse_time(datetime.now(UTC).strftime("%Y/%m/%d %H:%M:%S"))
    assert timestamp is not None  # noqa: S101  written in its own form
    return encode(
        StatusEnvelope(
            sender=Organization(organ_id=OrganId(reporter), organ_name="Bench receiver"),
            response_for=ResponseFor(
                organ_id=about.sender.organ_id,
                code=about.code.sign,
                promulgation_date=about.promulgation_info.promulgation_date,
                document_id=about.document_id,
            ),
            status_code=StatusCode(code),
            description="Đã đến" if code == EACH[0] else "Đã tiếp nhận",
            timestamp=timestamp,
        ),
        {},
    )
