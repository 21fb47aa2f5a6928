"""What the doors of one gateway process share: connections, credentials, waiting, batches of steps.

A door authenticates its caller with :class:`axis.gateway.callers.Callers` and does everything else
through the :class:`axis.gateway.installation.Installation` that it is given. Waiting costs neither
a thread nor a connection: one task asks the records for all who wait.
"""

from __future__ import annotations

from axis.gateway.installation import Installation, open_installation

__all__ = ["Installation", "open_installation"]
