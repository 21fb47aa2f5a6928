"""Finding documents."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from adapters.console.answer import Answer, redirect
from adapters.console.naming import by_code, directory_of
from adapters.console.render import page
from adapters.console.visit import Visit
from adapters.gateway.errors import ParameterError
from axis.search.finding import Found, find, offices_like
from axis.search.wanted import Standing, Wanted
from axis.signin.accounts import Kind
from axis.store.searching import Place

ON_A_PAGE = 20


def search(visit: Visit) -> Answer:
    """Show the form, and what fits."""
    text, office = visit.text("q"), visit.text("office")
    standing = visit.choice("state", [one.value for one in Standing])
    person = visit.person
    listed = visit.installation.offices.current()
    office_ids = offices_like(listed.names, office, visit.now) if office else ()
    wanted = Wanted(
        text=text,
        office_ids=office_ids,
        since=visit.instant("from"),
        until=visit.instant("to", after=True),
        standing=Standing(standing) if standing else None,
        only_of=person.office_id if person.kind is Kind.VIEWER else None,
    )
    asked = not wanted.says_nothing or bool(office)
    found: Found | None = None
    # A name that no office has would otherwise find the documents of all.
    if (asked and (office_ids or not office)) or (not asked and person.kind is Kind.VIEWER):
        found = find(
            visit.installation.engine,
            wanted,
            after=_place(visit.text("after")),
            limit=ON_A_PAGE,
            also_words=visit.text("all") == "1",
        )
    one = found.only if found else None
    if one is not None and text and not visit.text("all"):
        return redirect(visit.link(f"/document/{one}"))
    return page(
        visit,
        "search.html",
        asked=asked,
        found=found,
        office_count=len(office_ids),
        standings=list(Standing),
        name_of=by_code(directory_of(visit), visit.now),
        next_page=visit.here(after=_written(found.after)) if found and found.after else None,
    )


def _written(place: Place) -> str:
    text = json.dumps([place[0].isoformat(), str(place[1])])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(text: str) -> Place | None:
    if not text:
        return None
    try:
        at, package_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = (datetime.fromisoformat(at), UUID(package_id))
    except (ValueError, TypeError, binascii.Error) as error:
        raise ParameterError(name="after", reason="it is from no page") from error
    if place[0].tzinfo is None:
        raise ParameterError(name="after", reason="it is from no page")
    return place
