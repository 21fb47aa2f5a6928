"""The bytes: every body is kept under the SHA-256 of its exact bytes, and never changes."""

from __future__ import annotations

from axis.bodies.disk import DiskBodies
from axis.bodies.opening import open_bodies
from axis.bodies.store import Bodies, BodyWriter, StoredBody

__all__ = ["Bodies", "BodyWriter", "DiskBodies", "StoredBody", "open_bodies"]
