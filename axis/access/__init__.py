"""Which system is calling: tokens, shared secrets, certificates, and what each may do.

The decisions are pure; the rows are in :mod:`axis.store.access`. A credential speaks for a system,
never for an office: for which offices a system sends and receives is the directory's affair.
"""

from __future__ import annotations

from axis.access.book import AccessBook
from axis.access.values import Caller, Proof, Scope

__all__ = ["AccessBook", "Caller", "Proof", "Scope"]
