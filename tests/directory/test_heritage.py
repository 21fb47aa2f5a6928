"""Who goes on with the affairs of an office that ended."""

from __future__ import annotations

from axis.directory.heritage import heir_of
from directory.test_succession import act, reorganise


def heirs(directory, code, at):
    return heir_of(directory, directory.find(code, at).office_id, at)


def test_whoever_an_office_was_merged_into_is_its_heir_from_then_on(country, reform, before, after):
    old = country.find("H62", before).office_id
    directory = reorganise(country, act("merge", "H62", reform, "H44"))
    assert heirs(directory, "H44", before) == frozenset()
    assert heirs(directory, "H44", after) == {old}


def test_of_a_divided_office_the_heir_is_whom_the_default_names(country, reform, before, after):
    old = country.find("H62.1", before).office_id
    directory = reorganise(country, act("split", "H62.1", reform, "H44", "H44.1", default="H44.1"))
    assert heirs(directory, "H44", after) == frozenset()
    assert heirs(directory, "H44.1", after) == {old}


def test_where_a_person_decides_about_each_letter_nobody_is_the_heir(country, reform, after):
    directory = reorganise(country, act("split", "H62.1", reform, "H44", "H44.1", hold="Bà C"))
    assert heirs(directory, "H44", after) == heirs(directory, "H44.1", after) == frozenset()


def test_an_heir_inherits_what_its_predecessor_had_inherited(country, reform, before, after):
    first, second = (country.find(code, before).office_id for code in ("H62.1", "H62"))
    directory = reorganise(
        country, act("merge", "H62.1", reform, "H62"), act("merge", "H62", reform, "H44")
    )
    assert heirs(directory, "H44", after) == {first, second}
