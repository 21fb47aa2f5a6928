"""How often somebody may try to sign in, before a password is even looked at."""

from __future__ import annotations

from typing import Final

from limits import parse

from adapters.gateway.limits import Limits
from axis.settings import SettingsError
from axis.signin.errors import SigninRateError

#: All addresses together may try one account so much more often: nobody locks others out for long.
_SHARED: Final = 10


class Tries:
    """Counts tries by address, and by account whatever the address."""

    def __init__(self, limits: Limits, rate: str) -> None:
        """Read the rate.

        Raises:
            SettingsError: it is not of the form ``NUMBER/minute``.
        """
        try:
            self._own = parse(rate)
        except ValueError as error:
            raise SettingsError(source="[console]", reason=str(error)) from error
        self._shared = type(self._own)(self._own.amount * _SHARED, self._own.multiples)
        self._limits = limits

    def count(self, address: str, name: str) -> None:
        """Count a try.

        Raises:
            SigninRateError: too many.
        """
        after = self._limits.count(self._own, "signin", address)
        after = after or self._limits.count(self._shared, "signin account", name)
        if after:
            raise SigninRateError(retry_after_s=after)
