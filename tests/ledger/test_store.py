"""The records of the ledger, on both databases: idempotent, gapless, growing only."""

from __future__ import annotations

import random
import threading

import pytest
import sqlalchemy as sa

from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.events import Event
from axis.ledger.opening import open_entry
from axis.store import ledger
from axis.store.engine import transaction
from axis.store.tables.ledger import LEDGER_ENTRY, LEDGER_INBOX
from ledger.material import START, entry, package, sealed


def sequence_all(engine: sa.Engine, *, log: int = 2026, limit: int = 100) -> int:
    with transaction(engine) as connection:
        epoch = ledger.take_over(connection, "test", START)
    placed = 0
    while True:
        with transaction(engine) as connection:
            moved = ledger.sequence(connection, log=log, epoch=epoch, limit=limit)
        placed += moved.placed
        if not moved.taken:
            return placed


def log_of(engine: sa.Engine, log: int = 2026) -> list[bytes]:
    with transaction(engine) as connection:
        entries = list(ledger.entries_between(connection, log, 0, 10**6, chunk=10**6))
    assert [e.leaf_index for e in entries] == list(range(len(entries)))
    return [e.leaf for e in entries]


def test_entries_get_places_from_0_in_the_order_of_appending(
    engine: sa.Engine, sealer: Sealer
) -> None:
    entries = sealed(sealer, 250)
    with transaction(engine) as connection:
        ledger.append(connection, entries[:100])
    with transaction(engine) as connection:
        ledger.append(connection, entries[100:])
    assert sequence_all(engine) == 250
    assert log_of(engine) == [e.leaf for e in entries]


def test_an_entry_appended_again_is_no_news_before_and_after_it_has_its_place(
    engine: sa.Engine, sealer: Sealer
) -> None:
    entries = sealed(sealer, 30)
    for _ in range(2):
        with transaction(engine) as connection:
            ledger.append(connection, entries[:20])
    assert sequence_all(engine) == 20
    with transaction(engine) as connection:
        ledger.append(connection, entries)
    assert sequence_all(engine, limit=7) == 10
    assert log_of(engine) == [e.leaf for e in entries]
    with transaction(engine) as connection:
        assert ledger.waiting(connection) == 0


def test_an_entry_appended_twice_in_one_call_is_there_once(
    engine: sa.Engine, sealer: Sealer
) -> None:
    entries = sealed(sealer, 3)
    with transaction(engine) as connection:
        ledger.append(connection, [*entries, *entries])
    assert sequence_all(engine) == 3


def test_to_append_nothing_is_nothing(engine: sa.Engine) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, [])
        assert ledger.waiting(connection) == 0
    assert sequence_all(engine) == 0


def test_a_transaction_that_is_given_up_leaves_no_entry_and_no_gap(
    engine: sa.Engine, sealer: Sealer
) -> None:
    entries = sealed(sealer, 3)
    with engine.connect() as connection:
        ledger.append(connection, entries[:2])
        connection.rollback()
    with transaction(engine) as connection:
        ledger.append(connection, entries[2:])
    sequence_all(engine)
    assert log_of(engine) == [entries[2].leaf]


def test_each_log_counts_from_0(engine: sa.Engine, sealer: Sealer) -> None:
    entries = sealed(sealer, 5)
    for log, part in ((2026, entries[:2]), (2027, entries[2:])):
        with transaction(engine) as connection:
            ledger.append(connection, part)
        sequence_all(engine, log=log)
    assert log_of(engine, 2026) == [e.leaf for e in entries[:2]]
    assert log_of(engine, 2027) == [e.leaf for e in entries[2:]]
    with transaction(engine) as connection:
        assert ledger.latest_log(connection) == 2027
        assert ledger.head_size(connection, 2026) == 2
        assert ledger.head_size(connection, 2028) is None


