"""Traces of documents across processes, by OpenTelemetry; off unless the settings name an endpoint.

A trace is a package: its id is the package's own, so every process knows it without being told, and
whoever has a package's id finds its trace. While it is off, a span costs one look at a variable and
the library is not loaded.
"""

from axis.telemetry.tracing import begin_tracing, end_tracing, is_tracing, span

__all__ = ["begin_tracing", "end_tracing", "is_tracing", "span"]
