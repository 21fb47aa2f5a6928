"""The installation of the relay's tests, for what breaks."""

from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]
