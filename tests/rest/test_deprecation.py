"""What goes says so long before: in its answers, in the description, and in a list."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from email.utils import parsedate_to_datetime

import pytest

from adapters.rest import about, receiving
from adapters.rest.app import all_operations
from adapters.rest.deprecation import Deprecation
from tests.conftest import CHECKOUT
from tests.relay.installation import Installation
from tests.rest.gateway import gateway_of

GOES = Deprecation(since=date(2026, 1, 1), sunset=date(2028, 1, 1), instead="/packages")
SAID = {
    "deprecation": "@1767225600",
    "sunset": "Sat, 01 Jan 2028 00:00:00 GMT",
    "link": '</v1/deprecations>; rel="deprecation"; type="application/json", '
    '</v1/packages>; rel="successor-version"',
}
UNKNOWN = "00000000-0000-5000-8000-000000000000"


def mark(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for module in (about, receiving):
        table = [
            replace(one, deprecated=GOES) if one.name in names else one for one in module.OPERATIONS
        ]
        monkeypatch.setattr(module, "OPERATIONS", tuple(table))


async def test_an_operation_that_goes_says_so(
    axis_on_postgresql: Installation, monkeypatch: pytest.MonkeyPatch
):
    mark(monkeypatch, "showMe", "showDelivery")
    async with gateway_of(axis_on_postgresql) as gateway:
        client, nobody = gateway.of("vpcp"), gateway.of(None)
        for path, status in (("me", 200), (f"deliveries/{UNKNOWN}", 404)):
            answer = await client.get(f"/v1/{path}")
            assert answer.status_code == status
            assert {name: answer.headers.get(name) for name in SAID} == SAID
        # Others say nothing, and who did not prove itself learns nothing.
        for answer in (await client.get("/v1/packages"), await nobody.get("/v1/me")):
            assert not SAID.keys() & answer.headers.keys()
        listed = (await nobody.get("/v1/deprecations")).json()
        assert "two years" in listed["policy"]
        assert [one["operation"] for one in listed["items"]] == ["showDelivery", "showMe"]
        assert listed["items"][1] == {
            "operation": "showMe",
            "method": "GET",
            "path": "/v1/me",
            "deprecated_at": "2026-01-01T00:00:00Z",
            "sunset_at": "2028-01-01T00:00:00Z",
            "instead": "/v1/packages",
        }
        paths = (await nobody.get("/v1/openapi.json")).json()["paths"]
        assert paths["/me"]["get"]["deprecated"] is True
        assert "2028-01-01" in paths["/me"]["get"]["description"]
        assert set(paths["/me"]["get"]["responses"]["200"]["headers"]) == {
            "Deprecation",
            "Sunset",
            "Link",
        }
        assert "deprecated" not in paths["/packages"]["get"]


def test_nothing_goes_before_two_years() -> None:
    with pytest.raises(ValueError, match="two years"):
        Deprecation(since=date(2026, 1, 1), sunset=date(2027, 12, 31), instead="/packages")


def test_what_takes_its_place_is_there() -> None:
    table = all_operations()
    paths = {one.path for one in table}
    assert all(one.deprecated.instead in paths for one in table if one.deprecated is not None)


def test_the_page_shows_what_is_sent() -> None:
    page = (CHECKOUT / "docs/integrate/rest.md").read_text(encoding="utf-8")
    (deprecation,) = re.findall(r"`Deprecation: (@\d+)`", page)
    (sunset,) = re.findall(r"`Sunset: ([^`]+)`", page)
    assert (deprecation, sunset) == (SAID["deprecation"], SAID["sunset"])
    assert parsedate_to_datetime(sunset).date() == GOES.sunset
    # "Nothing is deprecated today" is true.
    assert "Nothing is deprecated today" in page
    assert not [one.name for one in all_operations() if one.deprecated]
