"""The papers of a soak run, and what its offices remember of them.

The book is the ground truth: attempts, answers, and what arrived where, by digest.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from axis.chaos.reform import COMMUNES
from axis.chaos.world import SENDER, SYSTEMS
from axis.envelope.dates import write_date
from axis.envelope.package import parse
from axis.envelope.values import (
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    ManifestReference,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    SignerInfo,
    compose_document_id,
)
from axis.envelope.writer import encode
from axis.trust.sign import Signer, sign

DAY: Final = date(2026, 11, 20)
CODE_OF: Final = {code: system for system, (code, _) in SYSTEMS.items()}


@dataclass(slots=True)
class Paper:
    """One package as its sender knows it."""

    package: bytes
    to: tuple[str, ...]  #: codes; empty where it must be refused
    recalls: bytes | None = None  #: digest of the document that it recalls
    tries: int = 0
    accepted: bool | None = None  #: the answer; None until there is one

    @property
    def digest(self) -> bytes:
        """SHA-256 of the exact bytes."""
        return hashlib.sha256(self.package).digest()


@dataclass(slots=True)
class Book:
    """What all offices remember."""

    sent: dict[bytes, Paper] = field(default_factory=dict)  #: by digest
    kept: Counter[tuple[str, bytes]] = field(default_factory=Counter)  #: (system, digest) → times
    seen: set[UUID] = field(default_factory=set)  #: deliveries whose bytes an office has kept
    repeats: int = 0  #: notices and fetches of what an office had already
    by_http: int = 0  #: verdicts that the gateway answered with
    outages: int = 0  #: calls that the axis could not answer
    wrong: list[str] = field(default_factory=list)  #: what must never happen


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes papers: to ministries or to a commune, some broken, some recalling another."""

    signer: Signer
    chance: random.Random

    def write(self, number: int, book: Book) -> Paper:
        """Return the next paper."""
        chance = self.chance
        if number and chance.random() < 0.02:
            whole = chance.choice(list(book.sent.values())).package
            return Paper(package=whole[: len(whole) - 1 - number % 50], to=())
        to = tuple(chance.sample(sorted(CODE_OF), chance.choice((1, 1, 2, 3, 6))))
        if chance.random() < 0.25:
            to = (chance.choice(COMMUNES),)  # alone, so that where it arrives tells which it was
        recalled: Paper | None = None
        if number and chance.random() < 0.03:
            papers = [p for p in book.sent.values() if p.to and p.recalls is None]
            recalled = papers[-1] if papers else None
        code = Code(number=str(number), notation="SOAK")
        business = Business()
        if recalled is not None:
            to = recalled.to
            business = Business(
                doc_type=BusinessType.RECALL,
                document_id=_document_id(recalled.package),
            )
        envelope = DocumentEnvelope(
            sender=Organization(organ_id=OrganId(SENDER), organ_name="Soak sender"),
            recipients=tuple(Organization(organ_id=OrganId(one)) for one in to),
            document_id=compose_document_id(SENDER, DAY, code),
            code=code,
            promulgation_info=PromulgationInfo(place="Huế", promulgation_date=write_date(DAY)),
            document_type=DocumentType(type=1, type_name="Công văn"),
            subject=f"Soak {number}",
            signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
            other_info=OtherInfo(priority=chance.choice((0, 0, 0, 1))),
            business=business,
            manifest=(
                ManifestReference(
                    content_id="1", attachment_name="soak.bin", content_type="application/pdf"
                ),
            ),
        )
        content = chance.randbytes(chance.choice((1_000, 10_000, 60_000)))
        package = sign(encode(envelope, {"1": content}), self.signer)
        return Paper(
            package=package, to=to, recalls=recalled.digest if recalled is not None else None
        )


def _document_id(package: bytes) -> DocumentId:
    envelope = parse(package).envelope
    assert isinstance(envelope, DocumentEnvelope)  # noqa: S101
    return envelope.document_id
