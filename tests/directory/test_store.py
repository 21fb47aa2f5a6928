"""The directory's records on both databases: versions, refresh, retirement, the command's plan."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from axis.directory.change import Change
from axis.directory.importing import plan_import
from axis.directory.snapshot import Directory
from axis.directory.systems import plan_add, plan_assign, plan_set
from axis.directory.values import ReceivesBy
from axis.store.directory import directory_version, load_directory, refresh_directory
from axis.store.directory_changes import change_directory, record_change
from axis.store.engine import transaction
from axis.store.tables.directory import SYSTEM

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


def load(engine: sa.Engine) -> Directory:
    with transaction(engine) as connection:
        return load_directory(connection)


def add_system(engine, at, system_id="vpubnd-h44", receives_by=ReceivesBy.POLL):
    return change_directory(
        engine,
        lambda directory: plan_add(
            directory, system_id, name="eOffice", receives_by=receives_by, connected=True
        ),
        kind="system-add",
        by="test",
        at=at,
    )


def assign(engine, at, *codes, system_id="vpubnd-h44", start=None, below=False):
    return change_directory(
        engine,
        lambda directory: plan_assign(
            directory, system_id, codes, start=start, now=at, below=below
        ),
        kind="system-assign",
        by="test",
        at=at,
    )


def test_an_empty_directory_has_version_zero(engine):
    directory = load(engine)
    assert (directory.version, len(directory)) == (0, 0)


def test_what_was_imported_is_loaded(filled, country, before):
    directory = load(filled)
    assert directory.version == 1
    assert list(directory.records()) == list(country.records())


def test_importing_again_leaves_the_version(filled, before):
    plan, version = change_directory(
        filled,
        lambda directory: plan_import(directory, COUNTRY.encode(), before, source="country.csv"),
        kind="import",
        by="test",
        at=before,
    )
    assert (plan.unchanged, version) == (5, 1)


def test_a_dry_run_changes_nothing(engine, before):
    plan, version = change_directory(
        engine,
        lambda directory: plan_import(directory, COUNTRY.encode(), before, source="country.csv"),
        kind="import",
        by="test",
        at=before,
        dry_run=True,
    )
    assert (plan.added, version, len(load(engine))) == (5, 0, 0)


def test_a_system_acts_for_the_offices_that_it_was_given(filled, before):
    add_system(filled, before)
    assign(filled, before, "H44", below=True)
    directory = load(filled)
    for code in ("H44", "H44.1"):
        office_id = directory.find(code, before).office_id
        assert directory.system_of(office_id, before).system_id == "vpubnd-h44"
        assert directory.may_act("vpubnd-h44", office_id, before)
        assert not directory.may_act("other", office_id, before)
    assert directory.system_of(directory.find("H62", before).office_id, before) is None


def test_another_system_takes_over_at_an_instant(filled, before, after):
    from axis.directory.values import micros

    add_system(filled, before)
    add_system(filled, before, "h44-new", ReceivesBy.AMQP)
    assign(filled, before, "H44")
    assign(filled, before, "H44", system_id="h44-new", start=micros(after))
    directory = load(filled)
    office_id = directory.find("H44", before).office_id
    assert directory.system_of(office_id, before).system_id == "vpubnd-h44"
    assert directory.system_of(office_id, after).system_id == "h44-new"
    with pytest.raises(Exception) as caught:
        assign(filled, before, "H44")
    assert caught.value.code == "directory.overlap"


def test_assigning_again_is_no_change(filled, before):
    add_system(filled, before)
    _, version = assign(filled, before, "H44", below=True)
    plan, again = assign(filled, before, "H44", below=True)
    assert not plan.change
    assert again == version


def test_a_suspended_system_may_not_act(filled, before):
    add_system(filled, before)
    assign(filled, before, "H44")
    from axis.directory.values import SystemState

    change_directory(
        filled,
        lambda d: plan_set(d, "vpubnd-h44", state=SystemState.SUSPENDED, connected=False),
        kind="system-set",
        by="test",
        at=before,
    )
    directory = load(filled)
    office_id = directory.find("H44", before).office_id
    assert directory.system_of(office_id, before).connected is False
    assert not directory.may_act("vpubnd-h44", office_id, before)
    with transaction(filled) as connection:  # what was recorded before is still there
        assert connection.scalar(sa.select(sa.func.count()).select_from(SYSTEM)) == 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda e, t: add_system(e, t, "bad id"), "system.bad-id"),
        (lambda e, t: add_system(e, t, receives_by=ReceivesBy.AMQP), "system.exists"),
        (lambda e, t: assign(e, t, "H44", system_id="none"), "system.unknown"),
        (lambda e, t: assign(e, t, "H99"), "office.unknown"),
    ],
)
def test_a_change_of_systems_that_cannot_be_is_refused(filled, before, call, code):
    add_system(filled, before)
    with pytest.raises(Exception) as caught:
        call(filled, before)
    assert caught.value.code == code


def test_a_refresh_brings_the_snapshot_to_the_version_of_now(filled, before):
    old = load(filled)
    with transaction(filled) as connection:
        assert refresh_directory(connection, old) is old
    add_system(filled, before)
    assign(filled, before, "H44", below=True)
    with transaction(filled) as connection:
        new = refresh_directory(connection, old)
        assert new.version == directory_version(connection) == 3
    assert list(new.records()) == list(load(filled).records())
    assert new.systems() == load(filled).systems()
    assert old.systems() == {}


def test_an_earlier_version_can_be_loaded_as_it_was_believed(filled, before):
    add_system(filled, before)
    with transaction(filled) as connection:
        assert load_directory(connection, version=1).systems() == {}
        assert len(load_directory(connection, version=0)) == 0


def test_a_plan_on_another_version_is_not_recorded(filled, before, country):
    (fact,) = country.record(country.find("H62", before).office_id).names
    with transaction(filled) as connection:
        record_change(connection, Change(retired=(fact,)), kind="x", by="test", at=before)
    with pytest.raises(LookupError), transaction(filled) as connection:
        record_change(connection, Change(retired=(fact,)), kind="x", by="test", at=before)
    assert load(filled).version == 2


def test_a_long_import_tells_how_far_it_is(engine, now):
    rows = (f"X{number:05d},Office {number},commune" for number in range(2500))
    lines = ["code,name,level", *rows]
    told: list[tuple[int, int]] = []
    plan, _ = change_directory(
        engine,
        lambda directory: plan_import(directory, "\n".join(lines).encode(), now, source="x.csv"),
        kind="import",
        by="test",
        at=now,
        progress=lambda done, total: told.append((done, total)),
    )
    total = len(plan.change.added)
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
