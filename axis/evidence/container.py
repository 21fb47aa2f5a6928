"""The container itself: a ZIP whose first file is ``mimetype``, stored, without extra fields."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from xml.sax.saxutils import quoteattr

from axis.evidence.errors import ContainerMalformedError

MIMETYPE: Final = "application/vnd.etsi.asic-e+zip"
SIGNATURES: Final = "META-INF/signatures0.xml"
MANIFEST: Final = "META-INF/manifest.xml"

_ODF: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_MOST_FILES: Final = 10_000
_MOST_BYTES: Final = 1 << 30
_TYPES: Final = {
    "edxml": "application/xml",
    "xml": "application/xml",
    "json": "application/json",
    "txt": "text/plain",
    "pem": "application/x-pem-file",
    "crl": "application/pkix-crl",
    "tsr": "application/timestamp-reply",
}


def media_type(name: str) -> str:
    """Return the media type of a file in the container, by its ending."""
    return _TYPES.get(name.rsplit(".", 1)[-1], "text/plain")


def write_container(files: Mapping[str, bytes], signatures: bytes, at: datetime) -> bytes:
    """Return the container; the same files at the same time give the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        _add(archive, "mimetype", MIMETYPE.encode(), at, zipfile.ZIP_STORED)
        for name, content in files.items():
            _add(archive, name, content, at, zipfile.ZIP_DEFLATED)
        _add(archive, MANIFEST, _manifest(files), at, zipfile.ZIP_DEFLATED)
        _add(archive, SIGNATURES, signatures, at, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def read_container(content: bytes) -> dict[str, bytes]:
    """Return the files of a container, ``mimetype`` left out.

    Raises:
        ContainerMalformedError: it is no such container, or larger than any of ours could be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if not infos or names[0] != "mimetype" or infos[0].compress_type or infos[0].extra:
                raise ContainerMalformedError(reason="mimetype is not the first file, stored")
            if len(set(names)) != len(names) or len(names) > _MOST_FILES:
                raise ContainerMalformedError(reason="a file twice, or too many")
            if sum(info.file_size for info in infos) > _MOST_BYTES:
                raise ContainerMalformedError(reason="too large")
            if any(name.startswith("/") or ".." in name.split("/") for name in names):
                raise ContainerMalformedError(reason="a name leads out of it")
            files = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ContainerMalformedError(reason=str(error)) from error
    if files.pop("mimetype") != MIMETYPE.encode():
        raise ContainerMalformedError(reason=f"the mimetype is not {MIMETYPE}")
    return files


def _add(archive: zipfile.ZipFile, name: str, content: bytes, at: datetime, method: int) -> None:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.compress_type = method
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def _manifest(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest in the form of OpenDocument, as ASiC asks for with XAdES."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<manifest:manifest xmlns:manifest="{_ODF}" manifest:version="1.2">',
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>',
    ]
    lines += [
        f"<manifest:file-entry manifest:full-path={quoteattr(name)}"
        f' manifest:media-type="{media_type(name)}"/>'
        for name in files
    ]
    return "\n".join([*lines, "</manifest:manifest>", ""]).encode()
