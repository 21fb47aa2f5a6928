"""The tables, a file for each room that keeps records; together they are what migrations build."""

from __future__ import annotations

from axis.store.tables.base import METADATA

__all__ = ["METADATA"]
