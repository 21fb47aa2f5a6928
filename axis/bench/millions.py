"""Fills the tables with millions of documents, by statements of the server itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from axis.bench.directory import fill_directory
from axis.store.engine import transaction

#: Words of subjects by how often they are used: the first in nearly every one.
WORDS: Final = (
    "ve",
    "viec",
    "bao",
    "cao",
    "cong",
    "tac",
    "thang",
    "trien",
    "khai",
    "thuc",
    "hien",
    "quyet",
    "dinh",
    "ke",
    "hoach",
    "huong",
    "dan",
    "de",
    "nghi",
    "tham",
    "gia",
    "y",
    "kien",
    "du",
    "thao",
    "hop",
    "giao",
    "ban",
    "quy",
    "phong",
    "chong",
    "thien",
    "tai",
    "lut",
    "so",
    "te",
    "duc",
    "moi",
    "truong",
    "dat",
    "dai",
    "xay",
    "dung",
    "thong",
    "ngan",
    "sach",
    "dau",
    "tu",
    "doanh",
    "nghiep",
    "lien",
    "van",
    "dien",
    "chuyen",
    "doi",
    "cai",
    "cach",
    "hanh",
    "chinh",
    "tiep",
    "khieu",
    "nai",
    "to",
    "kiem",
    "tra",
    "thanh",
    "giam",
    "sat",
    "bau",
    "cu",
    "quoc",
    "an",
    "ninh",
    "bien",
    "gioi",
    "hai",
    "dao",
    "nong",
    "thon",
)
#: Offices that send and are sent documents; the first get most.
BUSY: Final = 3400
_PER_DAY: Final = 40_000


#: As the generated directory names the office of a number: its id, its code and its system.
_OFFICE: Final = "lpad(to_hex({number}), 20, '0')"
_CODE: Final = (
    "'H' || lpad(({number} % 34 + 1)::text, 2, '0')"
    " || case when {number} < 34 then '' else '.' || {number} end"
)
_SYSTEM: Final = "'s' || lpad(({number} % 34)::text, 2, '0')"
#: Ids in the order of their rows: pages of an index fill one after the other, as with dates.
_ID: Final = "cast(lpad(to_hex({n}), 8, '0') || '-0000-8000-8000-000000000000' as uuid)"
#: Frequent words more often than rare ones, and a long tail of words that few documents have.
_PACKAGES: Final = """
insert into package (id, system_id, digest, size_bytes, door, received_at, decided_at, accepted,
  kind, document_id, sign, subject, sender, sender_office, business_type, priority, purged)
select {id}, {system}, sha256(int8send(n)), 30000, 'rest',
  cast(:now as timestamptz) - n * cast(:spread as interval),
  cast(:now as timestamptz) - n * cast(:spread as interval), n % 97 <> 0,
  'document', {code} || ',2026/11/20,' || n || '/UBND-VX',
  n % 99999 || '/UBND-V' || (n / 99999) % 20,
  'V/v ' || (
    select string_agg(
      words.known[1 + floor(power(random(), 2.5) * array_length(known, 1))::int + 0 * w], ' '
    ) from generate_series(1, 10) as w where n > 0
  ) || ' tu' || floor(random() * :rare)::int,
  {code}, {office}, 0, case when n % 20 = 0 then 1 else 0 end, false
from generate_series(cast(:first as int) + 1, cast(:last as int)) as n,
  (select cast(:words as text[]) as known) as words
"""
_DELIVERIES: Final = """
insert into delivery (id, package_id, position, address, office_id, system_id, lane, state,
  routed_at, confirmed_at, last_entry, tries)
select overlay(package.id::text placing lpad(to_hex(position + 1), 4, '0') from 20)::uuid,
  package.id, position, {code}, {office}, {system},
  case when priority > 0 then 'express' else 'normal' end,
  case when recent < 0.002 then 'routed' else 'confirmed' end,
  decided_at, case when recent < 0.002 then null else decided_at + recent * interval '2 hours' end,
  package.id, 0
