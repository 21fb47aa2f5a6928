"""End the private servers under a folder: ``python -m axis.sandbox.clean var``."""

from __future__ import annotations

import sys
from pathlib import Path

from axis.sandbox.lease import Lease


def end_servers(folder: Path) -> int:
    """Stop all servers that are kept below ``folder`` and return how many there were."""
    leases = [Lease.join(lock.parent) for lock in folder.rglob("keeper.lock")]
    found = [lease for lease in leases if lease is not None]
    for lease in found:
        lease.stop()
    return len(found)


if __name__ == "__main__":
    end_servers(Path(sys.argv[1]))
