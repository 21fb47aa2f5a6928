"""The installation of the relay's tests, on each database."""

from __future__ import annotations

from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]
