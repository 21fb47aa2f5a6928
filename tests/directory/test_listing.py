"""The directory for systems: search, changes since a version, sealed lists, groups, rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from axis.directory.acts import Act, Successor
from axis.directory.errors import DirectoryRefusedError, GroupRuleError, GroupUnknownError
from axis.directory.groups import expand, parse_rule
from axis.directory.importing import plan_import
from axis.directory.listing import entry_of, open_seal, page_of, seal
from axis.directory.rules import plan_rules
from axis.directory.search import NameIndex
from axis.directory.spelling import fold, is_same_name
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.errors import AxisError
from axis.ledger.note import NoteSigner
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.directory_groups import load_groups, set_group
from axis.store.directory_history import history_of, revoke_change
from axis.store.directory_listing import touched_offices
from axis.store.engine import transaction

from .conftest import COUNTRY


@pytest.fixture
def filled(engine: sa.Engine, before):
    change_directory(
        engine,
        lambda directory: plan_import(directory, COUNTRY.encode(), before, source="country.csv"),
        kind="import",
        by="test",
        at=before,
    )
    return engine


def reorganise(engine, at, kind, old, *new, **rest):
    act = Act(
        kind=SuccessionKind(kind),
        old=(old,),
        at=micros(at),
        legal_basis="NQ 202/2025/QH15",
        new=tuple(Successor(code=code) for code in new),
        **rest,
    )
    return change_directory(
        engine,
        lambda directory: plan_reorganisation(directory, [act], source="act"),
        kind=kind,
        by="Bà A",
        at=at,
        legal_basis=act.legal_basis,
    )[1]


def load(engine):
    with transaction(engine) as connection:
        return load_directory(connection)


# --- names ---


def test_a_name_is_found_without_diacritics(country, before, after):
    index = NameIndex(country)
    assert [office.code for office in index.search("xa hy cuong", before)] == ["H44.1"]
    assert [office.code for office in index.search("CƯƠNG hy", before)] == ["H44.1"]
    assert [office.code for office in index.search("dinh tr", before)] == ["H62.1"]
    assert [office.code for office in index.search("tinh", before)] == ["H44", "H62"]
    assert index.search("khong co", before) == []
    assert index.search("", before) == []


def test_any_code_ever_valid_finds_the_office(country, before):
    assert [office.code for office in NameIndex(country).search("26", before)] == ["H62"]


def test_spellings_of_one_name_are_one():
    assert fold("Xã Hòa Tiến") == fold("XÃ HOÀ TIẾN") == "xa hoa tien"
    assert is_same_name("Tỉnh Khánh Hoà", "Tỉnh Khánh Hòa")
    assert not is_same_name("Xã Hoa", "Xã Hòa")
    assert not is_same_name("Xã Đắc Lua", "Xã Đak Lua")


# --- changes since a version ---


def test_a_system_learns_only_what_changed(filled, reform, after):
    version = load(filled).version
    reorganise(filled, reform, "rename", "H44.1", name="Phường Hy Cương")
    reorganise(filled, reform, "close", "H62.1")
    directory = load(filled)
    with transaction(filled) as connection:
        everything = touched_offices(connection, since=0, until=directory.version)
        touched = touched_offices(connection, since=version, until=directory.version)
    assert len(everything) == 5
    page = page_of(directory, touched, at=after, limit=10)
    assert [(entry.name, entry.state, entry.version) for entry in page.entries] == [
        ("Phường Hy Cương", "active", 2),
        ("Xã Định Trung", "closed", 3),
    ]
    assert (page.version, page.next) == (3, None)


def test_pages_join_without_gap_or_overlap(filled, after):
    directory = load(filled)
    with transaction(filled) as connection:
        touched = touched_offices(connection, since=0, until=directory.version)
    seen, next_page = [], None
    for _ in range(3):
        page = page_of(directory, touched, at=after, limit=2, after=next_page)
        seen += [entry.office_id for entry in page.entries]
        next_page = page.next
    assert next_page is None
    assert len(seen) == len(set(seen)) == 5


def test_the_same_answer_has_the_same_tag(country, before):
    touched = {record.office_id: 1 for record in country.records()}
    page = page_of(country, touched, at=before, limit=10)
    assert page.etag == page_of(country, touched, at=before, limit=10).etag
    assert page.etag != page_of(country, touched, at=before, limit=2).etag


# --- sealed lists ---


@pytest.fixture
def signer():
    return NoteSigner("axis.example/directory", Ed25519PrivateKey.generate())


@pytest.fixture
def sealed(country, before, signer):
    entries = [entry_of(country, record.office_id, 1, before) for record in country.records()]
    until = before + timedelta(days=30)
    return seal(entries, signer, version=1, made_at=before, valid_until=until)


def test_a_sealed_list_is_opened_with_the_key_alone(sealed, signer, before):
    opened = open_seal(sealed, [signer.verifier], before)
    assert (opened.version, len(opened.entries)) == (1, 5)
    assert opened.entries[0].codes == ["000.00.00.G22", "G22"]


def test_a_sealed_list_is_refused_when_it_is_old_or_changed(sealed, signer, before):
    other = NoteSigner("axis.example/directory", Ed25519PrivateKey.generate())
    changed = sealed.replace("Phú Thọ".encode(), "Phú Thơ".encode())
    for data, keys, now, code in (
        (sealed, signer, before + timedelta(days=30), "directory.seal-expired"),
        (changed, signer, before, "directory.seal-broken"),
        (sealed, other, before, "ledger.note-signature"),
    ):
        with pytest.raises(AxisError) as caught:
            open_seal(data, [keys.verifier], now)
        assert caught.value.code == code


# --- history and taking back ---


def test_a_mistake_is_taken_back_and_stays_in_the_history(filled, reform, after):
    version = reorganise(filled, reform, "merge", "H62.1", "H44.1")
    office_id = load(filled).resolve("H62.1", after).written_office_id
    revoke_change(filled, version, by="Bà A", at=after, basis="ghi nhầm")
    directory = load(filled)
    assert directory.resolve("H62.1", after).code == "H62.1"
    with transaction(filled) as connection:
        lines = history_of(connection, office_id)
    (succession,) = [line for line in lines if hasattr(line.fact, "successor_id")]
    assert succession.told.recorded_by == "Bà A"
    assert succession.told.legal_basis == "NQ 202/2025/QH15"
    assert succession.corrected.kind == "revoke"
    assert load_directory_at(filled, version).resolve("H62.1", after).code == "H44.1"


def load_directory_at(engine, version):
    with transaction(engine) as connection:
        return load_directory(connection, version=version)


def test_a_change_that_a_later_one_rests_on_is_not_taken_back(filled, reform, after):
    first = reorganise(filled, reform, "recode", "H44.1", "H44.2")
    reorganise(filled, after, "close", "H44.2")
    with pytest.raises(AxisError) as caught:
        revoke_change(filled, first, by="test", at=after, basis="")
    assert caught.value.code == "directory.built-upon"
    with pytest.raises(AxisError) as caught:
        revoke_change(filled, 1, by="test", at=after, basis="")
    assert caught.value.code == "directory.built-upon"
    with pytest.raises(AxisError) as caught:
        revoke_change(filled, 99, by="test", at=after, basis="")
    assert caught.value.code == "directory.change-unknown"


def test_an_import_that_was_taken_back_can_be_made_again(filled, before, after):
    revoke_change(filled, 1, by="test", at=after, basis="nhầm tệp")
    assert len(load(filled)) == 0
    with transaction(filled) as connection:
        assert touched_offices(connection, since=0, until=2) == {}
        touched = touched_offices(connection, since=1, until=2)
    page = page_of(load(filled), touched, at=after, limit=10)
    assert {entry.state for entry in page.entries} == {"withdrawn"}
    change_directory(
        filled,
        lambda directory: plan_import(directory, COUNTRY.encode(), before, source="country.csv"),
        kind="import",
        by="test",
        at=before,
    )
    assert load(filled).resolve("H44", after).code == "H44"
    assert load_directory_at(filled, 1).resolve("H44", after).code == "H44"


# --- rules for divided offices ---


def test_a_rule_set_later_releases_what_was_held(filled, reform, after):
    reorganise(filled, reform, "split", "H62.1", "H44", "H44.1", hold="Ông C")
    assert load(filled).resolve("H62.1", after).assigned_to == "Ông C"
    change_directory(
        filled,
        lambda directory: plan_rules(directory, "H62.1", start=micros(after), default="H44.1"),
        kind="rule",
        by="test",
        at=after,
    )
    directory = load(filled)
    assert directory.resolve("H62.1", reform).assigned_to == "Ông C"
    served = directory.resolve("H62.1", after)
    assert (served.code, served.via[0].rule) == ("H44.1", "default")


@pytest.mark.parametrize(
    ("code", "rules", "problem"),
    [
        ("H99", {"default": "H44"}, "office.unknown"),
        ("H62.1", {}, "directory.nothing-to-change"),
        ("H62.1", {"default": "G22"}, "directory.successor-missing"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(country, reform, code, rules, problem):
    with pytest.raises(DirectoryRefusedError) as caught:
        plan_rules(country, code, start=micros(reform), **rules)
    assert [found.code for found in caught.value.problems] == [problem]


# --- groups ---


def members_of(engine, group_id, at):
    with transaction(engine) as connection:
        offices = expand(load_directory(connection), load_groups(connection), group_id, at)
    return [office.code for office in offices]


def make(engine, group_id, at, **wanted):
    wanted = {"name": "", "rule": "", "members": (), "left_out": ()} | wanted
    return set_group(engine, group_id, start=at, by="test", at=at, **wanted)


def test_a_group_by_rule_follows_the_country(filled, before, reform, after):
    make(filled, "xa", before, rule="level=commune below=H44")
    assert members_of(filled, "xa", before) == ["H44.1"]
    reorganise(filled, reform, "merge", "H62", "H44")
    assert members_of(filled, "xa", after) == ["H44.1", "H62.1"]
    assert members_of(filled, "xa", before) == ["H44.1"]


def test_a_group_has_members_and_exceptions_by_hand(filled, before):
    make(filled, "g", before, rule="level=provincial", members=("G22",), left_out=("H62",))
    assert members_of(filled, "g", before) == ["H44", "G22"]


def test_a_group_that_changed_is_still_known_as_it_was(filled, before, after):
    make(filled, "g", before, members=("G22", "H44"))
    make(filled, "g", after, members=("H62",))
    assert members_of(filled, "g", before) == ["G22", "H44"]
    assert members_of(filled, "g", after) == ["H62"]


def test_a_group_without_meaning_is_refused(filled, before):
    for rule in ("colour=red", "level=planet", "level", "level=commune level=district"):
        with pytest.raises(GroupRuleError) as caught:
            parse_rule(rule)
        assert caught.value.code == "group.bad-rule"
    with pytest.raises(AxisError) as caught:
        make(filled, "g", before, members=("H99",))
    assert caught.value.code == "office.unknown"
    with pytest.raises(GroupUnknownError) as unknown:
        members_of(filled, "nobody", before)
    assert unknown.value.code == "group.unknown"
