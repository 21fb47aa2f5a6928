"""What the records, RabbitMQ and the disks show, as Prometheus reads it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from axis.delivery.states import State
from axis.doctor.broker import Broker, look
from axis.doctor.places import room_of
from axis.doctor.values import ORDER, Patient, Verdict
from axis.errors import AxisError
from axis.metrics.table import SHOWN
from axis.settings import Settings
from axis.store.alarms import alarms
from axis.store.checks import failing, oldest_untold, parked, server_of, unsigned
from axis.store.directory_systems import queued_systems
from axis.store.engine import transaction
from axis.store.operations import check_results, waiting_messages

#: A figure: name of the metric, values of its labels, value.
Figure = tuple[str, tuple[str, ...], float]


class Figures(Collector):
    """Reads at most every ``records_s``; between, what was read is shown again."""

    def __init__(self, settings: Settings, engine: sa.Engine, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._engine = engine
        self._now = now
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._figures: list[Figure] = []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return what Prometheus is told."""
        with self._lock:
            if time.monotonic() - self._read_at >= self._settings.metrics.records_s:
                self._figures = [*self._of_records(), *self._of_broker(), *self._of_disks()]
                self._read_at = time.monotonic()
            figures = list(self._figures)
        for metric in SHOWN:
            family = GaugeMetricFamily(metric.name, metric.en, labels=metric.labels)
            for name, labels, value in figures:
                if name == metric.name:
                    family.add_metric(list(labels), value)
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Return what there can be, without asking anybody."""
        return [GaugeMetricFamily(one.name, one.en, labels=one.labels) for one in SHOWN]

    def _of_records(self) -> list[Figure]:
        found: list[Figure] = []
        now = self._now()
        try:
            with transaction(self._engine) as connection:
                for name, state in (("parked", State.PARKED), ("held", State.HELD)):
                    found += [
                        (f"axis_deliveries_{name}", (one.reason,), one.deliveries)
                        for one in parked(connection, state)
                    ]
                systems = sorted(queued_systems(connection))
                for lane, oldest in oldest_untold(connection, systems).items():
                    waited = (now - oldest).total_seconds()
                    found.append(("axis_delivery_untold_seconds", (lane.value,), waited))
                ways = Counter(one.way for one in failing(connection))
                found += [("axis_systems_failing", (way,), ways[way]) for way in sorted(ways)]
                behind = unsigned(connection)
                late = (now - behind.oldest).total_seconds() if behind.oldest else 0.0
                found.append(("axis_ledger_unsigned_entries", (), behind.entries))
                found.append(("axis_ledger_unsigned_seconds", (), late))
                codes = Counter(one.code for one in alarms(connection))
                found += [("axis_alarms", (code,), codes[code]) for code in sorted(codes)]
                results = check_results(connection)
                for result in results:
                    place = ORDER.index(Verdict(result.verdict))
                    found.append(("axis_check_verdict", (result.name,), place))
                if results:
                    age = (now - max(one.at for one in results)).total_seconds()
                    found.append(("axis_check_age_seconds", (), age))
                waiting = waiting_messages(connection)
                found.append(("axis_alert_messages_waiting", (), waiting))
                server = server_of(connection)
                if server is not None:
                    found.append(("axis_database_connections", (), server.connections))
                    found.append(("axis_database_connections_most", (), server.most))
        except AxisError:
            return [("axis_database_up", (), 0)]
        return [("axis_database_up", (), 1), *found]

    def _of_broker(self) -> list[Figure]:
        try:
            broker: Broker = look(Patient(self._settings, self._engine, self._now))
        except AxisError:
            return [("axis_broker_up", (), 0)]
        found: list[Figure] = [("axis_broker_up", (), 1 if broker.takes else 0)]
        for queue, seen in broker.queues.items():
            found.append(("axis_queue_messages", (queue,), seen.messages))
            found.append(("axis_queue_consumers", (queue,), seen.consumers))
        return found

    def _of_disks(self) -> list[Figure]:
        own = self._settings
        places = {
            "bodies": own.path(own.bodies.path),
            "ledger": own.path(own.notary.tiles),
            "home": Path(own.home).absolute(),
        }
        return [
            ("axis_disk_free_bytes", (name,), room_of(path).free_bytes)
            for name, path in places.items()
        ]
