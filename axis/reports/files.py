"""Puts a report into its place: whole or not at all, and durable."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from axis.reports.errors import ReportFileError

_MODE: Final = 0o640


def put_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into it; who reads there sees no half of it.

    Raises:
        ReportFileError: there is no room or no right; what was there before is there still.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), _MODE)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ReportFileError(path=str(path), reason=error.strerror or str(error)) from error
