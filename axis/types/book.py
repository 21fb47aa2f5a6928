"""The types that an axis carries, and who takes which: immutable, replaced when something changes.

A version that was added is not yet carried, one that was retired is not carried any more; what was
carried while it was active can always be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from lxml import etree

from axis.envelope import schema
from axis.envelope.errors import TypeUnknownError
from axis.envelope.limits import Limits, Scan
from axis.envelope.skeleton import Skeleton
from axis.envelope.values import DOCUMENT, EDXML_VERSION, STATUS, Envelope, Message
from axis.types.errors import TypeNotActiveError
from axis.types.folder import files_of, folder_of
from axis.types.reader import MessageType
from axis.types.roles import Roles, roles_of
from axis.types.rules import FILE, Rules, parse_rules


class State(StrEnum):
    """Whether a version is carried."""

    ADDED = "added"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a type, as it was added."""

    state: State
    files: Mapping[str, bytes]


#: Who takes what, by office or system: ``dossier/1``.
Takes = Mapping[tuple[str, str], frozenset[str]]
OFFICE: Final = "office"
SYSTEM: Final = "system"

#: The types that have a reader of their own.
BUILT_IN: Final = (DOCUMENT, STATUS)


class Book:
    """What an axis carries now."""

    def __init__(
        self, entries: Mapping[tuple[str, str], Entry] | None = None, takes: Takes | None = None
    ) -> None:
        self._entries = dict(entries or {})
        self._takes = dict(takes or {})
        self._types: dict[tuple[str, str], MessageType] = {}

    def __reduce__(self) -> tuple[object, ...]:
        """Go to an examining process as files; who takes what is of no use there."""
        return Book, (self._entries,)

    @cached_property
    def digest(self) -> bytes:
        """What examining depends on."""
        hasher = hashlib.sha256()
        for key, entry in sorted(self._entries.items()):
            hasher.update(repr((key, entry.state.value)).encode())
            for name, data in sorted(entry.files.items()):
                hasher.update(name.encode() + hashlib.sha256(data).digest())
        return hasher.digest()

    # --- reading ---------------------------------------------------------------------------------

    def read(
        self, tree: etree._Element, skeleton: Skeleton | None, scan: Scan, limits: Limits
    ) -> Message:
        """Read a message of an active type.

        Raises:
            TypeUnknownError, TypeNotActiveError: nobody carries it.
            AxisError: it does not fit its type.
        """
        payload = schema.payload_of(tree)
        assert payload is not None  # noqa: S101  the frame's schema demands one
        key = (payload.get("type", ""), payload.get("version", ""))
        entry = self._entries.get(key)
        active = ", ".join(self.active())
        if entry is None:
            raise TypeUnknownError(expected=active, got="/".join(key))
        if entry.state is not State.ACTIVE:
            raise TypeNotActiveError(type="/".join(key), state=entry.state.value, expected=active)
        return self.type_of(*key).read(tree, skeleton, scan, limits)

    def type_of(self, name: str, version: str) -> MessageType:
        """Return one version, whatever its state.

        Raises:
            TypeUnknownError: it was never added.
        """
        key = (name, version)
        if key not in self._types:
            if key not in self._entries:
                raise TypeUnknownError(expected=", ".join(self.active()), got="/".join(key))
            self._types[key] = MessageType(self._entries[key].files)
        return self._types[key]

    # --- rules -----------------------------------------------------------------------------------

    def rules_of(self, envelope: Envelope) -> Rules:
        """Return the rules of what was examined."""
        return self.rules(envelope.type, envelope.version)

    def rules(self, name: str, version: str) -> Rules:
        """Return the rules of one version, built in or added.

        Raises:
            TypeUnknownError: it is neither.
        """
        if name in BUILT_IN and version == EDXML_VERSION:
            return built_in()[name]
        return self.type_of(name, version).rules

    def named(self, name: str) -> list[Rules]:
        """Return the rules of all versions of a type, newest first."""
        if name in BUILT_IN:
            return [built_in()[name]]
        keys = sorted((key for key in self._entries if key[0] == name), key=_order, reverse=True)
        return [self.type_of(*key).rules for key in keys]

    def ruling(self, name: str) -> Rules:
        """Return the rules that figures go by: the newest that are carried, else the newest.

        Raises:
            TypeUnknownError: no version of it was ever added.
        """
        known = self.named(name)
        if not known:
            raise TypeUnknownError(expected=", ".join(self.active()), got=name)
        carried = (one for one in known if self._is_carried(one))
        return next(carried, known[0])

    def _is_carried(self, rules: Rules) -> bool:
        entry = self._entries.get((rules.type, rules.version))
        return entry is None or entry.state is State.ACTIVE

    def active(self) -> list[str]:
        """Return what is carried, such as ``dossier/1``, edXML first."""
        added = (key for key, entry in self._entries.items() if entry.state is State.ACTIVE)
        ids = [f"{name}/{EDXML_VERSION}" for name in BUILT_IN]
        return ids + ["/".join(key) for key in sorted(added, key=_order)]

    def entries(self) -> Mapping[tuple[str, str], Entry]:
        """Return what was added."""
        return self._entries

    @cached_property
    def roles(self) -> Roles:
        """What figures and lists take the types for."""
        added = (self.type_of(*key).rules for key in self._entries)
        return roles_of((*built_in().values(), *added))

    def keeps(self) -> dict[str, str]:
        """Return the retention class of each type, by its newest rules."""
        names = (*BUILT_IN, *(name for name, _ in self._entries))
        return {name: self.named(name)[0].keep for name in names}

    def reminding(self) -> list[Rules]:
        """Return the newest rules of each active type that reminds before something is due."""
        names = {name for (name, _), entry in self._entries.items() if entry.state is State.ACTIVE}
        newest = (self.ruling(name) for name in sorted(names))
        return [one for one in newest if one.league and one.deadline and one.deadline.remind_days]

    # --- who takes what --------------------------------------------------------------------------

    def accepts(self, office_id: str, system_id: str | None) -> list[str]:
        """Return the types that an office takes: what needs no word, and what it has declared."""
        said = self._takes.get((OFFICE, office_id), frozenset())
        if system_id is not None:
            said = said | self._takes.get((SYSTEM, system_id), frozenset())
        return [one for one in self.active() if one in said or not self._declared(one)]

    def is_accepted(self, rules: Rules, office_id: str, system_id: str | None) -> bool:
        """Say whether an office takes this version of a type."""
        if not rules.receive.declared:
            return True
        return rules.id in self._takes.get((OFFICE, office_id), ()) or (
            system_id is not None and rules.id in self._takes.get((SYSTEM, system_id), ())
        )

    def _declared(self, type_id: str) -> bool:
        return self.rules(*type_id.split("/")).receive.declared


def built_in() -> Mapping[str, Rules]:
    """Return the rules of edXML's own types."""
    if not _BUILT_IN:
        for name in BUILT_IN:
            _BUILT_IN[name] = parse_rules(
                folder_of(name, EDXML_VERSION).joinpath(FILE).read_bytes()
            )
    return _BUILT_IN


_BUILT_IN: dict[str, Rules] = {}


def _order(key: tuple[str, str]) -> tuple[str, tuple[int, ...]]:
    return key[0], tuple(int(part) for part in key[1].split("."))


def shipped(names: Iterable[str] = ("dossier", "report", "task")) -> Book:
    """Return a book of the types that come with the program, all active."""
    return Book(
        {
            (name, folder.name): Entry(State.ACTIVE, files_of(folder))
            for name in names
            for folder in sorted(folder_of(name).iterdir())
        }
    )
