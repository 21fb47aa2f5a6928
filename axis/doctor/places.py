"""Where on this machine something lies, and how much room there is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

#: File systems that forget everything at a restart.
LOSES: Final = frozenset({"tmpfs", "ramfs"})
_REMOTE: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs"})


class Room(NamedTuple):
    """What is left on a disk."""

    device: int
    free_bytes: int
    free_files: int


def room_of(path: Path) -> Room:
    """Return what is left on the disk that a path lies on, or would lie on."""
    there = _nearest(path)
    facts = os.statvfs(there)
    files = facts.f_favail if facts.f_files else 1 << 62
    return Room(there.stat().st_dev, facts.f_bavail * facts.f_frsize, files)


def file_system_of(path: Path) -> str:
    """Return the type of the file system that a path lies on; ``unknown`` where nobody says."""
    there = str(_nearest(path).resolve())
    best, kind = "", "unknown"
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return kind
    for line in lines:
        _, mount, found, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        below = there == mount or there.startswith(mount.rstrip("/") + "/")
        if below and len(mount) >= len(best):
            best, kind = mount, found
    return kind


def is_remote(kind: str) -> bool:
    """Say whether a file system is on another machine."""
    return kind in _REMOTE


def _nearest(path: Path) -> Path:
    """Return the path, or the folder above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
