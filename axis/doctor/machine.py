"""Checks of this machine: settings, secrets, disks, clocks, and that bodies can be kept."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from axis.bodies import open_bodies
from axis.bodies.errors import BodyCorruptError, BodyStoreFullError
from axis.bodies.opening import check_bodies
from axis.bus.errors import BusUnavailableError
from axis.doctor.errors import (
    ClockDiffersError,
    DiskError,
    DiskFullError,
    GatewayOpenError,
    GuestAccountError,
    PlaceError,
    SecretAbsentError,
    SecretOpenError,
    TrialAuthorityError,
)
from axis.doctor.places import LOSES, file_system_of, room_of
from axis.doctor.values import Findings, Patient
from axis.ledger.tokenuri import is_token_uri
from axis.settings import Settings
from axis.store.checks import bytes_since, time_of
from axis.store.engine import transaction

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WEEK: Final = timedelta(days=7)
_LOCAL: Final = ("127.", "localhost", "::1")
#: The date of an HTTP answer has no fractions.
_COARSE_S: Final = 1.0
_PASSWORD: Final = re.compile(r"://[^/\s:]*:[^/\s@]+@")
_MB: Final = 1_000_000


def settings(patient: Patient, found: Findings) -> None:
    """Nothing is set that belongs on a table for trials, or opens the house."""
    own = patient.settings
    gateway = own.gateway
    found.note(home=own.home, gateway=f"{gateway.host}:{gateway.port}")
    if not (gateway.host.startswith(_LOCAL) or gateway.tls_certificate or gateway.proxies):
        found.add(GatewayOpenError(host=gateway.host))
    authority = own.path(own.trust.anchors).parent
    if any((authority / name).exists() for name in ("root.key", "issuing.key")):
        found.add(TrialAuthorityError(path=str(authority)))
    broker = urlsplit(own.amqp.url)
    if (broker.username or "guest", broker.password or "guest") == ("guest", "guest"):
        found.add(GuestAccountError(host=broker.hostname))


def secrets(patient: Patient, found: Findings) -> None:
    """Every key file is there, and nobody else can read it."""
    count = 0
    for key, path in _secrets(patient.settings):
        try:
            mode = path.stat().st_mode
        except OSError:
            found.add(SecretAbsentError(path=str(path), key=key))
            continue
        count += 1
        if mode & _OTHERS:
            found.add(SecretOpenError(path=str(path), got=oct(stat.S_IMODE(mode))))
    found.note(files=count)


def _secrets(own: Settings) -> Iterator[tuple[str, Path]]:
    if not is_token_uri(own.notary.key):
        yield "[notary] key", own.path(own.notary.key)
    yield "[notary] salt_key", own.path(own.notary.salt_key)
    yield "[access] key", own.path(own.access.key)
    yield "[courier] key", own.path(own.courier.key)
    for key, name in (
        ("[evidence] key", own.evidence.key),
        ("[audit] key", own.audit.key),
        ("[gateway] tls_key", own.gateway.tls_key),
        ("[bodies] credentials", own.bodies.credentials),
        ("[alerts] smtp_password", own.alerts.smtp_password),
    ):
        if name:
            yield key, own.path(name)
    # The settings themselves hold passwords, in URLs.
    written = Path(os.environ.get("AXIS_CONFIG") or own.path("axis.toml"))
    if written.is_file() and _PASSWORD.search(written.read_text(errors="replace")):
        yield "AXIS_CONFIG", written


def bodies(patient: Patient, found: Findings) -> None:
    """What is written to the body store is there, whole, and in a place that lasts."""
    own = patient.settings.bodies
    root = patient.settings.path(own.path)
    if not root.is_dir():
        raise BodyStoreFullError(reason=f"{root} is not there")
    check_bodies(patient.settings)
    store = open_bodies(patient.settings)
    probe = b"axis doctor " + os.urandom(4096)
    began = time.monotonic()
    stored = store.put(probe)
    took = time.monotonic() - began
    try:
        if store.read(stored.digest) != probe:
            raise BodyCorruptError(digest=stored.digest.hex(), got="–")
    finally:
        store.remove(stored.digest)
    kind = file_system_of(root)
    found.note(sync_ms=round(took * 1000), file_system=kind)
    if own.url:
        found.note(url=own.url)
    elif kind in LOSES:
        found.add(PlaceError(path=str(root), got=kind, reason="forgets everything at a restart"))


def disk(patient: Patient, found: Findings) -> None:
    """Disks have room, also for the weeks to come."""
    own = patient.settings
    week = 0
    if not own.bodies.url:  # a bucket grows elsewhere
        with transaction(patient.engine) as connection:
            week = bytes_since(connection, patient.now() - _WEEK)
    per_day = week / _WEEK.days
    places = [own.path(own.bodies.path), own.path(own.notary.tiles), Path(own.home).absolute()]
    if own.database_url.startswith("sqlite"):
        places.append(Path(own.database_url.removeprefix("sqlite:///")))
    found.note(mb_per_day=round(per_day / _MB))
    seen: set[int] = set()
    for path in places:
        room = room_of(path)
        if room.device in seen:
            continue
        seen.add(room.device)
        left = room.free_bytes - own.intake.free_bytes
        days = int(max(0, left) / per_day) if per_day else None
        free_mb = room.free_bytes // _MB
        found.note(**{f"free_mb_of_{path.name or 'root'}": free_mb})
        if left <= 0 or room.free_files < 1000:
            found.add(DiskFullError(path=str(path), free_mb=free_mb, days=0))
        elif days is not None and days < own.doctor.disk_days:
            found.add(DiskError(path=str(path), free_mb=free_mb, days=days))


def clocks(patient: Patient, found: Findings) -> None:
    """This machine, the database and RabbitMQ agree about the time."""
    most = patient.settings.doctor.clock_s
    with transaction(patient.engine) as connection:
        before = patient.now()
        theirs = time_of(connection)
        ours = before + (patient.now() - before) / 2
    if theirs is not None:
        _compare("the database", (theirs - ours).total_seconds(), most, found)
    try:
        clock = patient.broker.clock
    except BusUnavailableError:
        clock = None  # the check of RabbitMQ says so
    if clock is not None:
        _compare("RabbitMQ", (clock[0] - clock[1]).total_seconds(), most + _COARSE_S, found)


def _compare(other: str, seconds: float, most: float, found: Findings) -> None:
    found.note(**{f"{other.removeprefix('the ').lower()}_ms": round(seconds * 1000)})
    if abs(seconds) > most:
        found.add(ClockDiffersError(other=other, seconds=f"{seconds:+.1f}"))
