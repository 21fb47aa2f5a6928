"""Every refusal has a code of its own, two languages, a next step, and a test that raises it."""

from __future__ import annotations

import re
import string

import pytest

from axis.errors import AxisError
from house.house import CHECKOUT, committed, refusals

ALL = refusals()
TEXTS = ("en", "vi", "hint_en", "hint_vi")

#: Raised by what no test can bring about, each with the reason.
NEVER_RAISED = {"axis.error": "the root of all refusals"}


def _own_words() -> str:
    """The text of all tests except those that only list codes."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in committed("tests/*.py", "adapters/**/*.py")
        if path.parent.name != "house" and "tests" in path.parts
    )


@pytest.mark.parametrize("code", ALL)
def test_a_code_is_the_room_and_the_reason(code: str):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*", code)


@pytest.mark.parametrize("code", ALL)
def test_a_refusal_speaks_english_and_vietnamese_and_names_the_next_step(code: str):
    refusal = ALL[code]
    for name in TEXTS:
        text = getattr(refusal, name)
        assert text.strip() == text
        assert text, name
        if refusal is not AxisError:
            assert text != getattr(AxisError, name), name
        assert not text.endswith("."), name
    assert not re.match(r"[A-Z][a-z]+ [a-z]", refusal.en) or refusal.en.startswith(_NAMES)
    assert not refusal.vi.isascii()
    assert not refusal.hint_vi.isascii()


@pytest.mark.parametrize("code", ALL)
def test_both_languages_tell_the_same_facts(code: str):
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert facts(ALL[code].en) == facts(ALL[code].vi)
    assert facts(ALL[code].hint_en) == facts(ALL[code].hint_vi)


def test_a_code_belongs_to_one_class():
    found: dict[str, list[str]] = {}
    for path in committed("axis/*.py", "adapters/*.py"):
        for code in re.findall(
            r'^    code = "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.setdefault(code, []).append(str(path.relative_to(CHECKOUT)))
    assert {code: paths for code, paths in found.items() if len(paths) > 1} == {}
    assert set(found) - set(ALL) == set()


@pytest.mark.parametrize("code", sorted(set(ALL) - set(NEVER_RAISED)))
def test_a_test_raises_it(code: str):
    words = _own_words()
    assert f'"{code}"' in words or ALL[code].__name__ in words


#: Names that keep their capital at the start of a sentence.
_NAMES = ("Base64", "XML", "SHA", "RabbitMQ", "PostgreSQL", "OrganId", "DocumentId")
