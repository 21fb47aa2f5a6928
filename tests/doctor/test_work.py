"""Work that stands still, systems that are silent, certificates that end, a ledger unsigned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from ledger.material import sealed
from msgspec.structs import replace

from axis.courier.errors import PushFailedError
from axis.delivery.backoff import Health
from axis.delivery.workdays import Workdays
from axis.doctor.work import silent_for, worked
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.ledger.note import COSIGNATURE, VerifierKey
from axis.notary.lock import hold_lock, is_held
from axis.notary.process import sequence_pending
from axis.notary.signing import has_key
from axis.settings import NotarySettings
from axis.store import ledger
from axis.store.engine import transaction
from axis.store.health import save_health
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.trust.pki import write_crls
from tests.doctor.conftest import answer_of, codes, now
from tests.relay.installation import Installation

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 8:00 in Hà Nội


def test_certificates_and_lists_that_end_are_told_of_in_time(axis: Installation) -> None:
    own = axis.settings
    folder = own.path("certs")
    assert codes(own, "revocation") == []
    assert codes(own, "certificates") == []

    def later(days: float):
        return lambda: now() + timedelta(days=days)

    with transaction(axis.engine) as connection:
        end = connection.scalar(sa.text("select min(not_after) from certificate"))
    end = end if isinstance(end, datetime) else datetime.fromtimestamp(end / 1e6, UTC)
    left = (end - now()).days
    assert codes(own, "certificates", now=later(left - 40)) == ["doctor.certificate-ends"]
    urgent = codes(own, "certificates", now=later(left - 3))
    assert "doctor.certificate-urgent" in urgent
    write_crls(folder, now=now(), days=30)
    assert codes(own, "revocation", now=later(29.8)) == ["doctor.list-stale"]
    assert codes(own, "revocation", now=later(31)) == ["doctor.list-ended"]
    for path in own.path(own.trust.crls).glob("issuing*"):
        path.unlink()
    assert codes(own, "revocation") == ["doctor.list-absent"]


def test_what_was_set_aside_or_waits_untold_is_found(axis: Installation) -> None:
    assert codes(axis.settings, "deliveries") == []
    at, package = now() - timedelta(hours=3), uuid4()
    with transaction(axis.engine) as connection:
        connection.execute(
            sa.insert(PACKAGE).values(
                id=package,
                system_id="vpcp",
                digest=b"d" * 32,
                size_bytes=1,
                door="test",
                received_at=at,
                decided_at=at,
                accepted=True,
            )
        )
        common = {
            "package_id": package,
            "office_id": "o",
            "lane": "normal",
            "routed_at": at,
            "last_entry": uuid4(),
        }
        connection.execute(
            sa.insert(DELIVERY),
            [
                {
                    **common,
                    "id": uuid4(),
                    "position": 0,
                    "address": "a",
                    "system_id": "nghean",
                    "state": "routed",
                    "held_reason": None,
                },
                {
                    **common,
                    "id": uuid4(),
                    "position": 1,
                    "address": "b",
                    "system_id": "khac",
                    "state": "parked",
                    "held_reason": "not-confirmed",
                },
            ],
        )
    answer = answer_of(axis.settings, "deliveries")
    assert {one.code for one in answer.troubles} == {"doctor.parked-deliveries", "doctor.untold"}
    assert answer.facts["parked"] == 1


def test_a_system_that_takes_nothing_or_is_silent_is_found(axis: Installation) -> None:
    with transaction(axis.engine) as connection:
        failure = PushFailedError(url="u", reason="HTTP 500", timeout_s=1)
        health = Health(failures=7, next_try_at=now(), opened_at=None)
        save_health(connection, "nghean", health, str(failure.facts["reason"]))
        connection.execute(
            sa.insert(PACKAGE),
            [
                {
                    "id": uuid4(),
                    "system_id": "vpcp",
                    "digest": number.to_bytes(32),
                    "size_bytes": 1,
                    "door": "test",
                    "received_at": MONDAY + timedelta(minutes=5 * number),
                    "decided_at": MONDAY + timedelta(minutes=5 * number),
                    "accepted": True,
                }
                for number in range(40)
            ],
        )
    friday = MONDAY + timedelta(days=4)
    found = answer_of(axis.settings, "systems", now=lambda: friday)
    assert {(one.code, one.facts["system"]) for one in found.troubles} == {
        ("doctor.system-failing", "nghean"),
        ("doctor.system-quiet", "vpcp"),
    }
    same_day = answer_of(axis.settings, "systems", now=lambda: MONDAY + timedelta(hours=5))
    assert {one.code for one in same_day.troubles} == {"doctor.system-failing"}


def test_silence_is_counted_in_working_hours_against_the_usual_one() -> None:
    days = Workdays()
    assert worked(MONDAY, MONDAY + timedelta(hours=2), days) == timedelta(hours=2)
    friday_evening = MONDAY + timedelta(days=4, hours=8)  # 16:00
    next_monday = MONDAY + timedelta(days=7)
    assert worked(friday_evening, next_monday, days) == timedelta(hours=1, minutes=30)
    sent = [MONDAY + timedelta(minutes=30 * one) for one in range(10, -1, -1)]
    least = timedelta(hours=4)
    assert silent_for(sent, next_monday, factor=3, least=least) is None  # too little is known
    sent = [MONDAY + timedelta(minutes=10 * one) for one in range(30, -1, -1)]
    assert silent_for(sent, sent[0] + timedelta(hours=2), factor=3, least=least) is None
    found = silent_for(sent, next_monday, factor=3, least=least)
    assert found is not None
    assert found[1] == timedelta(minutes=10)


def test_a_notary_that_is_away_or_behind_and_witnesses_that_are_late_are_found(
    axis: Installation,
) -> None:
    own = axis.settings
    make_notary_key(own.path(own.notary.key))
    assert has_key(own)
    assert codes(own, "notary") == ["doctor.process-away"]
    assert not is_held(axis.engine, "notary")
    with hold_lock(axis.engine):
        assert is_held(axis.engine, "notary")
        assert codes(own, "notary") == []
        with transaction(axis.engine) as connection:
            ledger.append(connection, sealed(Sealer(b"k" * 32), 5))
        soon = lambda: now() + timedelta(days=365 * 30)  # noqa: E731
        answer = answer_of(own, "notary", now=soon)
        assert [one.code for one in answer.troubles] == ["doctor.notary-behind"]
        assert answer.facts["unsigned"] == 5
    sequence_pending(axis.engine, own)
    with hold_lock(axis.engine):
        assert codes(own, "notary", now=soon) == []

    witness = (
        f"http://127.0.0.1:1 {VerifierKey(name='w.example', kind=COSIGNATURE, public=b'w' * 32)}"
    )
    Path(own.home, "seen.split.json").write_text("{}")
    assert "doctor.split-view" in codes(own, "witnesses")
    asked = NotarySettings(witnesses=(witness,), witness_quorum=1, witness_within_s=1)
    assert codes(replace(own, notary=asked), "witnesses", now=soon) == [
        "doctor.split-view",
        "doctor.witness-late",
        "notary.cosigners-overdue",
    ]
