"""Opens attachments that a sender's system wrapped in a ZIP file, for agents and clients only.

The Java SDK that circulates today wraps each attachment in a ZIP of one entry. The axis carries it
as it is and never looks inside; who hands attachments to clerks may unwrap them here. Nothing that
the archive says of itself is believed: sizes, ratio and count are held to what really comes out,
entries may not share bytes, and an archive inside an archive stays closed beyond a depth.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, NoReturn

from axis.envelope.errors import ZipRefusedError
from axis.envelope.filenames import file_name

_MAGIC: Final = b"PK\x03\x04"
_PIECE: Final = 64 * 1024
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: What the library raises on archives that are broken in ways of their own.
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, LookupError, OverflowError, RuntimeError),
)
_LOCAL: Final = struct.Struct("<4s5H3L2H")  # the header before the bytes of an entry
_TABLE_BYTES: Final = 1024  #: of the table of contents for each entry, at most
_FREE_BYTES: Final = 1024 * 1024  #: that any entry may have, whatever its ratio


def _limit(number: int, en: str, vi: str) -> int:
    value: int = field(default=number, metadata={"en": en, "vi": vi})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """What an archive may cost; a value equal to the limit passes, one more is refused."""

    entries: int = _limit(200, "entries of an archive", "số mục trong tệp nén")
    entry_bytes: int = _limit(
        1024 * 1024 * 1024, "bytes of one entry, unpacked", "số byte của một mục sau khi giải nén"
    )
    total_bytes: int = _limit(
        2 * 1024 * 1024 * 1024,
        "bytes of all entries, unpacked",
        "tổng số byte sau khi giải nén",
    )
    ratio: int = _limit(
        100,
        "unpacked bytes for each packed one, beyond the first MiB of an entry",
        "số byte giải nén trên mỗi byte nén, sau MiB đầu tiên của một mục",
    )
    depth: int = _limit(
        1, "archives within each other that are opened", "số lớp tệp nén lồng nhau được mở"
    )


DEFAULT: Final = ZipLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in an archive, before it is unpacked."""

    name: str  #: safe as one component of a path, and different from all others
    written_name: str  #: as the archive has it; for people
    packed_bytes: int


class Archive:
    """An archive whose table of contents is within the limits."""

    def __init__(self, file: IO[bytes], limits: ZipLimits = DEFAULT, *, depth: int = 1) -> None:
        """Read the table of contents.

        Args:
            file: can be read and sought in.
            limits: what it may cost.
            depth: 1 for an attachment, 2 for an archive found in one, and so on.

        Raises:
            ZipRefusedError: it is no archive, or not one that is opened here.
        """
        if depth > limits.depth:
            _refuse("depth", f"≤ {limits.depth}", depth)
        self._limits = limits
        self._file = file
        self._left = limits.total_bytes
        try:
            self._refuse_long_table()
            self._archive = zipfile.ZipFile(file)
            infos = [info for info in self._archive.infolist() if not info.filename.endswith("/")]
            self._check(infos)
        except _BROKEN as error:
            _refuse("form", "ZIP", str(error)[:80])
        self._infos = infos
        self.entries: tuple[Entry, ...] = tuple(
            Entry(
                name=file_name(info.filename.rpartition("/")[2], number),
                written_name=info.filename,
                packed_bytes=info.compress_size,
            )
            for number, info in enumerate(infos, 1)
        )

    def _refuse_long_table(self) -> None:
        """Refuse a table of contents that would cost much memory, before it is read."""
        record = zipfile._EndRecData(self._file)  # type: ignore[attr-defined]  # noqa: SLF001
        most = self._limits.entries * _TABLE_BYTES
        if record is not None and record[5] > most:
            _refuse("entries", f"≤ {most} B", f"{record[5]} B")

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        limits = self._limits
        if len(self._archive.infolist()) > limits.entries:
            _refuse("entries", f"≤ {limits.entries}", len(self._archive.infolist()))
        end = 0
        for info in sorted(infos, key=lambda one: one.header_offset):
            if info.flag_bits & _ENCRYPTED:
                _refuse("encryption", "none", info.filename[:80])
            if info.compress_type not in _METHODS:
                _refuse("method", "stored | deflated", info.compress_type)
            if info.header_offset < end:
                _refuse("overlap", f"≥ {end}", info.header_offset)
            self._file.seek(info.header_offset)
            header = _LOCAL.unpack(self._file.read(_LOCAL.size))
            end = info.header_offset + _LOCAL.size + header[-2] + header[-1] + info.compress_size

    def unpack(self, entry: Entry) -> Iterator[bytes]:
        """Yield the bytes of an entry; who takes them keeps them only when no error ends them.

        Raises:
            ZipRefusedError: more comes out than may, or the bytes are not those of the checksum.
        """
        info = self._infos[self.entries.index(entry)]
        limits = self._limits
        most = min(limits.entry_bytes, max(_FREE_BYTES, limits.ratio * info.compress_size))
        size = 0
        try:
            with self._archive.open(info) as packed:
                while piece := packed.read(_PIECE):
                    size += len(piece)
                    self._left -= len(piece)
                    if size > most:
                        what = "entry_bytes" if most == limits.entry_bytes else "ratio"
                        _refuse(what, f"≤ {most}", f"≥ {size}")
                    if self._left < 0:
                        _refuse("total_bytes", f"≤ {limits.total_bytes}", "more")
                    yield piece
        except _BROKEN as error:
            _refuse("form", "ZIP", str(error)[:80])


def is_wrapped(head: bytes, name: str | None) -> bool:
    """Say whether an attachment is a ZIP against its name, by its first bytes.

    What is called an archive, or an Office document, is meant to be one and is handed on as it is.
    """
    own = (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".jar", ".epub", ".asice")
    return head.startswith(_MAGIC) and not (name or "").lower().endswith(own)


def unwrap(file: IO[bytes], limits: ZipLimits = DEFAULT) -> tuple[Entry, Iterator[bytes]]:
    """Return the one file that an attachment wraps, and its bytes as a stream.

    Raises:
        ZipRefusedError: it is no archive, has not exactly one file, or costs more than may be.
    """
    archive = Archive(file, limits)
    if len(archive.entries) != 1:
        _refuse("entries", "1", len(archive.entries))
    return archive.entries[0], archive.unpack(archive.entries[0])


def _refuse(rule: str, expected: str, got: str | int) -> NoReturn:
    raise ZipRefusedError(rule=f"zip: {rule}", expected=expected, got=got)
