"""Argon2id with parameters that cost nothing: what is tested here is what is done with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from axis.signin import passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hash passwords in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", CHEAP)
        yield


@pytest.fixture(autouse=True)
def _cheap(cheap_passwords: None) -> None:
    """For every test here."""
