"""Measures the closing of a month: ``python -m tests.reports.measure [DELIVERIES]``.

Fills a private PostgreSQL with two months of generated rows, 6,000 offices, each document with 3.6
addressees and every tenth with a DueDate; then closes one month and one week.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from axis.delivery.workdays import Workdays
from axis.reports.closing import close, take
from axis.reports.forms import Form, write
from axis.reports.periods import Kind, parse_period
from axis.reports.scope import By, Scope
from axis.reports.sheets import sheet_of
from axis.reports.tally import Tally
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.store.engine import open_engine
from axis.store.migrate import upgrade

EXPRESS = timedelta(hours=1)
PACKAGES = """
insert into package (id, system_id, digest, size_bytes, door, received_at, decided_at, accepted,
  kind, document_id, sign, sender, sender_office, business_type, priority, due_on, weak)
select gen_random_uuid(), 's' || i % 60, sha256((:month || i)::bytea), 1000, 'rest', at, at, true,
  'document', 'G' || i % 6000 || to_char(at - i % 3 * interval '1 day', ',YYYY/MM/DD,') || i,
  i::text, 'G', 'o' || i % 6000, case when i % 50 = 0 then 2 else 0 end,
  case when i % 10 = 0 then 1 else 0 end, case when i % 10 = 0 then at::date + 5 end,
  case when i % 20 = 0 then 'legacy-sha1' end
from generate_series(0, :documents - 1) i,
  lateral (select (:month || '-01 00:00+07')::timestamptz
    + i * interval '1 month' / :documents as at) moment
"""
DELIVERIES = """
insert into delivery (id, package_id, position, address, office_id, system_id, lane, state,
  routed_at, confirmed_at, status_code, last_entry)
select gen_random_uuid(), p.id, n, 'o' || n, 'o' || abs(hashtext(p.id::text || n)::bigint) % 6000,
  't', case when p.priority > 0 then 'express' else 'normal' end, 'confirmed', p.decided_at,
  p.decided_at + random() ^ 4 * interval '3 days', '06', gen_random_uuid()
from package p, generate_series(0, 2 + (abs(hashtext(p.id::text)::bigint) % 5 < 3)::int) n
"""
STATUSES = """
insert into package (id, system_id, digest, size_bytes, door, received_at, decided_at, accepted,
  kind, document_id, sender, sender_office, status_code, about_package_id, about_delivery_id)
select gen_random_uuid(), 't', sha256(d.id::text::bytea), 10, 'rest', at, at, true, 'status',
  p.document_id, 'x', d.office_id, '06', p.id, d.id
from delivery d join package p on p.id = d.package_id,
  lateral (select d.confirmed_at + interval '3 days' as at) moment
where p.due_on is not null
"""


def main(deliveries: int) -> None:
    """Print how long each part takes."""
    with TemporaryDirectory() as folder, PrivatePostgreSQL(Path(folder) / "pg") as server:
        engine = open_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
        upgrade(engine)
        with engine.begin() as connection:
            for month in ("2026-09", "2026-10"):
                values = {"month": month, "documents": round(deliveries / 3.6)}
                connection.execute(sa.text(PACKAGES), values)
            connection.execute(sa.text(DELIVERIES))
            connection.execute(sa.text(STATUSES))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("vacuum analyze"))
        now = datetime.now(UTC)
        for kind, key in ((Kind.WEEKLY, "2026-W42"), (Kind.MONTHLY, "2026-10")):
            period = parse_period(kind, key)
            begin, cpu = time.perf_counter(), time.process_time()
            report = close(engine, period, now=now, express=EXPRESS, days=Workdays())
            took, own = time.perf_counter() - begin, time.process_time() - cpu
            total = Tally.sum(line.tally for line in report.lines)
            print(f"{key}: {total.came} deliveries, {total.documents} documents,", end=" ")
            print(f"{total.asked} with DueDate: {took:.1f} s, of it Python {own:.1f} s", flush=True)
        begin = time.perf_counter()
        report = take(engine, period, now=now, express=EXPRESS)
        print(f"read again: {time.perf_counter() - begin:.2f} s")
        for by in (By.OFFICE, By.LEVEL):
            sheet = sheet_of(report, period, scope=Scope(), by=by, lang="vi")
            for form in Form:
                if form is Form.PDF and len(sheet.rows) > 1000:
                    continue
                begin = time.perf_counter()
                size = len(write(sheet, form))
                took = time.perf_counter() - begin
                print(f"{form.value} by {by.value}, {len(sheet.rows)} rows: {took:.1f} s, {size} B")
        engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
