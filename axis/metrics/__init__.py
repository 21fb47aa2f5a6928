"""Counts what processes do, for Prometheus; where nobody reads it, counting costs nothing.

A room says ``count("axis_packages", verdict="accepted")`` and knows nothing more. Names, labels and
meanings stand in one table (:mod:`axis.metrics.table`); until :func:`begin_counting` was called,
nothing is counted and the library is not even loaded.
"""

from axis.metrics.counting import begin_counting, count, observe

__all__ = ["begin_counting", "count", "observe"]
