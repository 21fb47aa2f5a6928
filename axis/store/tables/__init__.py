"""The tables, a file for each room that keeps records; together they are what migrations build."""

from __future__ import annotations

from axis.store.tables.access import ACCESS_TOKEN
from axis.store.tables.alarms import ALARM
from axis.store.tables.base import METADATA
from axis.store.tables.console import DOCUMENT_SEARCH
from axis.store.tables.courier import WEBHOOK
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import OFFICE, SYSTEM
from axis.store.tables.ledger import LEDGER_ENTRY, LEDGER_INBOX
from axis.store.tables.life import CHANGE_REQUEST
from axis.store.tables.operations import CHECK_RESULT
from axis.store.tables.parts import PART
from axis.store.tables.peers import PEER
from axis.store.tables.people import ADMIN_ACT
from axis.store.tables.reports import CLOSED_REPORT
from axis.store.tables.trust import CERTIFICATE
from axis.store.tables.types import MESSAGE_TYPE

__all__ = [
    "ACCESS_TOKEN",
    "ADMIN_ACT",
    "ALARM",
    "CERTIFICATE",
    "CHANGE_REQUEST",
    "CHECK_RESULT",
    "CLOSED_REPORT",
    "DELIVERY",
    "DOCUMENT_SEARCH",
    "LEDGER_ENTRY",
    "LEDGER_INBOX",
    "MESSAGE_TYPE",
    "METADATA",
    "OFFICE",
    "PACKAGE",
    "PART",
    "PEER",
    "SYSTEM",
    "WEBHOOK",
]
