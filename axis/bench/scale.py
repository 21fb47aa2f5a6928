"""How many machines a flow of documents takes: arithmetic on figures that were measured.

Each figure says where it comes from: the page of measurements, or an assumption, which is said to
be one. What the model says of this machine is compared with what was measured on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Documents and statuses that the nation sends and receives in a month of 31 days (July 2025).
NATION_PER_MONTH: Final = 2_800_000
MONTH_DAYS: Final = 31
_MB: Final = 1e6
_GB: Final = 1e9
_TB: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that the model stands on."""

    value: float
    unit: str
    source: str  #: the command that measures it, or ``assumed`` and why


#: What is known. The costs are those of ``axis bench day --scale 0.1``, on two idle cores.
FIGURES: Final[Mapping[str, Figure]] = {
    "share of statuses": Figure(value=0.61, unit="", source="the nation's figures, axis bench day"),
    "receivers of a document": Figure(value=3.6, unit="", source="the nation's figures"),
    "size of a document": Figure(
        value=268_000, unit="B", source="the mix of axis bench day: 30 kB to 10 MB"
    ),
    "size of a status": Figure(value=2_000, unit="B", source="the mix of axis bench day"),
    "working days of a month": Figure(value=22, unit="", source="assumed: nothing on days off"),
    "share of the busiest hour": Figure(value=0.2, unit="", source="assumed: of a working day"),
    "relay": Figure(value=2.1, unit="ms/package", source="axis bench day"),
    "gateway, submit": Figure(
        value=3.7, unit="ms/package", source="axis bench doors: 0.79 of a core at 112 round trips/s"
    ),
    "gateway, give out": Figure(
        value=3.3, unit="ms/delivery", source="the same: list, fetch, confirm"
    ),
    "notary": Figure(value=0.16, unit="ms/package", source="axis bench day"),
    "PostgreSQL": Figure(value=1.2, unit="ms/package", source="axis bench day"),
    "RabbitMQ": Figure(value=0.34, unit="ms/package", source="axis bench day"),
    "offices of the bench": Figure(
        value=1.0, unit="ms/package", source="axis bench day: they share its two cores"
    ),
    "notary, most": Figure(value=10_000, unit="entries/s", source="axis bench ledger"),
    "queue, most": Figure(value=7_400, unit="notices/s", source="one quorum queue, confirmed"),
    "entries of a package": Figure(value=1, unit="", source="its verdict"),
    "entries of a delivery": Figure(value=3, unit="", source="on its way, taken, confirmed"),
    "tiles": Figure(value=625, unit="B/entry", source="the capacity sheet"),
    "records of an entry": Figure(value=1_120, unit="B/entry", source="the capacity sheet"),
    "records of a delivery": Figure(value=480, unit="B/delivery", source="the capacity sheet"),
    "records of a package": Figure(value=960, unit="B/package", source="the capacity sheet"),
    "search of a document": Figure(value=443, unit="B/document", source="axis bench search"),
    "transaction log": Figure(value=2.5, unit="× records", source="assumed: 2 to 3"),
    "copies of a body": Figure(value=3, unit="", source="assumed: what object storage keeps"),
    "synced commits, most": Figure(value=300, unit="MB/s", source="assumed: one NVMe disk"),
    "directory in memory": Figure(value=148, unit="MB/process", source="axis bench directory"),
    "offices": Figure(value=123_000, unit="", source="the directory of the nation"),
    "systems": Figure(
        value=150, unit="", source="assumed: one for a province or ministry, and some offices"
    ),
    "cores of a machine": Figure(value=16, unit="", source="assumed"),
    "use of a core": Figure(value=0.5, unit="", source="assumed: the other half is for bad days"),
    "restore": Figure(value=200, unit="MB/s", source="assumed: base backup from object storage"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What comes, from a number of packages in a month."""

    per_month: float

    @property
    def per_day(self) -> float:
        """Packages of a calendar day: the figure that the bench of a day goes by."""
        return self.per_month / MONTH_DAYS

    @property
    def per_second(self) -> float:
        """Packages of a second in the busiest hour of a working day."""
        working = self.per_month / _of("working days of a month")
        return working * _of("share of the busiest hour") / 3600

    @property
    def deliveries(self) -> float:
        """Deliveries of a package: a document has several, a status one."""
        statuses = _of("share of statuses")
        return (1 - statuses) * _of("receivers of a document") + statuses

    @property
    def size_bytes(self) -> float:
        """Of a package, on average."""
        statuses = _of("share of statuses")
        return (1 - statuses) * _of("size of a document") + statuses * _of("size of a status")

    @property
    def entries(self) -> float:
        """Ledger entries of a package with its deliveries."""
        return _of("entries of a package") + self.deliveries * _of("entries of a delivery")

    @property
    def record_bytes(self) -> float:
        """Bytes in PostgreSQL of a package with its deliveries and entries."""
        return (
            _of("records of a package")
            + self.deliveries * _of("records of a delivery")
            + self.entries * _of("records of an entry")
            + (1 - _of("share of statuses")) * _of("search of a document")
        )

    def a_year(self, of_package: float) -> float:
        """What a year has, of something of which a package has so much."""
        return self.per_day * 365 * of_package


def processor_ms(load: Load) -> dict[str, float]:
    """Return the processor time of a package for each kind of process, in milliseconds."""
    return {
        "relay": _of("relay"),
        "gateway": _of("gateway, submit") + load.deliveries * _of("gateway, give out"),
        "notary": _of("notary"),
        "PostgreSQL": _of("PostgreSQL"),
        "RabbitMQ": _of("RabbitMQ"),
    }


def need(load: Load) -> dict[str, Any]:
    """Return what a load takes, in the units of the names."""
    cores = {
        name: load.per_second * ms / 1000 / _of("use of a core")
        for name, ms in processor_ms(load).items()
    }
    machine = _of("cores of a machine")
    # The axis's own processes share machines; the servers have some of their own.
    own = sum(cores[name] for name in ("relay", "gateway", "notary"))
    bytes_in = load.per_second * load.size_bytes
    # A body goes in, to three disks, to the relay, and out to each receiver.
    moved = bytes_in * (1 + _of("copies of a body") + 1 + load.deliveries)
    log = load.per_second * load.record_bytes * _of("transaction log")
    return {
        "packages_per_day": round(load.per_day),
        "packages_per_s_busy": load.per_second,
        "deliveries_per_s_busy": load.per_second * load.deliveries,
        "entries_per_s_busy": load.per_second * load.entries,
        "cores": cores,
        "machines_axis": math.ceil(own / machine) + 1,  # one may be gone
        "machines_postgresql": 3,
        "machines_rabbitmq": 3,
        "cores_postgresql": cores["PostgreSQL"],
        "cores_rabbitmq": cores["RabbitMQ"],
        "network_mb_per_s_busy": moved / _MB,
        "log_mb_per_s_busy": log / _MB,
        "queues": 2 * _of("systems") + 6,
        "directory_mb_per_process": _of("directory in memory"),
        "bodies_tb_per_year": load.a_year(load.size_bytes) / _TB,
        "stored_tb_per_year": load.a_year(load.size_bytes) * _of("copies of a body") / _TB,
        "entries_per_year": load.a_year(load.entries),
        "tiles_gb_per_year": load.a_year(load.entries) * _of("tiles") / _GB,
        "records_gb_per_year": load.a_year(load.record_bytes) / _GB,
        "restore_h_per_year_kept": load.a_year(load.record_bytes) / _MB / _of("restore") / 3600,
    }


def limits(load: Load) -> dict[str, float]:
    """Return how much of what can be had only once a load uses; what is largest breaks first."""
    wanted = need(load)
    return {
        "notary: it alone gives places": wanted["entries_per_s_busy"] / _of("notary, most"),
        "PostgreSQL: one primary's processors": wanted["cores"]["PostgreSQL"]
        * _of("use of a core")
        / _of("cores of a machine"),
        "PostgreSQL: one primary's log": wanted["log_mb_per_s_busy"] / _of("synced commits, most"),
        "PostgreSQL: a year of records, restored within a day": wanted["restore_h_per_year_kept"]
        / 24,
        "RabbitMQ: the intake queue": load.per_second / _of("queue, most"),
    }


def most_per_month(load: Load) -> tuple[str, float]:
    """Return what breaks first as a load grows, and at how many packages in a month."""
    name, used = max(limits(load).items(), key=lambda item: item[1])
    return name, load.per_month / used


def checks() -> Iterator[tuple[str, float, float]]:
    """Yield what the model says of this machine beside what was measured: name, model, measured."""
    whole = (
        sum(_of(name) for name in ("relay", "notary", "PostgreSQL", "RabbitMQ"))
        + _of("offices of the bench")
    ) / 1000
    yield "packages/s of axis bench day on two cores", 2 / whole, 375
    load = Load(per_month=NATION_PER_MONTH)
    yield "packages of a day", load.per_day, 90_323
    yield "deliveries of a package in axis bench day", load.deliveries, 18_184 / 9_032
    trip = _of("gateway, submit") + _of("gateway, give out")
    yield "gateway's ms of a round trip at 16 connections", trip, 7.4


def markdown() -> str:
    """Return the tables of ``docs/scale.md``."""
    nation, hundred = (Load(per_month=NATION_PER_MONTH * times) for times in (1, 100))
    lines = ["| what | the nation | 100 nations |", "|---|---|---|"]
    one, many = need(nation), need(hundred)
    for name, say in _ROWS.items():
        if name == "cores":
            for kind, cores in one["cores"].items():
                more = _number(many["cores"][kind])
                lines.append(f"| cores for {kind} in that hour | {_number(cores)} | {more} |")
        else:
            lines.append(f"| {say} | {_number(one[name])} | {_number(many[name])} |")
    lines += [
        "",
        "| what can be had only once | the nation uses | 100 nations use |",
        "|---|---|---|",
    ]
    used = limits(hundred)
    for name, share in sorted(limits(nation).items(), key=lambda item: -used[item[0]]):
        lines.append(f"| {name} | {share:.2%} | {used[name]:.0%} |")
    lines += ["", "| checked | the model says | measured | ratio |", "|---|---|---|---|"]
    for name, says, measured in checks():
        lines.append(f"| {name} | {_number(says)} | {_number(measured)} | {says / measured:.2f} |")
    lines += ["", "| figure | value | from |", "|---|---|---|"]
    for name, figure in FIGURES.items():
        value = f"{_number(figure.value)} {figure.unit}".strip()
        lines.append(f"| {name} | {value} | {figure.source} |")
    return "\n".join(lines) + "\n"


#: Rows of the first table: what :func:`need` calls them, and what a reader is told.
_ROWS: Final[Mapping[str, str]] = {
    "packages_per_day": "packages on a day of the month",
    "packages_per_s_busy": "packages/s in the busiest hour of a working day",
    "deliveries_per_s_busy": "deliveries/s in that hour",
    "entries_per_s_busy": "ledger entries/s in that hour",
    "cores": "",
    "machines_axis": "machines of 16 cores for gateways, relays, notaries; one may be gone",
    "machines_postgresql": "machines for PostgreSQL: a primary, two standbys",
    "machines_rabbitmq": "machines for RabbitMQ",
    "network_mb_per_s_busy": "MB/s over all networks in that hour",
    "log_mb_per_s_busy": "MB/s of PostgreSQL's log in that hour",
    "queues": "queues of RabbitMQ",
    "directory_mb_per_process": "MB of directory in each relay, gateway and clock",
    "bodies_tb_per_year": "TB of bodies a year",
    "stored_tb_per_year": "TB of them on disks, three copies",
    "entries_per_year": "ledger entries a year",
    "tiles_gb_per_year": "GB of ledger tiles a year",
    "records_gb_per_year": "GB of PostgreSQL a year",
    "restore_h_per_year_kept": "hours to restore each year of records",
}


def _number(value: float) -> str:
    """Return a number as people read it: three digits that count."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _of(name: str) -> float:
    return FIGURES[name].value
