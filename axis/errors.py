"""What the axis says when it says no: a code for machines, words for people, a fault for the relay.

Every refusal of every room derives from :class:`AxisError` and stands in that room's ``errors.py``.
A code is API: it is never renamed and never reused. Texts are templates over ``facts``; a fact is
never a secret and never a document's content beyond the field that was wrong.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, Literal

Lang = Literal["en", "vi"]
Fact = str | int | None


class Fault(StrEnum):
    """Who must act before these bytes could pass; the relay branches on nothing else."""

    INPUT = "input"  #: these bytes can never pass: send a rejection, do not retry
    OUTAGE = "outage"  #: cannot tell yet: retry with backoff, then hold and alert
    AXIS = "axis"  #: our bug or a broken invariant: stop and page


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the package the trouble stands."""

    xpath: str | None = None  #: with the local names of the elements, e.g. ``/edXML/edXMLEnvelope``
    line: int | None = None  #: 1 is the first line
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal as a value: it is stored, sent to other processes and shown in either language."""

    code: str
    fault: Fault
    facts: Mapping[str, Fact] = field(default_factory=dict)
    place: Place | None = None

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence for people; a code of a newer version is shown as it is."""
        return _fill(self.code, lang, "en", "vi", self.facts)

    def hint(self, lang: Lang = "en") -> str:
        """Return the next step for the person who reads the refusal."""
        return _fill(self.code, lang, "hint_en", "hint_vi", self.facts)


class AxisError(Exception):
    """The root of all refusals; a class states its code, fault, texts and next step.

    Args:
        place: where in the package the trouble stands, if it stands anywhere.
        facts: what the templates name, such as ``expected`` and ``got``.
    """

    code: ClassVar[str] = "axis.error"
    fault: ClassVar[Fault] = Fault.AXIS
    en: ClassVar[str] = "internal error"
    vi: ClassVar[str] = "lỗi nội bộ của trục"
    hint_en: ClassVar[str] = "report this to the axis operator"
    hint_vi: ClassVar[str] = "báo cho đơn vị vận hành trục"

    def __init__(self, *, place: Place | None = None, **facts: Fact) -> None:
        super().__init__(place, facts)
        self.place = place
        self.facts = facts

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in vars(cls):
            known = _CLASSES.setdefault(cls.code, cls)
            if known is not cls and known.__qualname__ != cls.__qualname__:
                raise TypeError(f"error code {cls.code} is defined twice")

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way from another process of ours, such as one that verifies the ledger."""
        return _rebuild, (type(self), self.place, self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.refusal.text('en')}"

    @property
    def refusal(self) -> Refusal:
        """This refusal as a value."""
        return Refusal(code=self.code, fault=self.fault, facts=self.facts, place=self.place)


_CLASSES: Final[dict[str, type[AxisError]]] = {AxisError.code: AxisError}


def catalogue() -> Mapping[str, type[AxisError]]:
    """Return every refusal that any room can give, by code.

    Raises:
        ImportError: a room's ``errors.py`` cannot be imported.
    """
    import axis

    for module in pkgutil.iter_modules(axis.__path__):
        if module.ispkg:
            name = f"axis.{module.name}.errors"
            if importlib.util.find_spec(name):
                importlib.import_module(name)
    return dict(sorted(_CLASSES.items()))


def error_of(refusal: Refusal) -> AxisError:
    """Return a refusal as an error that can be raised; a code of a newer version as our own."""
    known = _class_of(refusal.code)
    if known is None:
        return AxisError(got=refusal.code)
    return known(place=refusal.place, **refusal.facts)


def _class_of(code: str) -> type[AxisError] | None:
    return _CLASSES.get(code) or catalogue().get(code)


def _rebuild(cls: type[AxisError], place: Place | None, facts: Mapping[str, Fact]) -> AxisError:
    return cls(place=place, **facts)


def _fill(code: str, lang: Lang, en: str, vi: str, facts: Mapping[str, Fact]) -> str:
    known = _class_of(code)
    if known is None:
        return code
    template: str = getattr(known, vi if lang == "vi" else en)
    return template.format_map(_Missing(facts))


class _Missing(dict[str, Fact]):
    """A fact that an older version did not record reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
