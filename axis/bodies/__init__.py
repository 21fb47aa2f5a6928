"""The bytes: every body is kept under the SHA-256 of its exact bytes, and never changes."""

from __future__ import annotations

from axis.bodies.disk import BodyWriter, DiskBodies, StoredBody

__all__ = ["BodyWriter", "DiskBodies", "StoredBody"]
