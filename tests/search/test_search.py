"""Documents are found by number, by words without marks, by office, day and how far they are."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.sums import Sum
from axis.search import filling
from axis.search.errors import NothingWantedError, SearchTooWideError
from axis.search.filling import Filler
from axis.search.finding import find
from axis.search.wanted import Standing, Wanted, words_of
from axis.store import searching
from axis.store.deliveries import DeliveryRecord, add_deliveries
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages, reopen_packages
from axis.store.tables.console import DOCUMENT_SEARCH
from cli import axis

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass
class Shelf:
    """Puts documents into the records and looks for them."""

    engine: sa.Engine
    count: int = 0

    def __post_init__(self) -> None:
        self.filler = Filler(self.engine)

    def put(
        self,
        subject: str | None,
        sign: str | None,
        *,
        sender: str = "o-sender",
        to: Sequence[str] = ("o-h41",),
        state: State = State.ROUTED,
        at: datetime | None = None,
        **other: Any,
    ) -> PackageRecord:
        self.count += 1
        at = at or NOW + timedelta(seconds=self.count)
        package = PackageRecord(
            id=uuid.uuid4(),
            system_id="s",
            digest=uuid.uuid4().bytes * 2,
            size_bytes=1,
            door="test",
            received_at=at,
            decided_at=at,
            accepted=True,
            kind="document",
            document_id=f"{sender},2026/11/20,{sign}",
            sign=sign,
            subject=subject,
            sender="000.00.00.G22",
            sender_office=sender,
        )
        package = replace(package, **other)
        with transaction(self.engine) as connection:
            add_packages(connection, [package])
            add_deliveries(connection, [_delivery(package, n, o, state) for n, o in enumerate(to)])
        return package

    def fill(self) -> int:
        return self.filler.round(NOW + timedelta(minutes=1))

    def find(self, text: str = "", **wanted: Any) -> list[str | None]:
        found = find(self.engine, Wanted(text=text, **wanted))
        return [one.package.sign for one in (*found.named, *found.fitting)]


def _delivery(package: PackageRecord, position: int, office: str, state: State) -> DeliveryRecord:
    return DeliveryRecord(
        id=uuid.uuid4(),
        package_id=package.id,
        position=position,
        address=office,
        office_id=office,
        system_id="s",
        lane=Lane.NORMAL,
        state=state,
        held_reason=None,
        routed_at=package.decided_at,
        last_entry=uuid.uuid4(),
    )


@pytest.fixture
def shelf(engine: sa.Engine) -> Shelf:
    return Shelf(engine)


def test_words_count_without_marks_and_in_any_order(shelf: Shelf) -> None:
    shelf.put("V/v liên thông văn bản điện tử", "1/VPCP")
    shelf.put("Báo cáo tình hình mưa lũ; hỏa tốc", "2/UBND-VX")
    shelf.put(None, "3/QĐ-BXD")
    assert shelf.fill() == 3
    assert shelf.find("dien tu LIÊN") == ["1/VPCP"]
    assert shelf.find("hoả tốc mưa") == ["2/UBND-VX"]
    assert shelf.find("ubnd vx") == ["2/UBND-VX"]
    assert shelf.find("3 QĐ") == ["3/QĐ-BXD"]
    assert shelf.find("mua nang") == []
    assert shelf.find("đ & | ! ' ( :* --") == []
    assert words_of("Đường  đường", "7816/VPCP-TTĐT") == ("duong", "7816", "vpcp", "ttdt")


def test_a_number_is_found_before_its_words_are_written(shelf: Shelf) -> None:
    first = shelf.put("một", "7816/VPCP-TTĐT")
    found = find(shelf.engine, Wanted(text=" 7816/VPCP-TTĐT "))
    assert found.only == first.id
    shelf.put("hai", "7816/VPCP-TTĐT", sender="o-other")
    found = find(shelf.engine, Wanted(text="7816/VPCP-TTĐT"))
    assert (len(found.named), found.only) == (2, None)
    shelf.fill()
    found = find(shelf.engine, Wanted(text="7816/VPCP-TTĐT"))
    assert (len(found.named), len(found.fitting)) == (2, 0)
    third = shelf.put("trả lời công văn 7816/VPCP-TTĐT", "9/BXD")
    shelf.fill()
    found = find(shelf.engine, Wanted(text="7816/VPCP-TTĐT"), also_words=True)
    assert [one.package.id for one in found.fitting] == [third.id]
    assert find(shelf.engine, Wanted(text=str(first.id))).only == first.id
    named = find(shelf.engine, Wanted(text="7816/VPCP-TTĐT", only_of="o-other")).named
    assert [one.package.subject for one in named] == ["hai"]


def test_offices_days_and_how_far_narrow_a_search(shelf: Shelf) -> None:
    day = timedelta(days=1)
    shelf.put("họp", "1/A", to=["o-1", "o-2"], state=State.HELD, at=NOW)
    shelf.put("họp", "2/A", to=["o-1"], state=State.CONFIRMED, at=NOW + day)
    shelf.put("họp", "3/A", sender="o-1", to=["o-3"], state=State.ROUTED, at=NOW + 2 * day)
    shelf.put("họp", "4/A", to=[], at=NOW + 3 * day, accepted=False)
    shelf.fill()
    assert shelf.find("hop") == ["4/A", "3/A", "2/A", "1/A"]
    assert shelf.find("hop", office_ids=("o-1",)) == ["3/A", "2/A", "1/A"]
    assert shelf.find(office_ids=("o-2", "o-3")) == ["3/A", "1/A"]
    assert shelf.find(since=NOW + day, until=NOW + 2 * day) == ["2/A"]
    assert shelf.find("hop", standing=Standing.STUCK) == ["1/A"]
    assert shelf.find("hop", standing=Standing.UNDER_WAY) == ["3/A", "1/A"]
    assert shelf.find("hop", standing=Standing.DELIVERED) == ["2/A"]
    assert shelf.find("hop", standing=Standing.REFUSED) == ["4/A"]
    assert shelf.find("hop", only_of="o-2") == ["1/A"]
    listed = find(shelf.engine, Wanted(text="hop", office_ids=("o-2",))).fitting[0]
    assert (listed.sum, listed.states) == (Sum.UNDER_WAY, {State.HELD: 2})


def test_pages_follow_each_other_without_gaps_also_where_instants_are_equal(shelf: Shelf) -> None:
    signs = [f"{number}/A" for number in range(25)]
    for sign in signs:
        shelf.put("họp giao ban", sign, at=NOW)
    shelf.fill()
    seen, after = [], None
    for _ in range(4):
        page = find(shelf.engine, Wanted(text="giao"), after=after, limit=10)
        seen += [one.package.sign for one in page.fitting]
        after = page.after
        if after is None:
            break
    assert sorted(seen, key=str) == sorted(signs)


def test_what_the_newest_do_not_fill_comes_from_farther_back_or_from_the_index(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", 5)
    monkeypatch.setattr(searching, "LOOKED_AT", 5)
    monkeypatch.setattr(searching, "FEW", -1)
    for number in range(20):
        rare = number in (2, 9, 18)
        shelf.put("họp bất thường" if rare else "họp", f"{number}/A", to=["o-1"])
    shelf.fill()
    for deepest in (0, 20, 120_000):  # the index; a little deeper for a small page; all there is
        monkeypatch.setattr(searching, "DEEPEST", deepest)
        assert shelf.find("bat thuong") == ["18/A", "9/A", "2/A"]
        first = find(shelf.engine, Wanted(text="bat thuong"), limit=1)
        rest = find(shelf.engine, Wanted(text="bat thuong"), after=first.after, limit=2)
        signs = [one.package.sign for page in (first, rest) for one in page.fitting]
        assert (signs, rest.after) == (["18/A", "9/A", "2/A"], None)
    seen, after, pages = [], None, 0
    while pages < 10:
        found = find(
            shelf.engine,
            Wanted(standing=Standing.UNDER_WAY, since=NOW - timedelta(days=1)),
            after=after,
        )
        seen += [one.package.sign for one in found.fitting]
        pages, after = pages + 1, found.after
        if after is None:
            break
        assert found.looked_back_to is not None
    assert len(seen) == 20
    assert pages == 5


def test_frequent_words_and_a_rare_state_go_back_step_by_step(
    postgresql_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("NEWEST", 5), ("DEEPEST", 5), ("FEW", 0)):
        monkeypatch.setattr(searching, name, value)
    shelf = Shelf(postgresql_engine)
    for number in range(12):
        shelf.put("họp", f"{number}/A", accepted=number != 3, state=State.CONFIRMED)
    shelf.fill()
    wanted = Wanted(text="hop", standing=Standing.REFUSED)
    pages = [find(postgresql_engine, wanted)]
    while (after := pages[-1].after) is not None:
        pages.append(find(postgresql_engine, wanted, after=after))
    assert [[one.package.sign for one in page.fitting] for page in pages] == [[], ["3/A"], []]
    assert pages[0].looked_back_to is not None


def test_the_filler_follows_changes_and_never_writes_twice(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "LOT", 3)
    for number in range(8):
        shelf.put("họp", f"{number}/A")
    shelf.put("01", None, kind="status")
    assert shelf.fill() == 8
    assert shelf.fill() == 0
    assert Filler(shelf.engine).round(NOW) == 0
    late = shelf.put("đến muộn", "late/A", at=NOW - timedelta(minutes=5))
    shelf.fill()
    assert shelf.find("den muon") == ["late/A"]
    changed = replace(late, subject="đổi tên", decided_at=NOW + timedelta(minutes=1))
    with transaction(shelf.engine) as connection:
        reopen_packages(connection, [changed])
    shelf.fill()
    assert shelf.find("den muon") == []
    assert shelf.find("doi ten") == ["late/A"]
    again = _delivery(late, 7, "o-new", State.ROUTED)
    with transaction(shelf.engine) as connection:
        add_deliveries(connection, [replace(again, redirect_of=uuid.uuid4())])
    shelf.fill()
    assert shelf.find(office_ids=("o-new",)) == ["late/A"]
    with transaction(shelf.engine) as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(DOCUMENT_SEARCH))
    assert rows == 9


def test_a_circular_to_every_office_is_found_by_each(shelf: Shelf) -> None:
    offices = [f"o-{number}" for number in range(3321)]
    shelf.put("Công điện gửi tất cả các xã", "1/CĐ", to=offices)
    shelf.fill()
    assert shelf.find("cong dien", office_ids=("o-3320",)) == ["1/CĐ"]


def test_a_search_that_takes_too_long_says_how_to_narrow_it(
    postgresql_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PATIENCE_MS", 50)
    real = searching._fitting

    def slow(*arguments: Any) -> list[sa.ColumnElement[bool]]:
        return [*real(*arguments), sa.func.pg_sleep(1).cast(sa.Text) == ""]

    Shelf(postgresql_engine).put("họp", "1/A")
    Filler(postgresql_engine).round(NOW)
    monkeypatch.setattr(searching, "_fitting", slow)
    with pytest.raises(SearchTooWideError):
        find(postgresql_engine, Wanted(text="hop"))


def test_the_command_finds_and_says_when_it_does_not(
    sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    shelf = Shelf(sqlite_engine)
    shelf.put("V/v liên thông", "7816/VPCP-TTĐT")
    shelf.fill()
    url = sqlite_engine.url.render_as_string(hide_password=False)
    env = {"AXIS_HOME": str(tmp_path), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def run(*words: str) -> Any:
        return CliRunner().invoke(axis, ["search", *words], env=env)

    row = json.loads(run("lien", "thong", "--json").stdout)
    assert (row["sign"], row["sum"]) == ("7816/VPCP-TTĐT", "under-way")
    assert run("lien", "--from", "2026-11-20", "--to", "2026-11-20", "--json").exit_code == 0
    nothing = run("khong", "co")
    assert nothing.exit_code == 1
    assert "nothing is found" in nothing.stderr
    assert isinstance(run().exception, NothingWantedError)
    assert getattr(run("a", "--office", "khong co").exception, "code", "") == "office.unknown"
