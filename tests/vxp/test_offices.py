"""The lists of offices as clients fetch them, and what systems may not do to them."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from axis.directory.importing import plan_import
from axis.store.directory_changes import change_directory
from tests.relay.papers import G22, H14, H41
from tests.rest.gateway import Gateway
from tests.vxp.client import JavaClient

MORE = """\
code,name,level,parent_code,email
H49,UBND tỉnh Quảng Ninh,provincial,,vanthu@quangninh.example
H49.12,Sở Nội vụ,provincial,H49,
H49.12.34,Chi cục,provincial,H49.12,
000.00.00.W00,Trục,central,,
"""


async def test_every_office_is_listed_with_its_parent_and_without_the_axiss_own_codes(
    gateway: Gateway, client: JavaClient
):
    await grow(gateway)
    rows = (await client.ask("getAgenciesList"))["data"]
    by_code = {row["code"]: row for row in rows}
    assert {G22, H41, H14, "H49", "H49.12.34"} <= by_code.keys()
    assert not [code for code in by_code if "W00" in code]
    assert by_code["H49.12"]["pid"] == by_code["H49"]["id"]
    assert by_code["H49"]["mail"] == "vanthu@quangninh.example"
    assert {frozenset(row) for row in rows} == {
        frozenset({"id", "pid", "code", "name", "mail", "oldCode"})
    }


async def test_the_codes_of_qd20_are_listed_by_level(gateway: Gateway, client: JavaClient):
    await grow(gateway)
    codes = {}
    for level in ("1", "2", "3"):
        rows = (await client.ask("getAgenciesListQD20", level=level))["data"]
        codes[level] = {row["code"] for row in rows}
    assert (codes["1"], codes["2"], codes["3"]) == ({"H49"}, {"H49.12"}, {"H49.12.34"})
    del client.sticky["level"]
    whole = (await client.ask("getAgenciesListQD20"))["data"]
    assert {row["code"] for row in whole} == codes["1"] | codes["2"] | codes["3"]


async def test_units_say_what_changed_since_a_version(gateway: Gateway, client: JavaClient):
    rows = (await client.ask("getSynchronizeUnit"))["data"]
    known = max(row["version"] for row in rows)
    assert all(type(row["deleted"]) is bool and type(row["isAgency"]) is bool for row in rows)
    assert {row["centerCode"] for row in rows if row["isAgency"]} == {"test.system.01"}
    await grow(gateway)
    fresh = (await client.ask("getSynchronizeUnit", fromVersion=str(known)))["data"]
    assert {row["code"] for row in fresh} == {"H49", "H49.12", "H49.12.34"}


async def test_the_list_is_ascii_json_that_is_written_while_it_is_read(
    gateway: Gateway, client: JavaClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("adapters.vxp.offices.CHUNK", 2)
    await grow(gateway)
    answer = await client.call("getAgenciesList")
    assert answer.content.isascii()
    assert answer.headers["transfer-encoding"] == "chunked"
    names = {row["name"] for row in json.loads(answer.content)["data"]}
    assert "UBND tỉnh Quảng Ninh" in names


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": H41, "name": "UBND tỉnh Nghệ An", "mail": "a@b.example"}, None),
        ({"code": H41, "name": "Tên khác", "mail": "a@b.example"}, "vxp.directory-closed"),
        ({"code": "000.00.00.H99", "name": "Mới", "mail": "a@b.example"}, "vxp.directory-closed"),
        ({"code": H41, "name": "UBND tỉnh Nghệ An", "mail": "no address"}, "vxp.parameter"),
        ({"code": H41, "mail": "a@b.example"}, "vxp.parameter"),
        ([], "vxp.parameter"),
        ("{", "vxp.parameter"),
    ],
)
async def test_registering_changes_nothing_and_says_why(
    gateway: Gateway, client: JavaClient, body: object, code: str | None
):
    before = gateway.axis.count("office")
    text = body if isinstance(body, str) else json.dumps(body)
    said = (await client.call("registerAgency", text.encode())).json()
    assert said["status"] == ("OK" if code is None else "FAIL")
    assert code is None or f"[{code}]" in said["ErrorDesc"]
    assert gateway.axis.count("office") == before


async def test_deleting_is_refused_and_the_operator_is_told(
    gateway: Gateway, client: JavaClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    for code in (H41, "000.00.00.X01"):
        said = await client.ask("deleteAgency", AgencyCode=code)
        assert (said["ErrorCode"], "[vxp.directory-closed]" in said["ErrorDesc"]) == ("21", True)
    told = [one for one in caplog.records if one.message.startswith("a system asks")]
    assert [one.office for one in told] == [H41, "000.00.00.X01"]


async def grow(gateway: Gateway) -> None:
    """Record more offices, as an operator does, and wait until the gateway knows them."""
    now = datetime.now(UTC) - timedelta(seconds=2)
    _, version = change_directory(
        gateway.axis.engine,
        lambda directory: plan_import(directory, MORE.encode(), now, source="test"),
        kind="import",
        by="test",
        at=now,
    )
    async with asyncio.timeout(120):
        while gateway.installation.offices.current().directory.version < version:
            await asyncio.sleep(0.05)