def test_entries_of_a_package_are_found_with_a_place_and_still_waiting(
    engine: sa.Engine, sealer: Sealer
) -> None:
    steps = [Event.SUBMISSION_ACCEPTANCE, Event.CONTENT_CONSIGNMENT, Event.CONTENT_HANDOVER]
    first, second, third = (sealer.seal(entry(1, event)) for event in steps)
    with transaction(engine) as connection:
        ledger.append(connection, [*sealed(sealer, 5, start=2), first, second])
    sequence_all(engine)
    with transaction(engine) as connection:
        ledger.append(connection, [third, first])
    with transaction(engine) as connection:
        found = ledger.entries_of(connection, [package(1)])
    assert [(e.leaf_index, e.leaf) for e in found] == [
        (5, first.leaf),
        (6, second.leaf),
        (None, third.leaf),
    ]
    assert open_entry(found[2].leaf, found[2].salt, found[2].opening)["doc"] == "1/VPCP-TTĐT"
    with transaction(engine) as connection:
        assert ledger.entry_at(connection, 2026, 5) == ledger.entry_by_id(
            connection, first.entry_id
        )
        assert ledger.entry_at(connection, 2026, 7) is None
        assert ledger.entry_by_id(connection, package(77)) is None


def test_a_notary_that_was_succeeded_gives_no_place(engine: sa.Engine, sealer: Sealer) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, sealed(sealer, 3))
        old = ledger.take_over(connection, "old", START)
    with transaction(engine) as connection:
        new = ledger.take_over(connection, "new", START)
    with pytest.raises(AxisError) as refused, transaction(engine) as connection:
        ledger.sequence(connection, log=2026, epoch=old, limit=10)
    assert refused.value.code == "notary.fenced"
    with transaction(engine) as connection:
        assert ledger.sequence(connection, log=2026, epoch=new, limit=10).placed == 3


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set leaf = leaf where leaf_index = 1",
        "update ledger_entry set package_id = entry_id",
        "delete from ledger_entry where leaf_index = 2",
        "delete from ledger_entry",
        "truncate ledger_entry",
        "insert or replace into ledger_entry select * from ledger_entry where leaf_index = 1",
        "update ledger_checkpoint set note = 'x'",
        "delete from ledger_checkpoint",
    ],
)
def test_the_database_refuses_to_change_or_remove_what_has_its_place(
    engine: sa.Engine, sealer: Sealer, statement: str
) -> None:
    postgresql = engine.dialect.name == "postgresql"
    if ("truncate" in statement and not postgresql) or ("replace" in statement and postgresql):
        pytest.skip("not a statement of this database")
    with transaction(engine) as connection:
        ledger.append(connection, sealed(sealer, 3))
        connection.execute(
            sa.text(
                "insert into ledger_checkpoint (log, size, root, note, signed_at)"
                " values (2026, 1, :root, 'note', :at)"
            ).bindparams(root=b"r" * 32, at=START if postgresql else 0)
        )
    sequence_all(engine)
    before = log_of(engine)
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert log_of(engine) == before


def test_many_workers_and_a_notary_at_once_lose_and_repeat_nothing(
    engine: sa.Engine, sealer: Sealer
) -> None:
    entries = sealed(sealer, 600)
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        chosen = random.Random(seed)
        parts = [entries[low : low + 20] for low in range(0, 600, 20)]
        chosen.shuffle(parts)
        try:
            for part in parts:  # every worker appends everything: all but one is a repetition
                with transaction(engine) as connection:
                    ledger.append(connection, part)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for worker in workers:
        worker.start()
    placed = 0
    while any(worker.is_alive() for worker in workers):
        placed += sequence_all(engine, limit=50)
    for worker in workers:
        worker.join()
    placed += sequence_all(engine)
    assert not failures
    assert placed == 600
    assert sorted(log_of(engine)) == sorted(e.leaf for e in entries)


def test_the_columns_of_both_tables_are_the_same_but_for_the_place() -> None:
    inbox = {c.name: str(c.type) for c in LEDGER_INBOX.columns if c.name != "position"}
    log = {c.name: str(c.type) for c in LEDGER_ENTRY.columns if c.name not in ("log", "leaf_index")}
    assert inbox == log
