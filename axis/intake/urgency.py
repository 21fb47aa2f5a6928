"""Whether a package asks for the express lane of the intake, seen in passing by the door.

A hint for the order of examination and for nothing else: the door has not verified the package. The
lane of its deliveries is decided from the signed Priority, and a package that lies about it here is
a package that lies there.
"""

from __future__ import annotations

import re
from typing import Final

from axis.delivery.lanes import Lane, lane_of

#: Headers stand in front of attachments; what urgent packages say, they say in so many bytes.
LOOKED_AT: Final = 256 * 1024

_PRIORITY: Final = re.compile(rb"<(?:[\w.-]{1,32}:)?Priority>\s{0,8}([0-4])\s{0,8}</")


class Glimpse:
    """Looks at the pieces of a package as they pass."""

    def __init__(self) -> None:
        self._head = bytearray()

    def see(self, piece: bytes) -> None:
        """Look at the next piece."""
        left = LOOKED_AT - len(self._head)
        if left > 0:
            self._head += piece[:left]

    @property
    def lane(self) -> Lane:
        """The lane that the package asks for; normal where it says nothing."""
        found = _PRIORITY.search(self._head)
        return lane_of(int(found[1])) if found else Lane.NORMAL
