"""The same installations as the relay's tests have."""

from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]
