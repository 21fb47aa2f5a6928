"""What the relay judges against, kept in memory and replaced when the records have changed."""

from __future__ import annotations

import threading
from datetime import timedelta

import sqlalchemy as sa

from axis.admission.policy import OPEN, Policy
from axis.directory.snapshot import Directory
from axis.directory.values import QUEUED
from axis.envelope.limits import Limits
from axis.relay.judge import Reference
from axis.store.directory import directory_version, load_directory, refresh_directory
from axis.store.directory_groups import load_groups
from axis.store.engine import reading, transaction
from axis.store.trust import load_registry, registry_version
from axis.store.types import load_types, types_version
from axis.store.versions import reference_versions
from axis.trust.material import Material, TrustFolder
from axis.types.book import Book


class ReferenceSource:
    """Follows the versions of the directory and of the registry of certificates."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        limits: Limits,
        trust: TrustFolder,
        policy: Policy = OPEN,
        grace: timedelta = timedelta(0),
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._trust = trust
        self._policy = policy
        self._grace = grace
        self._reference: Reference | None = None
        self._versions: tuple[int, int, int, int] | None = None
        self._lock = threading.Lock()

    def current(self) -> Reference:
        """Return what is in force now; asks the records once for their versions.

        Raises:
            DatabaseUnavailableError: the database cannot be reached.
        """
        with self._lock:
            material = self._trust.current()
            with reading(self._engine) as connection:
                versions = (*reference_versions(connection), id(material))
            if self._reference is None or versions != self._versions:
                self._renew(material)
                assert self._reference is not None  # noqa: S101  it was made a line before
            return self._reference

    def _renew(self, material: Material) -> None:
        with transaction(self._engine) as connection:
            versions = (
                directory_version(connection),
                registry_version(connection),
                types_version(connection),
                id(material),
            )
            self._reference = Reference(
                directory=self._directory(connection),
                registry=load_registry(connection, material),
                limits=self._limits,
                policy=self._policy,
                grace=self._grace,
                groups=load_groups(connection),
                types=self._types(connection, versions[2]),
            )
            self._versions = versions

    def _types(self, connection: sa.Connection, version: int) -> Book:
        """Return the types; the book stays the same while they do, with all that it compiled."""
        if self._reference is None or self._versions is None or version != self._versions[2]:
            return load_types(connection)
        return self._reference.types

    def _directory(self, connection: sa.Connection) -> Directory:
        if self._reference is None:
            return load_directory(connection)
        return refresh_directory(connection, self._reference.directory)

    def types(self) -> Book | None:
        """Return the types that the last batch was judged by."""
        return None if self._reference is None else self._reference.types

    def queued_systems(self) -> frozenset[str]:
        """Return the systems that take their deliveries from RabbitMQ."""
        if self._reference is None:
            return frozenset()
        return frozenset(
            system.system_id
            for system in self._reference.directory.systems().values()
            if system.receives_by in QUEUED
        )
