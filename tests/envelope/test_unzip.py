"""ZIP-wrapped attachments are opened within limits; whatever lies about itself is refused."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
import zlib

import pytest

from axis.envelope.errors import ZipRefusedError
from axis.envelope.unzip import Archive, ZipLimits, is_wrapped, unwrap

MIB = 1024 * 1024
PDF = b"%PDF-1.7 " + random.Random(1).randbytes(50_000)


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return out.getvalue()


def unpacked(data: bytes, limits: ZipLimits | None = None, *, depth: int = 1) -> list[bytes]:
    opened = Archive(io.BytesIO(data), limits or ZipLimits(), depth=depth)
    return [b"".join(opened.unpack(entry)) for entry in opened.entries]


def refused(data: bytes, limits: ZipLimits | None = None, *, depth: int = 1) -> str:
    with pytest.raises(ZipRefusedError) as caught:
        unpacked(data, limits, depth=depth)
    assert caught.value.code == "attachment.zip-refused"
    return str(caught.value.facts["rule"]).removeprefix("zip: ")


def test_what_was_wrapped_comes_out_byte_for_byte() -> None:
    entry, pieces = unwrap(io.BytesIO(archive({"Công văn.pdf": PDF})))
    assert b"".join(pieces) == PDF
    assert entry.name == "001-Công văn.pdf"


def test_only_what_is_wrapped_against_its_name_counts_as_wrapped() -> None:
    assert is_wrapped(archive({"a": b""})[:4], "van-ban.pdf")
    assert is_wrapped(archive({"a": b""})[:4], None)
    assert not is_wrapped(archive({"a": b""})[:4], "ho-so.DOCX")
    assert not is_wrapped(b"%PDF", "van-ban.pdf")


def test_a_wrapper_has_one_file() -> None:
    for files in ({}, {"a": b"1", "b": b"2"}):
        with pytest.raises(ZipRefusedError) as caught:
            unwrap(io.BytesIO(archive(files)))
        assert caught.value.code == "attachment.zip-refused"


def test_entries_at_the_limit_pass_and_one_more_does_not() -> None:
    limits = ZipLimits(entries=3)
    assert len(unpacked(archive({f"{n}": b"x" for n in range(3)}), limits)) == 3
    assert refused(archive({f"{n}": b"x" for n in range(4)}), limits) == "entries"


def test_a_long_table_of_contents_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive({f"{n:0500}": b"" for n in range(3000)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refused(data) == "entries"


def test_bytes_at_the_limit_pass_and_one_more_does_not() -> None:
    for limit in ("entry_bytes", "total_bytes"):
        limits = ZipLimits(**{limit: len(PDF)})
        assert unpacked(archive({"a": PDF}), limits) == [PDF]
        assert refused(archive({"a": PDF + b"x"}), limits) == limit


def test_all_entries_together_count() -> None:
    limits = ZipLimits(total_bytes=2 * len(PDF))
    assert unpacked(archive({"a": PDF, "b": PDF}), limits) == [PDF, PDF]
    assert refused(archive({"a": PDF, "b": PDF, "c": b"x"}), limits) == "total_bytes"


def test_a_bomb_is_stopped_by_its_ratio_long_before_its_size() -> None:
    assert unpacked(archive({"a": bytes(MIB)})) == [bytes(MIB)]
    assert refused(archive({"a": bytes(100 * MIB)})) == "ratio"


def test_archives_within_archives_stay_closed_beyond_the_depth() -> None:
    inner = archive({"a": b"x"})
    (out,) = unpacked(archive({"inner.zip": inner}))
    assert out == inner  # it comes out as the file that it is
    assert refused(inner, depth=2) == "depth"
    assert unpacked(inner, ZipLimits(depth=2), depth=2) == [b"x"]


def test_declared_sizes_are_not_believed() -> None:
    data = bytearray(archive({"a": bytes(3 * MIB)}))
    small = struct.pack("<L", 10)
    real = struct.pack("<L", 3 * MIB)
    assert data.count(real) == 2  # beside the entry, and in the table of contents
    lying = bytes(data).replace(real, small)
    assert refused(lying) in {"form", "ratio"}


def test_a_wrong_checksum_is_refused() -> None:
    data = archive({"a": PDF})
    wrong = data.replace(struct.pack("<L", zlib.crc32(PDF)), b"\0\0\0\0")
    assert refused(wrong) == "form"


def test_entries_that_share_bytes_are_refused() -> None:
    """As in the bombs of David Fifield: many entries of the table lead to one kernel."""
    one = archive({"a": PDF, "b": PDF})
    table = one.index(b"PK\x01\x02")
    second = one.index(b"PK\x01\x02", table + 1)
    offset = second + 42
    sharing = one[:offset] + struct.pack("<L", 0) + one[offset + 4 :]
    assert refused(sharing) == "overlap"


def test_encryption_and_rare_methods_are_refused() -> None:
    data = bytearray(archive({"a": PDF}))
    table = bytes(data).index(b"PK\x01\x02")
    data[table + 8] |= 1
    assert refused(bytes(data)) == "encryption"
    assert refused(archive({"a": PDF}, zipfile.ZIP_BZIP2)) == "method"
    assert refused(archive({"a": PDF}, zipfile.ZIP_LZMA)) == "method"


def test_names_lead_nowhere() -> None:
    names = {"../../etc/passwd": b"", "/abs": b"", "a/../b": b"", "con": b"", "c:\\x": b""}
    opened = Archive(io.BytesIO(archive(names)))
    for entry in opened.entries:
        assert "/" not in entry.name
        assert "\\" not in entry.name
        assert entry.name[:3].isdigit()


def test_broken_archives_meet_a_refusal_and_nothing_else() -> None:
    chance = random.Random("zip")
    whole = archive({"a": PDF[:2000], "b": b"x" * 5000})
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    del data[at : at + chance.randrange(64)]
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(1, 64))
        with contextlib.suppress(ZipRefusedError):
            unpacked(bytes(data))
