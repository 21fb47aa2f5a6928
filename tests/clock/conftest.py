"""The installation of the relay's tests, for the clock."""

from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]
