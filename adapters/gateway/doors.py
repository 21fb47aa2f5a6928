"""The doors of a gateway: where each is mounted, and what makes it.

A door is an ASGI application made by ``make_app(installation, limits)``. It authenticates its
callers by :mod:`adapters.gateway.identity` or by rules of its own, and says what it refuses in its
own format; what it does not catch is answered by :mod:`adapters.gateway.front`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.vxp.operations import OPERATIONS

_VXP: Final = "adapters.vxp.app:make_app"

#: The path under which a door answers, and ``module:attribute`` of the function that makes it.
DOORS: Final[Mapping[str, str]] = {
    "/v1": "adapters.rest.app:make_app",
    "/health": "adapters.gateway.health:make_health",
    "/ready": "adapters.gateway.health:make_ready",
    "/console": "adapters.console.app:make_app",
    "/enroll": "adapters.enrollment.app:make_app",
    "/vxp": _VXP,
    # Clients whose endpoint is set to a host without a path call the operations at its root.
    **{f"/{name}": _VXP for name in OPERATIONS},
}
