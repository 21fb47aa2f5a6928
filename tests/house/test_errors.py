"""Every refusal has a code of its own, two languages, a next step, and a test that raises it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

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


# Each test looks at all codes: hundreds of tests of their own would cost a minute.


def test_a_code_is_the_room_and_the_reason():
    form = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
    assert [code for code in ALL if not form.fullmatch(code)] == []


def test_a_refusal_speaks_english_and_vietnamese_and_names_the_next_step():
    assert {code: wrong for code in ALL if (wrong := list(_wrong_texts(ALL[code])))} == {}


def _wrong_texts(refusal: type[AxisError]) -> Iterator[str]:
    for name in TEXTS:
        text = getattr(refusal, name)
        if not text or text.strip() != text or text.endswith("."):
            yield f"{name}: {text!r}"
        if refusal is not AxisError and text == getattr(AxisError, name):
            yield f"{name} is not its own"
    if re.match(r"[A-Z][a-z]+ [a-z]", refusal.en) and not refusal.en.startswith(_NAMES):
        yield "en begins with a capital"
    if refusal.vi.isascii() or refusal.hint_vi.isascii():
        yield "it is not Vietnamese"


def test_both_languages_tell_the_same_facts():
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    pairs = [
        (code, *pair)
        for code, one in ALL.items()
        for pair in ((one.en, one.vi), (one.hint_en, one.hint_vi))
    ]
    assert [pair for pair in pairs if facts(pair[1]) != facts(pair[2])] == []


def test_a_code_belongs_to_one_class():
    found: dict[str, list[str]] = {}
    for path in committed("axis/*.py", "adapters/*.py"):
        for code in re.findall(
            r'^    code = "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.setdefault(code, []).append(str(path.relative_to(CHECKOUT)))
    assert {code: paths for code, paths in found.items() if len(paths) > 1} == {}
    assert set(found) - set(ALL) == set()


def test_a_test_raises_each():
    words = _own_words()
    assert [
        code
        for code in sorted(set(ALL) - set(NEVER_RAISED))
        if f'"{code}"' not in words and ALL[code].__name__ not in words
    ] == []


#: Names that keep their capital at the start of a sentence.
_NAMES = ("Base64", "XML", "SHA", "RabbitMQ", "PostgreSQL", "OrganId", "DocumentId")
