"""The eOffice beside the agent: where the VXP API listens for it, and the secret that it holds."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Final

from adapters.folder.errors import AgentSettingsError, ListenAddressError
from adapters.folder.places import sync_folder
from adapters.folder.settings import AgentSettings, VxpSettings

SECRET_BYTES: Final = 32


def listening_at(settings: VxpSettings, *, listen: str | None = None) -> tuple[str, int] | None:
    """Return host and port to listen on, or None where the API is not served.

    Args:
        settings: what the folder says.
        listen: what the command line says instead.

    Raises:
        ListenAddressError: it is no address, or one of other machines without their being meant.
    """
    text = listen or settings.listen
    if not text:
        return None
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise ListenAddressError(address=text[:80], reason="an address and a port")
    try:
        is_here = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError as error:
        raise ListenAddressError(address=text[:80], reason="not an IP address") from error
    if not is_here and not settings.beyond:
        raise ListenAddressError(address=text[:80], reason="other machines could call it")
    return host, int(port)


def system_of(settings: AgentSettings) -> str:
    """Return the ``systemid`` of the eOffice."""
    return settings.vxp.system or settings.office


def secret_of(settings: AgentSettings, home: Path) -> bytes:
    """Return the secret of the eOffice, made where there is none yet.

    Raises:
        AgentSettingsError: the file cannot be read or written.
    """
    path = home / settings.vxp.secret_file
    try:
        if not path.exists():
            _make(path)
        found = path.read_bytes().strip()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise AgentSettingsError(path=str(path), reason=reason) from error
    if not found:
        raise AgentSettingsError(path=str(path), reason="it is empty")
    return found


def renew_secret(settings: AgentSettings, home: Path) -> bytes:
    """Make a new secret; the old one counts no more, for an agent that runs too."""
    _make(home / settings.vxp.secret_file)
    return secret_of(settings, home)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_urlsafe(SECRET_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
