"""Attachments that travel apart from their envelope: the sender brings them first.

A part is a body like any other, kept under the SHA-256 of its bytes. The records say which system
brought it, and only a package of that very system can name it. A part that no package names goes
after ``[parts] keep_hours``; one that a package names goes with the last package that does.

========================  ==========================================================================
:func:`store_part`        a whole part from a stream
:func:`create_upload`     begin one that can be resumed …
:func:`append_upload`     … add bytes at the place where it is …
:func:`show_upload`       … ask for that place, also after a restart …
:func:`complete_upload`   … and make it a part
:func:`cancel_upload`     or throw it away
========================  ==========================================================================

All take the system that the door has authenticated; uploads of another are unknown to it.
"""

from __future__ import annotations

from axis.parts.brought import StoredPart, store_part
from axis.parts.uploads import (
    Upload,
    append_upload,
    cancel_upload,
    complete_upload,
    create_upload,
    show_upload,
)

__all__ = [
    "StoredPart",
    "Upload",
    "append_upload",
    "cancel_upload",
    "complete_upload",
    "create_upload",
    "show_upload",
    "store_part",
]
