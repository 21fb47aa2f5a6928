"""A small country: a central office, two provinces with a commune each, days around 1 July 2025."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from axis.directory.change import Facts
from axis.directory.importing import plan_import
from axis.directory.snapshot import Directory

COUNTRY = """\
code,name,level,parent_code,valid_from,other_codes
G22,Văn phòng Chính phủ,central,,,qcvn102:000.00.00.G22
H44,Tỉnh Phú Thọ,provincial,,,qcvn102:000.00.00.H44 statistics:25
H62,Tỉnh Vĩnh Phúc,provincial,,,qcvn102:000.00.00.H62 statistics:26
H44.1,Xã Hy Cương,commune,H44,,
H62.1,Xã Định Trung,commune,H62,,
"""


@pytest.fixture
def before() -> datetime:
    return datetime(2025, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def reform() -> datetime:
    return datetime(2025, 6, 30, 17, tzinfo=UTC)  # midnight of 1 July in Vietnam


@pytest.fixture
def after() -> datetime:
    return datetime(2025, 7, 2, 5, tzinfo=UTC)


@pytest.fixture
def country(before: datetime) -> Directory:
    empty = Directory.build(0, Facts())
    plan = plan_import(empty, COUNTRY.encode(), before, source="country.csv")
    return empty.advance(plan.change, 1)
