"""The client library of the HTTP API, for systems in Python: synchronous and asynchronous.

What comes is verified before it is given out: the digest, the signature by the office's own trust,
that the sender signed this very address, and receipts against the log's key and the last checkpoint
seen. :class:`Client` and :class:`AsyncClient` do the same; the work is in :mod:`.flows`, which does
no input or output.
"""

from __future__ import annotations

from adapters.client.asynchronous import AsyncClient
from adapters.client.errors import ProblemError, UnreachableError
from adapters.client.synchronous import Client
from adapters.client.trust import Trust
from adapters.client.values import Delivery, Receipt, Received, Submission

__all__ = [
    "AsyncClient",
    "Client",
    "Delivery",
    "ProblemError",
    "Receipt",
    "Received",
    "Submission",
    "Trust",
    "UnreachableError",
]
