"""The signature of today's clients over their headers: HMAC-SHA256 with a shared secret. Pure.

``sign-header`` is a JSON object of the headers, ``hash-header`` the HMAC over its text as it came,
``sign-header-key`` the list of names. The text is checked first, then that every name of the list
stands in it and is the header that was sent: else a caller could sign one set and send another.
What is not signed is not read. The timestamp proves nothing: clients keep one for days.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.vxp.errors import HeaderSignatureError, ParameterError, ParameterTwiceError
from axis.access.errors import AccessDeniedError

PREFIX: Final = "XroadVnpt-"
_KEYS: Final = b"xroadvnpt-sign-header-key"
_TEXT: Final = b"xroadvnpt-sign-header"
_HASH: Final = b"xroadvnpt-hash-header"
_SYSTEM: Final = b"xroadvnpt-systemid"

#: Longer than any name and value that a parameter has.
VALUE_MOST: Final = 512

Headers = Iterable[tuple[bytes, bytes]]
#: Gives the secrets of a system that count now, as ``(id, secret)``.
Secrets = Callable[[str], Sequence[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a caller said and signed."""

    system_id: str
    secret_id: str
    values: Mapping[str, tuple[str, ...]]  #: parameter in lower case → its different values

    def text(self, name: str, *, most: int = VALUE_MOST) -> str | None:
        """Return a parameter, or None where it was not sent.

        Raises:
            ParameterTwiceError: it has two values.
            ParameterError: it is too long or has control characters.
        """
        values = self.values.get(name.lower(), ())
        if len(values) > 1:
            raise ParameterTwiceError(name=name, first=values[0][:64], second=values[1][:64])
        if not values or not values[0]:
            return None
        if len(values[0]) > most or not values[0].isprintable():
            raise ParameterError(name=name, reason=f"at most {most} printable characters")
        return values[0]

    def demand(self, name: str) -> str:
        """Return a parameter.

        Raises:
            ParameterError: it was not sent.
            ParameterTwiceError: it has two values.
        """
        value = self.text(name)
        if value is None:
            raise ParameterError(name=name, reason="it is missing")
        return value


def verify(headers: Headers, secrets: Secrets) -> Signed:
    """Return what the holder of a shared secret signed.

    Raises:
        AccessDeniedError: no secret of that system gives this HMAC; every cause is answered alike.
        HeaderSignatureError: the HMAC is right, but the headers are not those that were signed.
    """
    found: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    text, given = _only(found, _TEXT), _only(found, _HASH)
    system_id = _only(found, _SYSTEM).decode("latin-1")
    # 1. Who: the HMAC over the bytes as they came.
    secret_id = _secret_of(text, given, secrets(system_id))
    # 2. What: the text is read only now, so that it tells nothing to who holds no secret.
    said = _read(text)
    names = _only(found, _KEYS).decode("latin-1").split(";")
    if len(set(names)) != len(names) or {PREFIX + name for name in names} != said.keys():
        raise HeaderSignatureError(
            name="XroadVnpt-sign-header-key", reason="sign-header has other names"
        )
    # 3. Whether it is what was sent: every header of a signed name, whatever its case.
    values: dict[str, list[str]] = {}
    for key, signed in said.items():
        values.setdefault(key.lower(), []).append(signed.strip())
    for key, expected in values.items():
        sent = [_text(value) for value in found.get(key.encode("latin-1", "replace"), ())]
        if sorted(sent) != sorted(expected):
            raise HeaderSignatureError(name=key[:64], reason="sent and signed differ")
    if [system_id.strip()] != values.get(_SYSTEM.decode(), []):
        raise HeaderSignatureError(name="XroadVnpt-systemid", reason="it is not signed")
    start = len(PREFIX)
    return Signed(
        system_id=system_id,
        secret_id=secret_id,
        values={key[start:]: tuple(sorted(set(expected))) for key, expected in values.items()},
    )


def sign_text(secret: bytes, text: bytes) -> str:
    """Return the value of ``hash-header`` for a ``sign-header`` (64 lower-case hex digits)."""
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def _secret_of(text: bytes, given: bytes, secrets: Sequence[tuple[str, bytes]]) -> str:
    right = None
    # One more than there are, so that an unknown system takes as long as a wrong secret.
    for secret_id, secret in (*secrets, ("", b"\x00" * 32)):
        same = hmac.compare_digest(sign_text(secret, text).encode(), given.strip().lower())
        if same and secret_id:
            right = secret_id
    if right is None:
        raise AccessDeniedError
    return right


def _only(found: Mapping[bytes, list[bytes]], name: bytes) -> bytes:
    values = found.get(name, [])
    if len(values) != 1:
        raise AccessDeniedError
    return values[0]


def _read(text: bytes) -> dict[str, str]:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    try:
        said = json.loads(_text(text), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise HeaderSignatureError(name="XroadVnpt-sign-header", reason="it is no JSON") from error
    if not isinstance(said, dict) or not all(isinstance(one, str) for one in said.values()):
        raise HeaderSignatureError(name="XroadVnpt-sign-header", reason="not names with texts")
    return said


def _text(value: bytes) -> str:
    """Return the text of a header; clients write UTF-8, or what HTTP says: Latin-1."""
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()
