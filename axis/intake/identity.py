"""Names for packages and deliveries that follow from what they are.

The same bytes from the same system are the same package, however often and through whichever door
they come; so are its deliveries. Every step after that can be done again without doubling anything.
"""

from __future__ import annotations

import uuid
from typing import Final

NAMESPACE: Final = uuid.UUID("8c9d5a3e-6f1b-5d0e-9a44-1c7d0b5e2f10")


def package_id_of(system_id: str, digest: bytes) -> uuid.UUID:
    """Return the id of a package: UUIDv5 of the submitting system and the SHA-256 of the bytes."""
    return uuid.uuid5(NAMESPACE, f"{system_id}|{digest.hex()}")


def delivery_id_of(package_id: uuid.UUID, address: str) -> uuid.UUID:
    """Return the id of a package's delivery to one address (the OrganId as written)."""
    return uuid.uuid5(package_id, address)
