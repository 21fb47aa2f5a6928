"""What a system takes: the list of what waits, the bytes, and its word that it keeps them."""

from __future__ import annotations

from axis.mailbox.parts import fetch_part, parts
from axis.mailbox.take import confirm, fetch, refuse, waiting

__all__ = ["confirm", "fetch", "fetch_part", "parts", "refuse", "waiting"]
