"""The notary is tested on the ledger's databases."""

from __future__ import annotations

from ledger.conftest import engine  # noqa: F401
