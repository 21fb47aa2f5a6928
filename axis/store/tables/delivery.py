"""Packages, their deliveries, and the business statuses told about them."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Facts, Instant

#: One row for each package that was judged, accepted or refused; the verdict is given once.
PACKAGE = sa.Table(
    "package",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False),
    sa.Column("digest", Digest, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("door", sa.String(16), nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("accepted", sa.Boolean, nullable=False),
    sa.Column("refusal", Facts),
    sa.Column("kind", sa.String(16)),  # the message type; null where it could not be read
    sa.Column(
        "document_id", sa.String(255)
    ),  # the QCVN's DocumentId; of a status: what it is about
    sa.Column("sign", sa.String(128)),  # number/notation, such as 7816/VPCP-TTĐT
    sa.Column("subject", sa.Text),
    sa.Column("sender", sa.String(64)),  # OrganId as written
    sa.Column("sender_office", sa.String(64)),
    sa.Column("about_package_id", sa.Uuid),  # a status: the document package that it is about
    sa.Column("about_delivery_id", sa.Uuid),  # and the delivery of it
    sa.Column("business_type", sa.SmallInteger),
    sa.Column("status_code", sa.String(2)),
    sa.Column("priority", sa.SmallInteger),
    sa.Column("due_on", sa.Date),
    sa.Column("certificate", Digest),  # SHA-256 of the signer's certificate
    sa.Column("weak", sa.String(32)),  # why the signature is weak, if a policy let it pass
    sa.Column("purged", sa.Boolean, nullable=False, server_default=sa.false()),  # body_purge has it
    sa.UniqueConstraint("system_id", "digest"),
    sa.Index("ix_package_document_id", "document_id"),
    sa.Index("ix_package_sign", "sign"),
    sa.Index("ix_package_decided_at", "decided_at"),
    # What retention walks through: the oldest that has not gone, and never what has.
    sa.Index(
        "ix_package_unpurged",
        "accepted",
        "kind",
        "decided_at",
        "id",
        postgresql_where=sa.text("not purged"),
        sqlite_where=sa.text("not purged"),
    ),
    sa.Index("ix_package_sent", "system_id", "decided_at", "id"),
    sa.Index(
        "ix_package_due_on",
        "due_on",
        postgresql_where=sa.text("due_on is not null"),
        sqlite_where=sa.text("due_on is not null"),
    ),
    sa.Index(
        "ix_package_about",
        "about_package_id",
        postgresql_where=sa.text("about_package_id is not null"),
        sqlite_where=sa.text("about_package_id is not null"),
    ),
)

#: One row for each package and addressed office.
DELIVERY = sa.Table(
    "delivery",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),  # among the addressees, from 0
    sa.Column("address", sa.String(64), nullable=False),  # OrganId as written
    sa.Column("office_id", sa.String(64), nullable=False),  # the office served
    sa.Column("system_id", sa.String(64)),  # the system that serves it; null while held
    sa.Column("lane", sa.String(8), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("held_reason", sa.String(64)),  # why it is held, parked or over
    sa.Column("routed_at", Instant, nullable=False),
    sa.Column("offered_at", Instant),  # routed and offered share a value of state: HOT updates
    sa.Column("fetched_at", Instant),
    sa.Column("confirmed_at", Instant),
    sa.Column("ended_at", Instant),  # when it was over without being confirmed
    sa.Column("status_code", sa.String(2)),  # where the course of business statuses is
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("redirect_of", sa.Uuid),  # the delivery in whose place this one stands
    sa.Column("last_entry", sa.Uuid, nullable=False),  # the ledger entry that the next one follows
    sa.UniqueConstraint("package_id", "address"),
    # Rows lie in the order in which they came, so that a summary of each stretch finds a period.
    sa.Index(
        "ix_delivery_routed_at",
        "routed_at",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    ),
    sa.Index(
        "ix_delivery_mailbox",
        "system_id",
        "lane",
        "routed_at",
        "id",
        postgresql_where=sa.text("state in ('routed', 'fetched')"),
        sqlite_where=sa.text("state in ('routed', 'fetched')"),
    ),
    sa.Index(
        "ix_delivery_set_aside",
        "office_id",
        postgresql_where=sa.text("state in ('held', 'parked')"),
        sqlite_where=sa.text("state in ('held', 'parked')"),
    ),
    sa.Index(
        "ix_delivery_unfinished",
        "routed_at",
        postgresql_include=["office_id"],  # the backlog of each office, from the index alone
        postgresql_where=sa.text("state in ('held', 'routed', 'fetched', 'parked')"),
        sqlite_where=sa.text("state in ('held', 'routed', 'fetched', 'parked')"),
    ),
)