from (
  select id, priority, decided_at, random() as recent,
    floor(power(random(), 2) * :offices)::int as base, 2 + abs(hashtext(id::text)) % 3 as last
  from package where accepted and id > {first} and id <= {last}
) as package, lateral (
  select position, (base + 37 * position) % :offices as office
  from generate_series(0, last) as position
) as addressed
"""
_SEARCH: Final = """
insert into document_search (package_id, at, words, offices)
select package.id, decided_at,
  array_to_tsvector(array_remove(string_to_array(
    lower(replace(subject, '/', ' ') || ' ' || translate(sign, '/-', '  ')), ' '), '')),
  array(select sender_office union select office_id from delivery where package_id = package.id)
from package where id > {first} and id <= {last}
"""


def generate(
    engine: sa.Engine, *, docs: int, offices: int, say: Callable[..., None]
) -> dict[str, float]:
    """Fill the tables by statements of the server itself; subjects repeat as in real life."""
    busy = min(BUSY, offices)
    now = datetime.now(UTC).replace(microsecond=0)
    started = time.perf_counter()
    say("{offices} offices …", offices=offices)
    fill_directory(engine, offices)
    given = {
        "docs": docs,
        "offices": busy,
        "words": list(WORDS),
        "rare": docs // 50 + 100,
        "now": now,
        "spread": f"{max(1, docs // _PER_DAY) * 86400 / docs} seconds",
    }
    halves = [(0, docs // 2), (docs // 2, docs)]
    with transaction(engine) as connection:
        dropped = _drop_indexes(connection)
    with _room_for_much(engine), ThreadPoolExecutor(len(halves)) as threads:

        def do(statements: Sequence[sa.TextClause], given: Mapping[str, Any]) -> None:
            with transaction(engine) as connection:
                connection.execute(sa.text("set local maintenance_work_mem = '512MB'"))
                for statement in statements:
                    connection.execute(statement, given)

        def do_halves(statement: sa.TextClause) -> None:
            orders = [given | {"first": first, "last": last} for first, last in halves]
            list(threads.map(lambda order: do([statement], order), orders))

        say("{docs} documents …", docs=docs)
        do_halves(_of_offices(_PACKAGES, "(n % :offices)"))
        say("deliveries …")
        do_halves(_of_offices(_DELIVERIES, "office"))
        say("words …")
        do([sa.text("analyze package"), sa.text("analyze delivery")], {})
        do_halves(_of_offices(_SEARCH, "0"))
        say("indexes …")
        list(threads.map(lambda one: do([sa.text(one)], {}), dropped))
    generated_s = time.perf_counter() - started
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze"))
        sizes = {
            f"{name}_mib": connection.scalar(
                sa.text(f"select pg_total_relation_size('{name}') / 1048576")
            )
            for name in ("package", "delivery", "document_search")
        }
        deliveries = connection.scalar(sa.text("select count(*) from delivery"))
    return {"generated_s": round(generated_s, 1), "deliveries": deliveries, **sizes}


@contextmanager
def _room_for_much(engine: sa.Engine) -> Iterator[None]:
    """Let the server write much at once, where it is ours to say so: checkpoints come rarely."""
    words = (
        "alter system set max_wal_size = '16GB'",
        "alter system set checkpoint_timeout = '1h'",
        "select pg_reload_conf()",
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        allowed = connection.scalar(sa.text("select usesuper from pg_user where usename = user"))
        for word in words if allowed else ():
            connection.execute(sa.text(word))
        yield
        for word in words if allowed else ():
            connection.execute(sa.text(word.partition(" = ")[0].replace(" set ", " reset ")))


def _of_offices(statement: str, number: str) -> sa.TextClause:
    """Return a statement in which the offices of these numbers stand."""
    return sa.text(
        statement.format(
            office=_OFFICE.format(number=number),
            code=_CODE.format(number=number),
            system=_SYSTEM.format(number=number),
            id=_ID.format(n="n"),
            first=_ID.format(n="cast(:first as int)"),
            last=_ID.format(n="cast(:last as int)"),
        )
    )


def _drop_indexes(connection: sa.Connection) -> list[str]:
    """Drop what is quicker to build at the end; return the statements that build it."""
    rows = connection.execute(
        sa.text(
            "select indexname, indexdef from pg_indexes where schemaname = current_schema()"
            " and tablename in ('package', 'delivery', 'document_search')"
            " and indexname like 'ix_%'"
        )
    ).all()
    for row in rows:
        connection.execute(sa.text(f'drop index "{row.indexname}"'))
    return [row.indexdef for row in rows]
