"""What is done with deliveries: each step by the table of states, on the record with evidence."""

from __future__ import annotations

from axis.dispatch.steps import Moved, move

__all__ = ["Moved", "move"]
