"""The notary's signing key, wherever it is kept: a PEM file, or a PKCS#11 token that signs itself.

A token is opened once for the process. Where it fails, it is opened anew for the next signature.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from axis.ledger.errors import NotaryKeyError
from axis.ledger.keys import read_signer
from axis.ledger.note import HeldKey, NoteSigner
from axis.ledger.tokenuri import is_token_uri, parse_token_uri
from axis.settings import Settings
from axis.trust.errors import TokenUnavailableError
from axis.trust.token import TokenKey, open_token_key

#: A token has no folder of its own; what was signed with it is remembered under this name.
_TOKEN_NAME: Final = "notary.token"  # noqa: S105  a file's name


def has_key(settings: Settings) -> bool:
    """Tell whether a signing key is configured; one in a token is, whether it answers or not."""
    key = settings.notary.key
    return is_token_uri(key) or settings.path(key).exists()


def signer_named(settings: Settings, name: str) -> NoteSigner:
    """Return the notary's key as the signer of notes under ``name``.

    Raises:
        KeyFileUnreadableError, KeyFileOpenError, NotaryKeyError: the key cannot be used.
        TokenUriError: the setting names a token in a way that is not complete.
        TokenUnavailableError, KeyUnreadableError, KeyPermissionsError: the token or its PIN file
            cannot be used.
    """
    key = settings.notary.key
    if not is_token_uri(key):
        return read_signer(settings.path(key), name)
    opened = _open(key)
    if not isinstance(opened.public, Ed25519PublicKey):
        raise NotaryKeyError(path="the token")
    held = HeldKey(public=opened.public.public_bytes_raw(), sign=_signing(key))
    return NoteSigner(name, held)


def memory_folder(settings: Settings) -> Path:
    """Return the folder that remembers what was signed, beside the key; it outlives restores."""
    key = settings.notary.key
    path = settings.path(_TOKEN_NAME if is_token_uri(key) else key)
    return path.with_name(f"{path.name}.signed")


def _signing(uri: str) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        try:
            return _open(uri).sign(data)
        except TokenUnavailableError:
            _open.cache_clear()
            raise

    return sign


@lru_cache(maxsize=2)
def _open(uri: str) -> TokenKey:
    place = parse_token_uri(uri)
    return open_token_key(
        place.module, token=place.token, label=place.label, pin_file=place.pin_file
    )
