"""What a message is called in a story, and what it says: by the texts of its type. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from axis.delivery.workdays import VIETNAM
from axis.envelope.errors import TypeUnknownError
from axis.errors import Lang
from axis.store.messages import MessageRecord
from axis.store.packages import PackageRecord
from axis.types.book import Book
from axis.types.rules import Rules, Words

#: What is called so in every type that does not say otherwise.
USUAL: Final = {
    "id": Words(en="Id", vi="Mã định danh"),
    "number": Words(en="Number", vi="Số hiệu"),
    "revision": Words(en="Revision", vi="Lần"),
    "subject": Words(en="Subject", vi="Trích yếu"),
    "step": Words(en="Step", vi="Bước"),
    "due": Words(en="Due", vi="Thời hạn"),
    "reply_to": Words(en="Replies to", vi="Trả lời"),
    "story": Words(en="Belongs to", vi="Thuộc về"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a message says."""

    key: str  #: as its rules name it
    label: str
    value: str


def in_lang(words: Words, lang: Lang) -> str:
    """Return a text in a language."""
    return words.vi if lang == "vi" else words.en


def message_title(message: MessageRecord, types: Book, lang: Lang) -> str:
    """Return what a message does, such as ``Dossier: result (3)``."""
    rules = rules_of(message, types)
    if rules is None:
        return message.step or message.type
    step = rules.steps.get(message.step or "")
    told = in_lang(rules.name, lang)
    if step is not None:
        told += f": {in_lang(step, lang)}"
    return told + (f" ({message.revision})" if message.revision is not None else "")


def kind_title(kind: str, types: Book, lang: Lang) -> str:
    """Return what packages of a type are called."""
    known = types.named(kind)
    return in_lang(known[0].name, lang) if known else kind


def fields_of(
    package: PackageRecord,
    message: MessageRecord,
    types: Book,
    lang: Lang,
    *,
    answers: tuple[str, ...] = (),
    stories: tuple[tuple[str, str], ...] = (),
) -> list[Field]:
    """Return what the rules of its type find in a message, in the order of the rule file.

    Args:
        package: of the message.
        message: what is kept of it.
        types: the types.
        lang: of labels and values.
        answers: what it replies to.
        stories: type and key of what it belongs to.
    """
    rules = rules_of(message, types)
    if rules is None:
        return []
    found = _found(rules, package, message, lang, answers, stories, types)
    return [
        Field(key=key, label=in_lang(_label(rules, key), lang), value=value)
        for key, value in found
        if value
    ]


def rules_of(message: MessageRecord, types: Book) -> Rules | None:
    """Return the rules of a message's version; None: they are not at hand."""
    try:
        return types.rules(message.type, message.version)
    except TypeUnknownError:
        return None


def _found(
    rules: Rules,
    package: PackageRecord,
    message: MessageRecord,
    lang: Lang,
    answers: tuple[str, ...],
    stories: tuple[tuple[str, str], ...],
    types: Book,
) -> Iterator[tuple[str, str]]:
    read = rules.read
    if read.id is not None or rules.order is not None:
        yield "id", package.document_id or ""
    if read.number is not None:
        yield "number", package.sign or ""
    if rules.order is not None and message.revision is not None:
        yield "revision", str(message.revision)
    if read.subject is not None:
        yield "subject", package.subject or ""
    if read.step is not None and message.step is not None:
        step = rules.steps.get(message.step)
        yield "step", in_lang(step, lang) if step is not None else message.step
    if read.due is not None and message.due_at is not None:
        yield "due", _instant(message.due_at)
    yield "reply_to", ", ".join(answers)
    for name in read.facts:
        value = (message.facts or {}).get(name)
        yield name, "" if value is None else str(value)
    yield "story", ", ".join(f"{kind_title(kind, types, lang)} {key}" for kind, key in stories)


def _label(rules: Rules, key: str) -> Words:
    return rules.labels.get(key) or USUAL.get(key) or Words(en=key, vi=key)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
