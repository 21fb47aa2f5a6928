"""Reads what a rehearsal asks beside the directory: documents on their way, certificates in use."""

from __future__ import annotations

import sqlalchemy as sa

from axis.directory.rehearsal import CertificateHeld, Undelivered
from axis.store.tables.delivery import DELIVERY
from axis.store.tables.trust import CERTIFICATE, CERTIFICATE_BINDING

_ON_THE_WAY = ("held", "routed", "fetched", "parked")


def undelivered(connection: sa.Connection) -> list[Undelivered]:
    """Return the deliveries that nobody has confirmed, in the order of their routing."""
    c = DELIVERY.c
    rows = connection.execute(
        sa.select(c.id, c.address, c.office_id)
        .where(c.state.in_(_ON_THE_WAY))
        .order_by(c.routed_at, c.id)
    )
    return [
        Undelivered(delivery_id=str(row.id), address=row.address, office_id=row.office_id)
        for row in rows
    ]


def certificates(connection: sa.Connection) -> list[CertificateHeld]:
    """Return the certificates that are bound to an office and not revoked."""
    c = CERTIFICATE_BINDING.c
    rows = connection.execute(
        sa.select(c.certificate_sha256, c.office_id)
        .join(CERTIFICATE, CERTIFICATE.c.sha256 == c.certificate_sha256)
        .where(CERTIFICATE.c.revoked_at.is_(None), c.valid_to.is_(None))
        .order_by(c.id)
    )
    return [
        CertificateHeld(certificate=row.certificate_sha256.hex(), office_id=row.office_id)
        for row in rows
    ]
