"""How much one caller may ask for: requests, packages and bytes; failed proofs of an address.

Counted by the library ``limits``, in this process or in a store that processes share.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerDay, parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from adapters.gateway.errors import QuotaError, RateError
from axis.settings import GatewaySettings, SettingsError

#: Bytes are counted in pieces of this size, so that counts stay small.
BYTES_UNIT: Final = 64 * 1024
#: How often counts that are over are thrown away.
SWEPT_EVERY_S: Final = 30.0


class _Memory(MemoryStorage):
    """Counts in memory, swept now and then: the library starts a thread with nearly every hit."""

    def __init__(self) -> None:
        self._swept_at = time.monotonic()
        super().__init__()

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802  the library's own hook
        if time.monotonic() - self._swept_at > SWEPT_EVERY_S:
            self._swept_at = time.monotonic()
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


class Limits:
    """Counts and refuses; shared by all doors of a process."""

    def __init__(self, settings: GatewaySettings) -> None:
        """Read the bounds.

        Raises:
            SettingsError: one of them is not of the form ``NUMBER/minute``.
        """
        try:
            self._rate = parse(settings.rate)
            self._anonymous = parse(settings.anonymous_rate)
            self._quota = parse(settings.quota)
            own = settings.limits_store == "memory://"
            store = _Memory() if own else storage_from_string(settings.limits_store)
        except Exception as error:  # the library raises what its stores raise
            raise SettingsError(source="[gateway]", reason=str(error)) from error
        self._bytes = RateLimitItemPerDay(max(1, settings.quota_bytes // BYTES_UNIT))
        self._quota_bytes = settings.quota_bytes
        self._window = SlidingWindowCounterRateLimiter(store)

    def demand_rate(self, system_id: str) -> None:
        """Count a request of a system.

        Raises:
            RateError: too many.
        """
        if not self._window.hit(self._rate, "rate", system_id):
            raise RateError(
                limit=str(self._rate), retry_after_s=self._after(self._rate, "rate", system_id)
            )

    def demand_anonymous(self, address: str) -> None:
        """Count a failed proof from an address.

        Raises:
            RateError: too many.
        """
        if not self._window.hit(self._anonymous, "anonymous", address):
            after = self._after(self._anonymous, "anonymous", address)
            raise RateError(limit=str(self._anonymous), retry_after_s=after)

    def demand_quota(self, system_id: str, size_bytes: int) -> None:
        """Count a package of a system.

        Raises:
            QuotaError: it has sent as many, or as many bytes, as it may.
        """
        if not self._window.hit(self._quota, "packages", system_id):
            after = self._after(self._quota, "packages", system_id)
            raise QuotaError(limit=str(self._quota), retry_after_s=after)
        cost = max(1, math.ceil(size_bytes / BYTES_UNIT))
        if not self._window.hit(self._bytes, "bytes", system_id, cost=cost):
            after = self._after(self._bytes, "bytes", system_id)
            raise QuotaError(limit=f"{self._quota_bytes} bytes per 1 day", retry_after_s=after)

    def count(self, item: RateLimitItem, *names: str) -> int:
        """Count what a door bounds itself; return in how many seconds there is room, 0: now."""
        return 0 if self._window.hit(item, *names) else self._after(item, *names)

    def _after(self, item: RateLimitItem, *names: str) -> int:
        reset_at = self._window.get_window_stats(item, *names).reset_time
        return max(1, math.ceil(reset_at - time.time()))
