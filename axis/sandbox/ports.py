"""Free ports on loopback."""

from __future__ import annotations

import random
import socket

#: Below the ports that systems give to outgoing connections, and low enough for the offsets that
#: RabbitMQ adds for its tools (+10000).
_RANGE = range(20000, 32000)


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports that nobody listens on now.

    Somebody else may take one before it is used; who starts a server tries again with others.
    """
    held: list[socket.socket] = []
    try:
        for port in random.SystemRandom().sample(_RANGE, len(_RANGE)):
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                candidate.close()
                continue
            held.append(candidate)
            if len(held) == count:
                return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
    raise OSError(f"no {count} free ports between {_RANGE.start} and {_RANGE.stop}")
