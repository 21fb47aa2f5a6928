"""The installation of the relay's tests, for what people do with deliveries."""

from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]
