"""Whom an office believes: the receiver's own judgement, which does not rest on the axis's word.

Pins say which certificates speak for a sender; anchors say in which authorities the path of any
other sender's certificate may end. Anchors alone do not tell which office a certificate speaks for:
that is the registry's knowledge. Pin those for whom this matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.client.errors import (
    NotAddressedError,
    NotOursError,
    NoTrustError,
    SenderMismatchError,
)
from adapters.client.values import Delivery
from adapters.client.vouched import Instead, instead_of
from axis.envelope.limits import Limits
from axis.envelope.package import Types
from axis.envelope.values import DocumentEnvelope, Envelope
from axis.examine.inspect import Inspection, inspect
from axis.ledger.receipt import VerifiedReceipt
from axis.trust.certificates import read_all, read_der
from axis.trust.material import Material, TrustFolder, load_material
from axis.trust.path import check_validity, judge_of
from axis.trust.values import VerifiedSignature, Weakness
from axis.types.book import shipped

#: What a client takes, whatever limits the axis has: no attachment inside is larger than a package.
TAKEN: Final = Limits(package_bytes=256 * 1024 * 1024)


class Trust:
    """Anchors, pins, and the codes of our own offices."""

    def __init__(
        self,
        *,
        anchors: Path | str | Material | None = None,
        pins: Mapping[str, Iterable[Path | str | bytes]] | None = None,
        offices: Collection[str] = (),
        groups: Collection[str] = (),
        weak: Collection[Weakness] = (),
        types: Types | None = None,
    ) -> None:
        """Read the certificates.

        Args:
            anchors: a folder as :func:`axis.trust.material.load_material` reads it, with CRLs; one
                with ``anchors/`` in it is read again when a file there changes.
            pins: for each sender's code its certificates: files, or SHA-256 of certificates.
            offices: codes of our offices, former ones too; with none given, only the sender's word
                is compared with the delivery.
            groups: codes of the groups of addressees that our offices are in; a sender who writes
                a group does not name its members.
            weak: signatures of today's systems that are let in, for as long as the axis lets in
                such; what came so says it (``signature.weak``).
            types: reads messages of other types than edXML's own; those that come with this
                library, where nothing is given.

        Raises:
            CertificateUnreadableError: a file holds no certificate.
        """
        self._material = _material_of(anchors)
        self._pins = {code: frozenset(_digests(given)) for code, given in (pins or {}).items()}
        self._offices = frozenset(offices)
        self._groups = frozenset(groups)
        self._weak = frozenset(weak)
        self._types = types or shipped()

    def verify(
        self, body: bytes, delivery: Delivery, *, at: datetime
    ) -> tuple[Envelope, VerifiedSignature]:
        """Return what a package says and who signed it, where it is for us and to be believed.

        Args:
            body: the exact bytes.
            delivery: how the axis announced it.
            at: the instant of acceptance, to judge the certificate at.

        Raises:
            NotAddressedError, NotOursError: see :meth:`demand_addressed`.
            NoTrustError, SenderMismatchError, AxisError: see :meth:`open`.
        """
        envelope, signature = self.open(body, at=at)
        # 3. For whom: the signed addressee, not the axis's word.
        self.demand_addressed(envelope, delivery)
        return envelope, signature

    def open(self, body: bytes, *, at: datetime) -> tuple[Envelope, VerifiedSignature]:
        """Return what a package says and who signed it; whom it is for is still to be asked.

        Raises:
            NoTrustError, SenderMismatchError: the signer is not believed.
            AxisError: the package, its signature or its certificate are not valid; with the fault
                OUTAGE it cannot be told now, such as without a fresh revocation list.
        """
        # 1. The package by itself: what the axis checks, checked again.
        found = inspect(body, limits=TAKEN, second_opinion=True, types=self._types)
        signature = self._signature(found)
        # 2. Who signed.
        self._judge(found.envelope, signature, at)
        return found.envelope, signature

    def _signature(self, found: Inspection) -> VerifiedSignature:
        if found.weak is not None and found.weak.weak in self._weak:
            return found.weak
        return found.verified()

    def _judge(self, envelope: Envelope, signature: VerifiedSignature, at: datetime) -> None:
        if signature.weak is Weakness.UNSIGNED:
            return  # let in by name above; there is nobody to judge
        sender = envelope.sender.organ_id
        pinned = self._pins.get(sender)
        certificate = read_der(signature.certificate_der)
        if pinned is not None:
            if signature.certificate_sha256 not in pinned:
                raise SenderMismatchError(
                    sender=sender, got=signature.certificate_sha256.hex()[:12]
                )
            check_validity(certificate.x509, at)
            return
        if self._material is None:
            raise NoTrustError
        judge_of(self._material()).judge(certificate, at)

    def demand_addressed(self, envelope: Envelope, delivery: Delivery) -> None:
        """Return where the sender signed whom it was delivered to, and that office is ours.

        Raises:
            NotAddressedError: the sender did not address whom it was delivered to.
            NotOursError: that office is none of ours.
        """
        named = addressees(envelope)
        if delivery.address not in named and self._groups.isdisjoint(named):
            shown = ", ".join(named[:5]) + (" …" if len(named) > 5 else "")
            raise NotAddressedError(got=delivery.address, expected=shown or "–")
        if self._offices and delivery.address not in self._offices:
            raise NotOursError(got=delivery.address, expected=", ".join(sorted(self._offices)))

    def instead(
        self, envelope: Envelope, delivery: Delivery, receipts: Iterable[VerifiedReceipt]
    ) -> Instead | None:
        """Return for whom a delivery is that was not addressed to us, where the ledger says it."""
        return instead_of(
            receipts,
            delivery_id=delivery.delivery_id,
            address=delivery.address,
            named=[*addressees(envelope), *self._groups_of(envelope, delivery)],
            offices=self._offices,
        )

    def _groups_of(self, envelope: Envelope, delivery: Delivery) -> list[str]:
        """Return the address itself, where a group that we are in was written."""
        return [] if self._groups.isdisjoint(addressees(envelope)) else [delivery.address]


def _material_of(anchors: Path | str | Material | None) -> Callable[[], Material] | None:
    if anchors is None:
        return None
    if isinstance(anchors, Material):
        return lambda: anchors
    folder = Path(anchors)
    if (folder / "anchors").is_dir():
        return TrustFolder(
            *(folder / name for name in ("anchors", "intermediates", "crls"))
        ).current
    found = load_material(folder)
    return lambda: found


def addressees(envelope: Envelope) -> list[str]:
    """Return the codes that the sender signed as receivers."""
    named = [str(one) for one in envelope.addresses if one]
    if isinstance(envelope, DocumentEnvelope):
        named += [str(one.organ_id) for one in envelope.business.receivers]
    return named


def _digests(given: Iterable[Path | str | bytes]) -> Iterable[bytes]:
    for one in given:
        if isinstance(one, bytes):
            yield one
        elif isinstance(one, str) and len(one) == 64 and not Path(one).exists():
            yield bytes.fromhex(one)
        else:
            path = Path(one)
            for each in read_all(path.read_bytes(), source=str(path)):
                from cryptography.hazmat.primitives.serialization import Encoding

                yield read_der(each.public_bytes(Encoding.DER)).sha256
