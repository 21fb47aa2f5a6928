"""Every metric: its name, what kind it is, its labels, its unit and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What Prometheus takes it for."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric."""

    name: str  #: without ``_total``, which counters get
    kind: Kind
    labels: tuple[str, ...] = ()
    unit: str
    en: str
    buckets: tuple[float, ...] = ()

    @property
    def shown(self) -> str:
        """The name as it is asked for; a histogram has ``_bucket``, ``_sum`` and ``_count``."""
        return f"{self.name}_total" if self.kind is Kind.COUNTER else self.name


_SHORT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)

#: What processes count as they work; each process of a machine adds to the same figures.
COUNTED: Final = (
    Metric(
        name="axis_packages",
        kind=Kind.COUNTER,
        labels=("verdict",),
        unit="packages",
        en="packages that the relay judged: accepted, refused, again (cannot tell yet), parked",
    ),
    Metric(
        name="axis_refusals",
        kind=Kind.COUNTER,
        labels=("code",),
        unit="packages",
        en="packages that were refused, by the code of the refusal",
    ),
    Metric(
        name="axis_batch_seconds",
        kind=Kind.HISTOGRAM,
        unit="seconds",
        en="from a batch's first look to its acknowledgement",
        buckets=_SHORT,
    ),
    Metric(
        name="axis_steps",
        kind=Kind.COUNTER,
        labels=("step",),
        unit="deliveries",
        en="steps that systems took with deliveries: fetch, confirm, refuse",
    ),
    Metric(
        name="axis_delivery_seconds",
        kind=Kind.HISTOGRAM,
        labels=("lane",),
        unit="seconds",
        en="from the acceptance of a document to its confirmation by the receiver",
        buckets=_LONG,
    ),
    Metric(
        name="axis_http_requests",
        kind=Kind.COUNTER,
        labels=("door", "status"),
        unit="requests",
        en="requests that the HTTP doors answered, by door and first digit of the status",
    ),
    Metric(
        name="axis_http_seconds",
        kind=Kind.HISTOGRAM,
        labels=("door",),
        unit="seconds",
        en="from a request's head to the beginning of its answer",
        buckets=_SHORT,
    ),
    Metric(
        name="axis_pushes",
        kind=Kind.COUNTER,
        labels=("outcome",),
        unit="notices",
        en="notices that the courier pushed: taken, failed",
    ),
    Metric(
        name="axis_entries_placed",
        kind=Kind.COUNTER,
        unit="entries",
        en="entries of the ledger that got their place and were signed for",
    ),
    Metric(
        name="axis_alert_messages",
        kind=Kind.COUNTER,
        labels=("channel", "outcome"),
        unit="messages",
        en="messages of alarms by mail and webhook: sent, failed",
    ),
    Metric(
        name="axis_process_starts",
        kind=Kind.COUNTER,
        labels=("process",),
        unit="starts",
        en="starts of processes; one that rises again and again dies again and again",
    ),
)

#: What the records, RabbitMQ and the disks show at the moment of the question.
SHOWN: Final = (
    Metric(
        name="axis_database_up",
        kind=Kind.GAUGE,
        unit="1 or 0",
        en="the database answered",
    ),
    Metric(name="axis_broker_up", kind=Kind.GAUGE, unit="1 or 0", en="RabbitMQ answered"),
    Metric(
        name="axis_queue_messages",
        kind=Kind.GAUGE,
        labels=("queue",),
        unit="notices",
        en="notices that stand in a queue",
    ),
    Metric(
        name="axis_queue_consumers",
        kind=Kind.GAUGE,
        labels=("queue",),
        unit="consumers",
        en="who takes from a queue; of the intake, the relays",
    ),
    Metric(
        name="axis_deliveries_parked",
        kind=Kind.GAUGE,
        labels=("reason",),
        unit="deliveries",
        en="deliveries that were set aside and wait for a person",
    ),
    Metric(
        name="axis_deliveries_held",
        kind=Kind.GAUGE,
        labels=("reason",),
        unit="deliveries",
        en="deliveries of offices that take nothing now",
    ),
    Metric(
        name="axis_delivery_untold_seconds",
        kind=Kind.GAUGE,
        labels=("lane",),
        unit="seconds",
        en="how long the oldest delivery waits for its receiver's queue to be told",
    ),
    Metric(
        name="axis_systems_failing",
        kind=Kind.GAUGE,
        labels=("way",),
        unit="systems",
        en="systems that do not take what they are told, by queue or webhook",
    ),
    Metric(
        name="axis_ledger_unsigned_entries",
        kind=Kind.GAUGE,
        unit="entries",
        en="entries that wait for their place or for a signature",
    ),
    Metric(
        name="axis_ledger_unsigned_seconds",
        kind=Kind.GAUGE,
        unit="seconds",
        en="how long the oldest of them waits; 0 where none does",
    ),
    Metric(
        name="axis_alarms",
        kind=Kind.GAUGE,
        labels=("code",),
        unit="alarms",
        en="alarms that go on (axis alert list)",
    ),
    Metric(
        name="axis_check_verdict",
        kind=Kind.GAUGE,
        labels=("check",),
        unit="0 … 4",
        en="what axis doctor found last: 0 good, 1 remark, 2 unknown, 3 warning, 4 wrong",
    ),
    Metric(
        name="axis_check_age_seconds",
        kind=Kind.GAUGE,
        unit="seconds",
        en="how long ago the clock ran the checks",
    ),
    Metric(
        name="axis_alert_messages_waiting",
        kind=Kind.GAUGE,
        unit="messages",
        en="messages of alarms that were not sent yet",
    ),
    Metric(
        name="axis_disk_free_bytes",
        kind=Kind.GAUGE,
        labels=("place",),
        unit="bytes",
        en="room on the disk of the bodies, of the ledger's tiles and of home",
    ),
    Metric(
        name="axis_database_connections",
        kind=Kind.GAUGE,
        unit="connections",
        en="connections of PostgreSQL that are taken",
    ),
    Metric(
        name="axis_database_connections_most",
        kind=Kind.GAUGE,
        unit="connections",
        en="connections that PostgreSQL allows",
    ),
)

METRICS: Final[Mapping[str, Metric]] = {one.name: one for one in (*COUNTED, *SHOWN)}
