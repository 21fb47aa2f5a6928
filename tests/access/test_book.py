"""Credentials: who they speak for, until when, and what is told to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from axis.access.book import AccessBook
from axis.access.errors import (
    AccessDeniedError,
    CredentialExpiredError,
    CredentialUnknownError,
    ScopeMissingError,
    SecretUnreadableError,
    SecretWeakError,
)
from axis.access.sealing import demand_strong, open_secret, seal_secret
from axis.access.tokens import mint, parse_token
from axis.access.values import ALL_SCOPES, Scope, SharedSecret, Term, Token
from axis.store.access import (
    access_version,
    add_secret,
    add_token,
    claim_key,
    end_secrets,
    end_tokens,
    list_tokens,
    load_book,
    revoke_secret,
    revoke_token,
)
from axis.store.engine import transaction

DAY = timedelta(days=1)
KEY = bytes(range(32))


def _token(now: datetime, *, system: str = "vpcp", days: int = 10) -> tuple[str, Token]:
    minted = mint()
    return minted.text, Token(
        id=minted.id,
        system_id=system,
        digest=minted.digest,
        scopes=ALL_SCOPES,
        term=Term(created_at=now, expires_at=now + days * DAY),
        note="",
        created_by="test",
    )


def test_a_token_speaks_for_its_system_until_the_instant_that_it_ends(now: datetime):
    text, token = _token(now)
    book = AccessBook(1, [token])
    caller = book.by_token(text, now + 10 * DAY - timedelta(microseconds=1))
    assert (caller.system_id, caller.credential) == ("vpcp", token.id)
    with pytest.raises(CredentialExpiredError) as caught:
        book.by_token(text, now + 10 * DAY)
    assert caught.value.code == "access.expired"


def test_what_is_no_token_of_ours_is_answered_alike(now: datetime):
    text, token = _token(now, days=-1)
    other, _ = _token(now)
    book = AccessBook(1, [token])
    wrong_secret = text[:-5] + ("AAAAA" if not text.endswith("AAAAA") else "BBBBB")
    for presented in ("", "axt_", other, wrong_secret, text + "x", text.upper(), f"{text}\n"):
        with pytest.raises(AccessDeniedError) as caught:
            book.by_token(presented, now)
        assert caught.value.refusal.facts == {}
        assert caught.value.code == "access.denied"
    # Only who holds the secret is told that it has ended.
    with pytest.raises(CredentialExpiredError):
        book.by_token(text, now)


@given(st.text(max_size=200))
def test_no_text_is_a_token_by_chance(text: str):
    with pytest.raises(AccessDeniedError):
        parse_token(text)


def test_a_credential_is_good_for_its_scopes_and_nothing_else(now: datetime):
    text, token = _token(now)
    caller = AccessBook(1, [replace(token, scopes=frozenset({Scope.SEND}))]).by_token(text, now)
    caller.demand(Scope.SEND)
    with pytest.raises(ScopeMissingError) as caught:
        caller.demand(Scope.RECEIVE)
    assert caught.value.code == "access.scope"


def test_a_sealed_secret_opens_only_in_its_own_place():
    sealed = seal_secret(KEY, b"axis-test-secret", secret_id="a1", system_id="vpcp")
    assert open_secret(KEY, sealed, secret_id="a1", system_id="vpcp") == b"axis-test-secret"
    assert b"axis-test-secret" not in sealed
    other_key = bytes(32)
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, content, secret, system in (
        (other_key, sealed, "a1", "vpcp"),
        (KEY, sealed, "a2", "vpcp"),
        (KEY, sealed, "a1", "khac"),
        (KEY, flipped, "a1", "vpcp"),
        (KEY, b"", "a1", "vpcp"),
    ):
        with pytest.raises(SecretUnreadableError) as caught:
            open_secret(key, content, secret_id=secret, system_id=system)
        assert caught.value.code == "access.secret-unreadable"


def test_a_secret_that_is_short_is_refused():
    demand_strong(b"x" * 12)
    with pytest.raises(SecretWeakError) as caught:
        demand_strong(b"x" * 11)
    assert caught.value.code == "access.secret-weak"


def test_credentials_overlap_while_they_are_replaced(engine: sa.Engine, now: datetime):
    old_text, old = _token(now)
    new_text, new = _token(now)
    foreign_text, foreign = _token(now, system="khac")
    with transaction(engine) as connection:
        for token in (old, new, foreign):
            add_token(connection, token)
        assert end_tokens(connection, "vpcp", at=now + 2 * DAY, but=new.id) == 1
        book = load_book(connection)
        assert [one.id for one in list_tokens(connection, system_id="khac")] == [foreign.id]
    assert book.by_token(old_text, now + DAY).credential == old.id
    assert book.by_token(new_text, now + DAY).credential == new.id
    with pytest.raises(CredentialExpiredError):
        book.by_token(old_text, now + 2 * DAY)
    assert book.by_token(foreign_text, now + 3 * DAY).system_id == "khac"
    # The secret itself is nowhere in the records.
    with engine.connect() as connection:
        rows = str(connection.execute(sa.text("select * from access_token")).all())
    assert new_text.rpartition("_")[2] not in rows


def test_revoking_again_changes_nothing_and_an_unknown_id_is_refused(
    engine: sa.Engine, now: datetime
):
    text, token = _token(now)
    with transaction(engine) as connection:
        add_token(connection, token)
        before = access_version(connection)
        assert revoke_token(connection, token.id, at=now)
        assert access_version(connection) == before + 1
        assert not revoke_token(connection, token.id, at=now + DAY)
        with pytest.raises(CredentialExpiredError):
            load_book(connection).by_token(text, now)
        for revoke in (revoke_token, revoke_secret):
            with pytest.raises(CredentialUnknownError) as caught:
                revoke(connection, "0" * 16, at=now)
            assert caught.value.code == "access.unknown"


def test_shared_secrets_overlap_while_they_are_replaced(engine: sa.Engine, now: datetime):
    def secret(secret_id: str) -> SharedSecret:
        return SharedSecret(
            id=secret_id,
            system_id="vpcp",
            sealed=seal_secret(KEY, b"x" * 32, secret_id=secret_id, system_id="vpcp"),
            term=Term(created_at=now, expires_at=None),
            note="",
            created_by="test",
        )

    with transaction(engine) as connection:
        add_secret(connection, secret("a" * 16))
        add_secret(connection, secret("b" * 16))
        end_secrets(connection, "vpcp", at=now + DAY, but="b" * 16)
        book = load_book(connection)
    assert [one.id[0] for one in book.secrets_of("vpcp", now)] == ["a", "b"]
    assert [one.id[0] for one in book.secrets_of("vpcp", now + DAY)] == ["b"]
    assert book.secrets_of("khac", now) == []


def test_a_key_of_a_request_stands_for_its_first_package_for_two_days(
    engine: sa.Engine, now: datetime
):
    first, second = UUID(int=1), UUID(int=2)
    with transaction(engine) as connection:
        assert claim_key(connection, "vpcp", "k", first, at=now) == first
        assert claim_key(connection, "vpcp", "k", second, at=now + DAY) == first
        assert claim_key(connection, "khac", "k", second, at=now + DAY) == second
        assert claim_key(connection, "vpcp", "other", second, at=now + 3 * DAY) == second
        assert claim_key(connection, "vpcp", "k", second, at=now + 3 * DAY) == second
