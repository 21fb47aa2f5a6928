"""Message types and statistics for systems: what is carried, who takes what, counts by the hour."""

from __future__ import annotations

import csv

from axis.access.values import ALL_SCOPES, Scope
from axis.store.engine import transaction
from axis.store.people import acts
from tests.message_types.writing import activate, dossier, framed
from tests.relay.papers import G22, H41
from tests.rest.gateway import EDXML, Gateway, issue_token


async def test_systems_ask_what_is_carried_who_takes_it_and_how_much(gateway: Gateway) -> None:
    axis = gateway.axis
    activate(axis, "dossier", systems=("vpcp",))
    plain = issue_token(axis, "nghean", scopes=ALL_SCOPES)
    system = gateway.of(None, headers={"authorization": f"Bearer {plain}"})
    centre = gateway.of("vpcp")
    listed = await system.get("/v1/types")
    assert [(one["type"], one["declared"]) for one in listed.json()["items"]] == [
        ("document", False),
        ("status", False),
        ("dossier", True),
    ]
    schema = await system.get("/v1/types/dossier/1/schema")
    assert b'targetNamespace="urn:axis:type:dossier:1"' in schema.content
    missing = await system.get("/v1/types/dossier/2/schema")
    assert missing.json()["code"] == "type.unknown"
    for code, expected in ((G22, ["dossier/1"]), (H41, [])):
        office = await system.get(f"/v1/offices/{code}")
        assert office.json()["accepts"] == ["document/1.0", "status/1.0", *expected]

    sent = axis.sign(H41, framed(dossier("A", 1), "dossier/1"))
    answer = await system.post(
        "/v1/packages",
        content=sent,
        headers=EDXML | {"prefer": "wait=60"},
    )
    assert answer.json()["state"] == "accepted", answer.text
    denied = await system.get("/v1/statistics")
    assert (denied.status_code, denied.json()["code"]) == (403, "access.scope")
    whole = (await centre.get("/v1/statistics")).json()
    rows = {(row["office"], row["type"]): row for row in whole["items"]}
    assert (rows[H41, "dossier"]["sent"], rows[H41, "dossier"]["level"]) == (1, "provincial")
    assert (rows[G22, "dossier"]["came"], rows[G22, "dossier"]["waiting"]) == (1, 1)
    lines = await centre.get("/v1/statistics?by=level&type=dossier", headers={"accept": "text/csv"})
    table = list(csv.DictReader(lines.text.splitlines()))
    assert [(row["level"], row["sent"], row["came"]) for row in table] == [
        ("central", "0", "1"),
        ("provincial", "1", "0"),
    ]
    month = await centre.get("/v1/statistics?by=level&since=2020-01-01&until=2020-01-31")
    assert month.json()["items"] == []
    for query, code in (
        ("by=colour", "http.parameter"),
        ("since=never", "http.parameter"),
        ("since=2020-01-01&until=2020-01-04", "statistics.period"),
        ("since=2020-01-01&until=2020-02-05&by=level", "statistics.period"),
        (f"since=2020-01-02&until=2020-01-01&office={H41}", "statistics.period"),
    ):
        wrong = await centre.get(f"/v1/statistics?{query}")
        assert wrong.json()["code"] == code, query
    unknown = await centre.get("/v1/statistics?office=nobody")
    assert unknown.json()["code"] == "office.unknown"


async def test_a_system_says_itself_what_it_takes_and_it_is_recorded(gateway: Gateway) -> None:
    axis = gateway.axis
    activate(axis, "dossier", "task")
    token = issue_token(axis, "vpcp", scopes=ALL_SCOPES | {Scope.TYPES})
    system = gateway.of(None, headers={"authorization": f"Bearer {token}"})
    plain = issue_token(axis, "vpcp", scopes=ALL_SCOPES)
    without = gateway.of(None, headers={"authorization": f"Bearer {plain}"})
    # 1. Only with the scope, only versions that are there, only types that need a word.
    denied = await without.put("/v1/types/dossier/1/taken")
    assert (denied.status_code, denied.json()["code"]) == (403, "access.scope")
    assert (await system.put("/v1/types/dossier/9/taken")).json()["code"] == "type.unknown"
    needless = await system.put("/v1/types/document/1.0/taken")
    assert (needless.status_code, needless.json()["code"]) == (422, "type.needs-no-word")
    # 2. For all offices of the system, or for one that it serves; saying it again changes nothing.
    said = {"type": "dossier/1", "takes": True, "changed": True}
    assert (await system.put("/v1/types/dossier/1/taken")).json() == said
    assert (await system.put("/v1/types/dossier/1/taken")).json() == said | {"changed": False}
    one = await system.put("/v1/types/task/1/taken", params={"office": G22})
    assert one.json() == {"type": "task/1", "takes": True, "changed": True}
    foreign = await system.put("/v1/types/task/1/taken", params={"office": H41})
    assert foreign.json()["code"] == "office.unknown"
    # 3. A dossier goes there now, and no more after it was declined.
    sender = gateway.of("nghean")
    for revision, takes in ((1, True), (2, False)):
        if not takes:
            gone = await system.delete("/v1/types/dossier/1/taken")
            assert gone.json() == {"type": "dossier/1", "takes": False, "changed": True}
        sent = axis.sign(H41, framed(dossier("A", revision), "dossier/1"))
        answer = await sender.post(
            "/v1/packages", content=sent, headers=EDXML | {"prefer": "wait=60"}
        )
        told = answer.json()
        assert told.get("state", told.get("code")) == ("accepted" if takes else "type.not-accepted")
    # 4. Each change stands in the record and the ledger, with the credential that made it.
    with transaction(axis.engine) as connection:
        done = [(act.command, act.arguments) for act in reversed(acts(connection))]
        who = {act.who.partition(" ")[0] for act in acts(connection)}
    assert sorted(done, key=repr) == [
        ("type accept", {"type_id": "dossier/1", "system": "vpcp"}),
        ("type accept", {"type_id": "task/1", "office": G22}),
        ("type decline", {"type_id": "dossier/1", "system": "vpcp"}),
    ]
    assert who == {"vpcp"}
    assert axis.count("ledger_inbox", "package_id in (select id from admin_act)") == 3
