"""What every door does with a package: store its bytes, then give a notice of it to the relay.

The door has authenticated the calling system before. What comes back is a ticket, not a receipt:
the verdict follows when the relay has examined the package.
"""

from __future__ import annotations

from axis.intake.identity import package_id_of
from axis.intake.submit import Ticket, submit

__all__ = ["Ticket", "package_id_of", "submit"]
