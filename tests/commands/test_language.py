"""The command line speaks Vietnamese or English: help, usage, remarks and refusals."""

from __future__ import annotations

import os
import re

import pytest
from click.testing import CliRunner, Result
from house.house import commands, examples

from axis.commands.language import language_of_call, speaking, translate
from cli import axis


def _call(*words: str, **environment: str) -> Result:
    names = ("AXIS_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return CliRunner().invoke(axis, words, env=dict.fromkeys(names) | environment)


def test_help_is_vietnamese_by_the_option_the_variable_or_the_locale():
    by_option = _call("--lang", "vi", "send", "--help")
    assert by_option.exit_code == 0
    for heading in ("Cách dùng: ", "Ví dụ:\n", "Tùy chọn:\n", "[mặc định: 30.0]"):
        assert heading in by_option.output
    assert _call("send", "--help", AXIS_LANG="vi").output == by_option.output
    assert _call("send", "--help", LANG="vi_VN.UTF-8").output == by_option.output
    assert _call("--lang=vi", "send", "--help", LANG="en_US.UTF-8").output == by_option.output


def test_english_stays_where_it_is_asked_for():
    english = _call("send", "--help").output
    assert english.startswith("Usage: ")
    assert _call("--lang", "en", "send", "--help", LANG="vi_VN.UTF-8").output == english
    assert _call("send", "--help", LANG="vi_VN.UTF-8", AXIS_LANG="en").output == english


def test_the_list_of_words_and_of_those_below_is_vietnamese():
    assert "Các lệnh:\n" in _call("--lang", "vi", "--help").output
    below = _call("--lang", "vi", "office", "--help").output
    assert "Các lệnh:\n" in below
    assert "Sáp nhập các cơ quan" in below


def test_examples_are_the_same_calls_in_both_languages():
    english = {words: examples(command) for words, command in commands()}
    with speaking("vi"):
        for words, command in commands():
            spoken = (command.help or "").replace("Ví dụ:", "Examples:")
            command.help = spoken
            calls = [re.split("  # ", line)[0] for line in examples(command)]
            assert calls == [re.split("  # ", line)[0] for line in english[words]]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["send"], "Lỗi: Thiếu đối số 'FILES...'."),
        (["send", "--stem", "x"], "Lỗi: Không có tùy chọn '--stem'."),
        (["inbox", "a", "--limit", "0"], "Lỗi: Giá trị không hợp lệ cho '--limit'"),
        (["offcie"], "Lỗi: Không có lệnh 'offcie'. Lệnh gần giống: axis office."),
        (["inbox", "a", "b"], "Lỗi: Thừa đối số (b)"),
    ],
)
def test_wrong_usage_is_told_in_vietnamese(words: list[str], answer: str):
    done = _call("--lang", "vi", *words)
    assert done.exit_code == 2
    assert "Cách dùng: " in done.output
    assert answer in done.output


def test_a_wrong_word_names_those_near_it_here_and_below():
    assert "Near it: axis system token new" in _call("token").output
    assert "Near it: axis system token" in _call("system", "tokne").output
    assert "Near it" not in _call("qqqqqq").output


def test_a_language_that_is_not_spoken_is_wrong_usage():
    assert _call("--lang", "fr", "send").exit_code == 2
    assert _call("send", AXIS_LANG="fr").exit_code == 2


def test_the_language_of_a_call_ends_with_it():
    before = os.environ.get("LANGUAGE")
    with speaking("vi"):
        assert translate("yes") == "có"
    assert translate("yes") == "yes"
    assert os.environ.get("LANGUAGE") == before


def test_a_word_of_a_command_is_no_language_of_the_call(monkeypatch: pytest.MonkeyPatch):
    for name in ("AXIS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language_of_call(["send", "--lang", "vi"]) == "en"
    assert language_of_call(["--config", "axis.toml", "--lang", "vi", "send"]) == "vi"
    assert language_of_call(["--lang"]) == "en"
