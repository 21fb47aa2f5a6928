"""Spans of packages: what was done with one, from when to when, by which process."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from axis.telemetry.errors import TelemetryAbsentError

#: The name of a package's first span, under which all others stand.
ROOT: Final = "package"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_tracer: Any = None
_provider: Any = None
_next = threading.local()


def begin_tracing(endpoint: str, process: str) -> None:
    """Send spans to an OTLP endpoint over HTTP from now on; what it does not take is dropped.

    Raises:
        TelemetryAbsentError: the library is not installed.
    """
    global _tracer, _provider  # noqa: PLW0603  one process, one tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError as error:
        raise TelemetryAbsentError from error

    class Ids(RandomIdGenerator):
        """Gives a root span the ids that follow from its package."""

        def generate_trace_id(self) -> int:
            return getattr(_next, "trace", None) or super().generate_trace_id()

        def generate_span_id(self) -> int:
            return getattr(_next, "span", None) or super().generate_span_id()

    names = {"service.name": "axis", "service.instance.id": process, "axis.process": process}
    _provider = TracerProvider(
        resource=Resource.create(names), id_generator=Ids(), shutdown_on_exit=True
    )
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    _tracer = _provider.get_tracer("axis")


def is_tracing() -> bool:
    """Say whether spans are sent; who would gather facts for them asks first."""
    return _tracer is not None


def span(
    name: str,
    package_id: UUID,
    *,
    began: datetime,
    ended: datetime,
    **facts: str | int | None,
) -> None:
    """Tell that something was done with a package; nothing where tracing is off.

    Args:
        name: what was done; :data:`ROOT` for the whole, of which there is one for each package.
        package_id: the trace.
        began: aware.
        ended: aware.
        facts: what else is known; never subjects or contents.
    """
    if _tracer is None:
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import (
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    root = int.from_bytes(hashlib.sha256(package_id.bytes).digest()[:8]) or 1
    above = Context()
    if name == ROOT:
        _next.trace, _next.span = package_id.int, root
    else:
        sampled = TraceFlags(TraceFlags.SAMPLED)
        parent = SpanContext(package_id.int, root, is_remote=True, trace_flags=sampled)
        above = set_span_in_context(NonRecordingSpan(parent), above)
    try:
        made = _tracer.start_span(name, context=above, start_time=_nanoseconds(began))
    finally:
        _next.trace = _next.span = None
    made.set_attribute("axis.package", str(package_id))
    for fact, value in facts.items():
        if value is not None:
            made.set_attribute(f"axis.{fact}", value)
    made.end(_nanoseconds(max(began, ended)))


def end_tracing() -> None:
    """Send what is left and trace no more; a process does it by itself when it ends."""
    global _tracer, _provider  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
