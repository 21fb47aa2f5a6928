"""Who sits at the machine: the account that the operating system knows, seen and not claimed."""

from __future__ import annotations

import os
from getpass import getuser


def account() -> str:
    """Return the account of whoever runs this; behind ``sudo``, of whoever called that."""
    if os.name != "posix":
        return getuser()
    import pwd

    uid = os.getuid()
    if uid == 0:
        uid = int(os.environ.get("SUDO_UID", "0"))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
