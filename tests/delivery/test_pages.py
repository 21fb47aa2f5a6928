"""The page about deliveries shows the tables that the code has."""

from __future__ import annotations

from tests.delivery.pages import PAGE, renewed


def test_the_diagrams_are_drawn_from_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text, "renew with: python -m tests.delivery.pages"
