"""A load balancer in miniature: each connection goes to the first server that takes it.

``python -m axis.chaos.balancer PORT HOST:PORT …`` stands on each machine of a run where HAProxy
stands in an installation: see ``deploy/cluster/haproxy.cfg``.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Final

_CONNECT_S: Final = 1.0
_PIECE: Final = 65536


async def balance(port: int, servers: list[tuple[str, int]]) -> None:
    """Listen on this machine alone and forward until cancelled."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for host, there in servers:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    far_reader, far_writer = await asyncio.open_connection(host, there)
            except (OSError, TimeoutError):
                continue
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
            break
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()


def main(words: list[str]) -> None:
    """Balance as the words say."""
    servers = [(host, int(port)) for host, _, port in (word.partition(":") for word in words[1:])]
    asyncio.run(balance(int(words[0]), servers))


if __name__ == "__main__":
    main(sys.argv[1:])
