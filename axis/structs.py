"""Lets many threads read into structs from the first time on.

The library works a class out when something is first read into it. A second thread that comes
meanwhile finds it half worked out, and the process dies of SIGSEGV (msgspec 0.22: nine tries of
twelve with four threads). So whatever is read into goes through :func:`ready`, one at a time.
"""

from __future__ import annotations

import threading
from typing import Any, Final, TypeVar, overload

import msgspec

T = TypeVar("T")

_LOCK: Final = threading.RLock()
_READY: Final[set[Any]] = set()


@overload
def ready(kind: type[T]) -> type[T]: ...
@overload
def ready(kind: Any) -> Any: ...
def ready(kind: Any) -> Any:
    """Return a struct, or what is made of structs, worked out with all that it holds."""
    if kind not in _READY:
        with _LOCK:
            msgspec.json.Decoder(kind)
            _READY.add(kind)
    return kind
