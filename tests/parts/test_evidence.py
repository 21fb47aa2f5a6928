"""The courtroom package holds attachments that came apart, and an alarm stands in the records."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from axis.errors import AxisError
from axis.evidence import gather as room
from axis.evidence.gather import make_evidence
from axis.evidence.verify import verify_evidence
from axis.ledger.keys import make_notary_key
from axis.notary.office import signer_of
from axis.notary.process import sequence_pending
from axis.settings import EvidenceSettings
from axis.store.alarms import alarms
from axis.store.engine import transaction
from axis.store.ledger import latest_log
from axis.trust.errors import VerifiersDisagreeError
from tests.evidence.test_evidence import make_seal, repacked
from tests.parts.packages import apart, bring
from tests.parts.test_journey import FILES, TO_KHAC, send
from tests.relay.installation import Installation
from tests.relay.papers import G22, document, package


def now() -> datetime:
    return datetime.now(UTC)


async def accepted(axis: Installation) -> tuple[bytes, list, list]:
    """A package with its attachments apart, signed for; return the container, keys and parts."""
    from cryptography.hazmat.primitives.asymmetric import ec

    own = EvidenceSettings(key="seal.key", certificate="seal.pem")
    axis.settings = structs.replace(axis.settings, evidence=own)
    make_notary_key(axis.settings.path(axis.settings.notary.key))
    make_seal(Path(axis.settings.home), ec.generate_private_key(ec.SECP256R1()))
    parts = await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    assert answer.accepted
    sequence_pending(axis.engine, axis.settings, now=now, elapsed=lambda: 0.0)
    content = make_evidence(axis.engine, axis.settings, str(answer.id), now=now)
    with transaction(axis.engine) as connection:
        log = latest_log(connection)
    return content, [signer_of(axis.settings, log).verifier], parts


async def test_attachments_that_came_apart_are_in_the_courtroom_package(
    axis_on_postgresql: Installation,
) -> None:
    content, keys, parts = await accepted(axis_on_postgresql)
    verify_evidence(content, keys)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = json.loads(archive.read("attachments/index.json"))
        assert [one["name"] for one in listed] == list(FILES)
        for one, part, data in zip(listed, parts, FILES.values(), strict=True):
            assert one["sha256"] == part.digest.hex()
            assert archive.read(one["file"]) == data


async def test_large_attachments_are_listed_and_given_beside(
    axis_on_postgresql: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PARTS_BYTES", len(FILES["phụ lục 1.pdf"]))
    content, keys, _ = await accepted(axis_on_postgresql)
    verify_evidence(content, keys)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = json.loads(archive.read("attachments/index.json"))
    assert [one["file"] is not None for one in listed] == [True, False]
    assert listed[1]["sha256"] == hashlib.sha256(FILES["phụ lục 2.pdf"]).hexdigest()


async def test_an_attachment_that_was_exchanged_breaks_the_seal(
    axis_on_postgresql: Installation,
) -> None:
    content, keys, parts = await accepted(axis_on_postgresql)
    name = f"attachments/{parts[0].digest.hex()}.bin"
    with pytest.raises(AxisError) as caught:
        verify_evidence(repacked(content, **{name: b"another"}), keys)
    assert caught.value.code == "evidence.signature"


async def test_readings_that_disagree_are_an_alarm_on_record(
    axis_on_postgresql: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disagree(*_: object) -> None:
        raise VerifiersDisagreeError(reason="another canonical form of SignedInfo", got="00")

    axis = axis_on_postgresql
    monkeypatch.setattr("axis.examine.inspect.compare", disagree)
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document())), system="vpcp")
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == "signature.verifiers-disagree"
    with transaction(axis.engine) as connection:
        (alarm,) = alarms(connection)
    assert (alarm.code, alarm.subject) == (answer.refusal.code, str(ticket.package_id))
    assert (alarm.times, alarm.ended_at) == (1, None)
