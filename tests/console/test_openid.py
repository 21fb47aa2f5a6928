"""Signing in by an OpenID provider, against one that answers; and what does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey
from msgspec import structs

from tests.console.provider import SECRET, Provider, providing
from tests.console.world import World


@dataclass
class Way:
    """A browser, the console and the provider."""

    world: World
    provider: Provider
    http: httpx.Client

    def begin(self, **query: str) -> httpx.Response:
        return self.http.get(f"{self.world.url}/console/openid", params=query)

    def go(self, **query: str) -> httpx.Response:
        """Go to the provider and come back."""
        begun = self.begin(**query)
        assert begun.status_code == 303, begun.text
        back = self.http.get(begun.headers["location"])
        return self.http.get(back.headers["location"])


@pytest.fixture
def way(world: World, tmp_path: Path) -> Iterator[Way]:
    settings = world.installation.settings
    (tmp_path / "secret").write_text(SECRET)
    with (
        providing() as provider,
        httpx.Client(trust_env=False, timeout=30, follow_redirects=False) as http,
    ):
        console = structs.replace(
            settings.console,
            openid_issuer=provider.url,
            openid_client="axis",
            openid_secret=str(tmp_path / "secret"),
        )
        gateway = structs.replace(settings.gateway, url=world.url)
        changed = structs.replace(settings, console=console, gateway=gateway)
        world.installation.settings = changed
        try:
            yield Way(world, provider, http)
        finally:
            world.installation.settings = settings


def _code(answer: httpx.Response) -> str:
    found = re.search(r'class="code">([a-z-]+\.[a-z-]+)', answer.text)
    return found[1] if found else ""


def test_who_the_provider_knows_and_who_has_an_account_is_let_in(way: Way) -> None:
    assert "/console/openid" in way.http.get(f"{way.world.url}/console/signin").text
    way.provider.name = "quyen"
    refused = way.go()
    assert (refused.status_code, _code(refused)) == (403, "signin.openid-stranger")
    way.world.command("console", "account", "add", "quyen", "--role", "auditor", "--openid")
    entered = way.go(next="/console/stuck?state=held")
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/stuck?state=held")
    page = way.http.get(f"{way.world.url}/console/stuck")
    assert page.status_code == 200
    assert "quyen" in page.text
    way.world.command("console", "account", "remove", "quyen", "--yes")
    assert way.http.get(f"{way.world.url}/console/stuck").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["axis", "another"]},
        {"aud": ["axis", "another"], "azp": "another"},
        {"exp": 1},
        {"exp": "soon"},
        {"nonce": "another"},
        {"preferred_username": None},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_lets_nobody_in(way: Way, claims: dict) -> None:
    way.provider.claims = claims
    refused = way.go()
    assert (refused.status_code, _code(refused)) == (401, "signin.openid-refused")
    assert way.http.get(f"{way.world.url}/console/stuck").status_code == 303


def test_an_answer_that_nobody_asked_for_lets_nobody_in(way: Way) -> None:
    back = f"{way.world.url}/console/openid/callback"
    for query in ("", "?code=x&state=y", "?error=access_denied"):
        assert _code(way.http.get(back + query)) == "signin.openid-refused"
    begun = way.begin()
    answer = way.http.get(begun.headers["location"]).headers["location"]
    other = way.http.get(answer.replace("state=", "state=x"))
    assert _code(other) == "signin.openid-refused"
    with httpx.Client(trust_env=False) as stranger:
        assert _code(stranger.get(answer)) == "signin.openid-refused"
    assert way.http.get(answer).status_code == 303
    assert _code(way.http.get(answer)) == "signin.openid-refused"


def test_a_key_that_is_not_the_providers_lets_nobody_in(way: Way) -> None:
    way.provider.published = ECKey.generate_key("P-256", {"kid": "1"})
    assert _code(way.go()) == "signin.openid-refused"


def test_a_provider_that_is_another_or_away_is_told_of(way: Way) -> None:
    way.provider.issuer = "https://elsewhere.example"
    refused = way.begin()
    assert (refused.status_code, _code(refused)) == (503, "signin.openid-unavailable")
    settings = way.world.installation.settings
    for issuer in ("http://127.0.0.1:9", "nonsense"):
        console = structs.replace(settings.console, openid_issuer=issuer)
        way.world.installation.settings = structs.replace(settings, console=console)
        assert _code(way.begin()) == "signin.openid-unavailable"
    console = structs.replace(settings.console, openid_issuer="")
    way.world.installation.settings = structs.replace(settings, console=console)
    assert way.begin().status_code == 404
