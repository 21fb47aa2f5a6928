"""Where a key in a PKCS#11 token is: the part of RFC 7512 that names one key and its PIN's file.

``pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=file:FILE``. The PIN itself never
stands in a setting, so ``pin-value`` is refused. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from axis.ledger.errors import TokenUriError

SCHEME: Final = "pkcs11:"
_NEEDED: Final = ("token", "object", "module-path", "pin-source")
_KNOWN: Final = frozenset((*_NEEDED, "type"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """One private key in one token."""

    module: Path  #: the library that speaks to the token
    token: str  #: its label
    label: str  #: of the key
    pin_file: Path  #: file that holds the PIN


def is_token_uri(key: str) -> bool:
    """Tell whether a setting names a key in a token, not a file."""
    return key.startswith(SCHEME)


def parse_token_uri(uri: str) -> TokenUri:
    """Read a ``pkcs11:`` URI (RFC 7512 §2.3).

    Raises:
        TokenUriError: an attribute is missing, doubled, unknown or would hold the PIN; the message
            never repeats a value.
    """
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    found: dict[str, str] = {}
    pieces = [*path.split(";"), *query.split("&")]
    for name, _, value in (piece.partition("=") for piece in pieces if piece):
        if name == "pin-value":
            raise TokenUriError(reason="pin-value would write the PIN into the settings")
        if name not in _KNOWN:
            raise TokenUriError(reason="an attribute is none of " + ", ".join(sorted(_KNOWN)))
        if name in found:
            raise TokenUriError(reason=f"{name} stands twice")
        found[name] = unquote(value)
    for name in _NEEDED:
        if not found.get(name):
            raise TokenUriError(reason=f"{name} is missing")
    if found.get("type", "private") != "private":
        raise TokenUriError(reason="type must be private")
    pin = found["pin-source"].removeprefix("file:").removeprefix("//")
    if not pin.startswith("/"):
        raise TokenUriError(reason="pin-source must be file: with an absolute path")
    return TokenUri(
        module=Path(found["module-path"]),
        token=found["token"],
        label=found["object"],
        pin_file=Path(pin),
    )
