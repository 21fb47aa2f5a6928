"""Certificate policies: the valid policy tree of RFC 5280 §6.1.2 to §6.1.5, bounded in size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from axis.trust.links import ANY_POLICY, Link

#: A tree that grows beyond this is refused: its size can be made exponential in the path.
NODES: Final = 500


class PolicyTreeTooLargeError(ValueError):
    """The policies of a path branch too much."""


class _Node:
    __slots__ = ("children", "expected", "parent", "policy")

    def __init__(self, policy: str, expected: frozenset[str], parent: _Node | None) -> None:
        self.policy = policy
        self.expected = expected
        self.parent = parent
        self.children: list[_Node] = []
        if parent is not None:
            parent.children.append(self)


class PolicyState:
    """The policies under which a path of ``length`` certificates is valid so far."""

    def __init__(
        self,
        length: int,
        *,
        explicit: bool = False,
        any_inhibited: bool = False,
        mapping_inhibited: bool = False,
    ) -> None:
        self._length = length
        self._root: _Node | None = _Node(ANY_POLICY, frozenset({ANY_POLICY}), None)
        self._explicit = 0 if explicit else length + 1
        self._any = 0 if any_inhibited else length + 1
        self._mapping = 0 if mapping_inhibited else length + 1

    def process(self, link: Link, depth: int) -> bool:
        """Take in the certificate at ``depth`` (1 is the first); False: no policy is valid."""
        if not link.policies:
            self._root = None
        if self._root is not None:
            self._grow(link, depth)
        return self._explicit > 0 or self._root is not None

    def prepare(self, link: Link, depth: int) -> bool:
        """Prepare for the next certificate (§6.1.4); False: a mapping of anyPolicy."""
        if any(ANY_POLICY in pair for pair in link.mappings):
            return False
        if link.mappings and self._root is not None:
            self._map(link, depth)
        if not link.is_self_issued:
            self._explicit = max(0, self._explicit - 1)
            self._mapping = max(0, self._mapping - 1)
            self._any = max(0, self._any - 1)
        if link.require_explicit is not None:
            self._explicit = min(self._explicit, link.require_explicit)
        if link.inhibit_mapping is not None:
            self._mapping = min(self._mapping, link.inhibit_mapping)
        if link.inhibit_any is not None:
            self._any = min(self._any, link.inhibit_any)
        return True

    def finish(self, link: Link, wanted: frozenset[str]) -> bool:
        """Wrap up with the last certificate (§6.1.5); False: no wanted policy is valid."""
        self._explicit = max(0, self._explicit - 1)
        if link.require_explicit == 0:
            self._explicit = 0
        return self._explicit > 0 or self._has(wanted)

    def _grow(self, link: Link, depth: int) -> None:
        above = list(self._level(depth - 1))
        for policy in sorted(link.policies - {ANY_POLICY}):
            matching = [node for node in above if policy in node.expected]
            if not matching:
                matching = [node for node in above if node.policy == ANY_POLICY]
            for node in matching:
                _Node(policy, frozenset({policy}), node)
        last = depth == self._length
        if ANY_POLICY in link.policies and (self._any > 0 or (not last and link.is_self_issued)):
            for node in above:
                present = {child.policy for child in node.children}
                for policy in sorted(node.expected - present):
                    _Node(policy, frozenset({policy}), node)
        self._prune(depth - 1)

    def _map(self, link: Link, depth: int) -> None:
        targets: dict[str, set[str]] = {}
        for source, target in link.mappings:
            targets.setdefault(source, set()).add(target)
        for source, mapped in sorted(targets.items()):
            nodes = [node for node in self._level(depth) if node.policy == source]
            if self._mapping > 0:
                for node in nodes:
                    node.expected = frozenset(mapped)
                if not nodes:
                    for node in list(self._level(depth)):
                        if node.policy == ANY_POLICY and node.parent is not None:
                            _Node(source, frozenset(mapped), node.parent)
            else:
                for node in nodes:
                    if node.parent is not None:
                        node.parent.children.remove(node)
        if self._mapping == 0:
            self._prune(depth - 1)

    def _prune(self, depth: int) -> None:
        """Take out nodes above the leaves that have no child any more, from below."""
        for level in range(depth, 0, -1):
            for node in list(self._level(level)):
                if not node.children and node.parent is not None:
                    node.parent.children.remove(node)
        if self._root is not None and not self._root.children and self._length > 0:
            self._root = None

    def _has(self, wanted: frozenset[str]) -> bool:
        """Say whether the tree, cut down to the wanted policies, is not empty (§6.1.5 g)."""
        if self._root is None:
            return False
        if ANY_POLICY in wanted:
            return True
        # The valid policy node set: the nodes whose parent is anyPolicy, down to the last level.
        for depth in range(1, self._length + 1):
            for node in self._level(depth):
                if node.parent is not None and node.parent.policy == ANY_POLICY:
                    if node.policy in wanted:
                        return True
                    if node.policy == ANY_POLICY and depth == self._length:
                        return True
        return False

    def _level(self, depth: int) -> Iterator[_Node]:
        nodes = [self._root] if self._root is not None else []
        for _ in range(depth):
            nodes = [child for node in nodes for child in node.children]
            if len(nodes) > NODES:
                raise PolicyTreeTooLargeError(f"over {NODES} policies")
        return iter(nodes)
