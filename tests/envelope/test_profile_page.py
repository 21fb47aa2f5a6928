"""The page of the profile names every element that the schemas know."""

from __future__ import annotations

from pathlib import Path

import pytest

from axis.envelope.vocabulary import Kind, vocabulary

CHECKOUT = Path(__file__).parent.parent.parent
PAGE = (CHECKOUT / "docs" / "edxml.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", Kind)
def test_every_element_of_the_schemas_is_in_the_profile(kind: Kind):
    types = vocabulary(kind).types.values()
    names = {member.name for found in types for member in found.members.values()}
    assert len(names) > 15
    assert sorted(name for name in names if name not in PAGE) == []


def test_every_schema_is_in_the_readme():
    readme = (CHECKOUT / "xsd" / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in (CHECKOUT / "xsd" / "edxml" / "1.0").glob("*.xsd")}
    assert sorted(name for name in files if name not in readme) == []
