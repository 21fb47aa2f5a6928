"""Names of attachments may be of any script, as long as a word is of one."""

from __future__ import annotations

import pytest

from axis.envelope.errors import EnvelopeError
from axis.envelope.package import parse
from tests.envelope.make_bad import rename


@pytest.mark.parametrize(
    "name",
    [
        "Công văn 7816/VPCP-TTĐT.pdf",
        "отчет 2026.pdf",
        "Bản vẽ Δh.pdf",
        "αβγ.pdf",
        "文件.pdf",
        "báo cáo о мерах.pdf",
        "5µm.pdf",
    ],
)
def test_a_name_of_one_script_in_each_word_passes(name: str) -> None:
    parse(rename(name))


@pytest.mark.parametrize("name", ["pаypal.pdf", "Ηa Noi.pdf", "ВAO CAO.pdf", "cоng-van.pdf"])
def test_a_word_of_two_scripts_that_look_alike_is_refused(name: str) -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse(rename(name))
    assert caught.value.code == "attachment.name-deceptive"
