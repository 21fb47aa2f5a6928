"""The country that a measurement works in: one sender, many offices, the systems of these."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from axis.directory.importing import plan_import
from axis.directory.values import ReceivesBy
from axis.envelope.dates import write_date
from axis.envelope.values import (
    Code,
    DocumentEnvelope,
    DocumentType,
    ManifestReference,
    OrganId,
    Organization,
    PromulgationInfo,
    SignerInfo,
    compose_document_id,
)
from axis.envelope.writer import encode
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.directory_systems import connect_system
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.certificates import Certificate, read_one
from axis.trust.pki import init_authority, issue, issue_into
from axis.trust.sign import Signer, sign, signer_of

SENDER: Final = "H57.01"
SENDER_SYSTEM: Final = "bench-sender"
DAY: Final = date(2026, 11, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Offices that receive, by the system that serves them."""

    offices: Mapping[str, Sequence[str]]

    @property
    def systems(self) -> list[str]:
        """The systems that receive."""
        return list(self.offices)

    @property
    def codes(self) -> list[str]:
        """All offices that receive."""
        return [code for codes in self.offices.values() for code in codes]


def country_of(offices: int, systems: int) -> Country:
    """Return a country whose offices are spread evenly over its systems."""
    shared: dict[str, list[str]] = {f"bench-{number}": [] for number in range(systems)}
    for number in range(offices):
        shared[f"bench-{number % systems}"].append(f"G{number % 90 + 10}.{number // 90 + 1:03d}")
    return Country(offices=shared)


def build_country(
    engine: sa.Engine,
    authority: Path,
    country: Country,
    *,
    receives_by: ReceivesBy = ReceivesBy.AMQP,
) -> Signer:
    """Record the country, certify its sender and return the sender's signer."""
    now = datetime.now(UTC).replace(microsecond=0)
    _record(engine, country, receives_by, now)
    _connect(engine, SENDER_SYSTEM, [SENDER], ReceivesBy.POLL, now)
    init_authority(authority, now=now, name="Bench")
    key, certificate = issue(authority, name="Bench sender", now=now)
    _bind(engine, [(certificate, [SENDER])], now)
    return signer_of(key, certificate)


def build_correspondents(
    engine: sa.Engine, authority: Path, country: Country
) -> dict[str, tuple[Path, Path]]:
    """Record the country and certify each of its systems to sign for all its offices.

    Returns:
        certificate and key (PEM files) of each system.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    _record(engine, country, ReceivesBy.AMQP, now)
    init_authority(authority, now=now, name="Bench")
    files: dict[str, tuple[Path, Path]] = {}
    speak: list[tuple[Certificate, Sequence[str]]] = []
    for system_id, codes in country.offices.items():
        files[system_id] = issue_into(authority, name=system_id, now=now)
        speak.append((read_one(files[system_id][0].read_bytes(), source=system_id), codes))
    _bind(engine, speak, now)
    return files


def _record(engine: sa.Engine, country: Country, receives_by: ReceivesBy, now: datetime) -> None:
    lines = ["code,name,level,parent_code", f"{SENDER},Bench sender,provincial,"]
    lines += [f"{code},Bench receiver {code},commune," for code in country.codes]
    table = "\n".join(lines).encode()
    change_directory(
        engine,
        lambda directory: plan_import(directory, table, now, source="bench"),
        kind="import",
        by="bench",
        at=now,
    )
    for system_id, codes in country.offices.items():
        _connect(engine, system_id, codes, receives_by, now)


def _bind(
    engine: sa.Engine, speak: Iterable[tuple[Certificate, Sequence[str]]], now: datetime
) -> None:
    """Let certificates speak for offices."""
    with transaction(engine) as connection:
        directory = load_directory(connection)
        for certificate, codes in speak:
            register_certificate(connection, certificate, at=now)
            for code in codes:
                office = directory.find(code, now)
                assert office is not None  # noqa: S101  it was recorded before
                bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)


def packages(
    country: Country, signer: Signer, *, count: int, size_bytes: int, to_all: bool = False
) -> Iterator[bytes]:
    """Yield distinct signed packages, each to the next office in turn, or each to all of them.

    Args:
        country: who receives.
        signer: the sender's.
        count: how many packages.
        size_bytes: of the attachment, in Base64.
        to_all: address each package to every office.
    """
    codes = country.codes
    for number in range(count):
        to = codes if to_all else [codes[number % len(codes)]]
        yield sign(_package(number, to, size_bytes), signer)


def document(number: int, sender: str, to: Sequence[str]) -> DocumentEnvelope:
    """Return the envelope of a document with one attachment, ``1``."""
    code = Code(number=str(number), notation="BENCH")
    return DocumentEnvelope(
        sender=Organization(organ_id=OrganId(sender), organ_name="Bench sender"),
        recipients=tuple(Organization(organ_id=OrganId(one)) for one in to),
        document_id=compose_document_id(sender, DAY, code),
        code=code,
        promulgation_info=PromulgationInfo(place="Huế", promulgation_date=write_date(DAY)),
        document_type=DocumentType(type=1, type_name="Công văn"),
        subject=f"Bench {number}",
        signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
        manifest=(
            ManifestReference(
                content_id="1", attachment_name="bench.bin", content_type="application/pdf"
            ),
        ),
    )


def _package(number: int, to: Sequence[str], size_bytes: int) -> bytes:
    content = os.urandom(max(1, size_bytes * 3 // 4))
    return encode(document(number, SENDER, to), {"1": content})


def _connect(
    engine: sa.Engine,
    system_id: str,
    codes: Sequence[str],
    receives_by: ReceivesBy,
    now: datetime,
) -> None:
    connect_system(
        engine, system_id, codes, name=system_id, receives_by=receives_by, by="bench", at=now
    )
