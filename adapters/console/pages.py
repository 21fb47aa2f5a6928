"""The pages of the console: path, who may see it, and the function that makes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.console import (
    certificates,
    document,
    ledger,
    offices,
    openid,
    overview,
    reports,
    search,
    signin,
    stuck,
    systems,
)
from adapters.console.answer import Answer
from adapters.console.visit import Visit
from axis.signin.accounts import Kind

_GET: Final = frozenset({"GET", "HEAD"})
_POST: Final = frozenset({"POST"})
_ALL: Final = (Kind.OPERATOR, Kind.AUDITOR)


@dataclass(frozen=True, slots=True)
class Page:
    """A page; without ``kinds`` everybody who is signed in sees it."""

    path: str
    make: Callable[[Visit], Answer]
    methods: frozenset[str] = _GET
    kinds: tuple[Kind, ...] = ()
    is_public: bool = False
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the pattern of the path."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]{1,200})", self.path)
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def names_in(self, path: str) -> dict[str, str] | None:
        """Return what a path names, or None where it is another page's."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


PAGES: Final = (
    Page("/signin", signin.sign_in, _GET | _POST, is_public=True),
    Page("/openid", openid.begin, is_public=True),
    Page("/openid/callback", openid.finish, is_public=True),
    Page("/signout", signin.leave, _POST),
    Page("/account", signin.account, _GET | _POST),
    Page("/", overview.overview),
    Page("/search", search.search),
    Page("/document/{package_id}", document.document),
    Page("/proof/{entry_id}", document.proof, kinds=_ALL),
    Page("/stuck", stuck.stuck, kinds=_ALL),
    Page("/stuck/preview", stuck.preview, _POST, kinds=(Kind.OPERATOR,)),
    Page("/stuck/act", stuck.act, _POST, kinds=(Kind.OPERATOR,)),
    Page("/offices", offices.offices),
    Page("/offices/{code}", offices.office),
    Page("/systems", systems.systems, kinds=_ALL),
    Page("/certificates", certificates.certificates, kinds=_ALL),
    Page("/ledger", ledger.ledger, kinds=_ALL),
    Page("/reports", reports.reports, kinds=_ALL),
)
