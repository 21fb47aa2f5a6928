"""The ways down and back between offices; routing needs neither, administration both."""

from __future__ import annotations

from axis.directory.records import OfficeRelated
from axis.directory.values import ParentFact, SuccessionFact


class Kinship:
    """Who ever stood under, or was succeeded by, an office; what holds is asked of the records."""

    __slots__ = ("children", "predecessors")

    def __init__(self) -> None:
        self.children: dict[str, dict[str, None]] = {}
        self.predecessors: dict[str, dict[str, None]] = {}

    def learn(self, fact: OfficeRelated) -> None:
        """Note a parent or a succession; other facts say nothing here."""
        if isinstance(fact, ParentFact):
            self.children.setdefault(fact.parent_id, {})[fact.office_id] = None
        elif isinstance(fact, SuccessionFact) and fact.successor_id not in (None, fact.office_id):
            self.predecessors.setdefault(fact.successor_id or "", {})[fact.office_id] = None
