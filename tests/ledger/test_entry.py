"""An entry: the same step gives the same bytes; outsiders read nothing, parties everything."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from axis.errors import AxisError
from axis.ledger.canonical import encode_canonical, is_canonical
from axis.ledger.entry import Entry, Leaf, Sealer, parse_leaf
from axis.ledger.events import Event, event_of_status
from axis.ledger.opening import open_entry

PACKAGE = UUID("11111111-2222-5333-8444-555555555555")
DELIVERY = UUID("99999999-2222-5333-8444-555555555555")
AT = datetime(2026, 11, 21, 20, 38, 19, 250_999, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcdefgXYZ_09"), inner),
    max_leaves=20,
)
texts = st.text(min_size=1, max_size=60)


def consignment(**rest: object) -> Entry:
    values: dict[str, object] = {
        "event": Event.CONTENT_CONSIGNMENT,
        "at": AT,
        "package_id": PACKAGE,
        "delivery_id": DELIVERY,
        "body_sha256": bytes(range(32)),
        "sender": "000.00.00.G22",
        "recipient": "000.00.00.H41",
        "served": "H01",
        "document": "7816/VPCP-TTĐT",
        "system": "vpcp",
        "parts": (b"\x01" * 32, b"\x02" * 32),
    }
    return Entry(**(values | rest))  # type: ignore[arg-type]


@given(json_values)
def test_our_canonical_form_is_that_of_the_rfc_8785_library(value: object) -> None:
    assert encode_canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_every_character_is_escaped_as_rfc_8785_says() -> None:
    for code in range(0x2FFF):
        assert encode_canonical(chr(code)) == rfc8785.dumps(chr(code))


@pytest.mark.parametrize("text", [b'{"b":1,"a":2}', b'{"a": 1}', b'"\\u0041"', b"1.0e0", b"{"])
def test_other_forms_of_json_are_not_canonical(text: bytes) -> None:
    assert not is_canonical(text)


def test_the_bytes_of_an_entry_are_fixed_for_ever(sealer: Sealer) -> None:
    sealed = sealer.seal(consignment(prev=sealer.entry_id(Event.SUBMISSION_ACCEPTANCE, PACKAGE)))
    assert sealed.leaf == (
        b'{"body":"sha256:e0b40a774e0cd107ca070e966a45983af335b7b63cadf188e8f4413547ded5c6",'
        b'"delivery":"sha256:53c0c5be9759cb5cdb004e66f7609e58490e92175d72f162ada02d611d35655d",'
        b'"doc":"sha256:695c86e762d957a06867e049337c30c538928f4de7e4043ccc3aef9be10b2ad4",'
        b'"event":"http://uri.etsi.org/19522/Event/ContentConsignment",'
        b'"from":"sha256:f96f75bc03e469f40aa0953982bd0b70790c963e547541a4488f1cd21e4e0535",'
        b'"id":"14bef1e1-4392-81a4-b268-99e5380ccd9c",'
        b'"package":"sha256:189e2988690119f104923dff18cda4a8cc2c8317b35d48de8f54e77d0024b8d9",'
        b'"parts":"sha256:eb51c30539ccb352b01b4b2cf57c0c2de26de7b124a3f73641cd2aa9ef8ce79b",'
        b'"prev":"e0a4f34c-e0e1-8f7e-b88d-753f273cefd6",'
        b'"served":"sha256:8f82e1705fbe957851858cfd145b40c3e4968e20d59eee271bf73a97d1b2e215",'
        b'"system":"sha256:05d60e6fae536f0bf1581d3b8f31624eed3268bda0f5e48f43ef5ecc390f2ac4",'
        b'"time":"2026-11-21T20:38:19.250Z",'
        b'"to":"sha256:0bf663aef01363fdf343a0c1219b2654e188bffe0c2e5d20139db57bb4b8fc51","v":1}'
    )
    assert sealed.salt.hex() == "ec9d767a0250ee74f3059d2e26dc83ccc31d90d8d785062f13494e6859d2be45"


def test_a_step_done_again_is_the_same_entry(sealer: Sealer) -> None:
    assert sealer.seal(consignment()) == Sealer(b"k" * 32).seal(consignment())


def test_an_id_tells_apart_event_package_delivery_and_occurrence(sealer: Sealer) -> None:
    ids = {
        sealer.entry_id(event, package, delivery, occurrence)
        for event in (Event.CONTENT_FETCH, Event.CONTENT_HANDOVER)
        for package in (PACKAGE, DELIVERY)
        for delivery in (None, DELIVERY)
        for occurrence in ("", "2")
    }
    assert len(ids) == 16
    assert {i.version for i in ids} == {8}
    assert {i.variant for i in ids} == {UUID(int=0x2 << 62).variant}


def test_nobody_without_the_key_can_guess_an_id() -> None:
    ids = {Sealer(bytes([n]) * 32).entry_id(Event.CONTENT_FETCH, PACKAGE) for n in range(9)}
    assert len(ids) == 9


def test_an_entry_shows_the_public_nothing_that_names_a_party_or_a_document(
    sealer: Sealer,
) -> None:
    leaf = sealer.seal(consignment()).leaf
    for secret in (b"G22", b"H41", b"H01", b"7816", b"vpcp", PACKAGE.hex.encode()[:8]):
        assert secret not in leaf
    assert str(DELIVERY).encode() not in leaf
    assert bytes(range(32)).hex().encode() not in leaf


def test_the_salts_open_every_commitment(sealer: Sealer) -> None:
    sealed = sealer.seal(consignment())
    opened = open_entry(sealed.leaf, sealed.salt, sealed.opening)
    assert opened == {
        "package": str(PACKAGE),
        "delivery": str(DELIVERY),
        "body": "sha256:" + bytes(range(32)).hex(),
        "parts": "sha256:" + "01" * 32 + ",sha256:" + "02" * 32,
        "doc": "7816/VPCP-TTĐT",
        "from": "000.00.00.G22",
        "to": "000.00.00.H41",
        "served": "H01",
        "system": "vpcp",
    }


def test_a_commitment_can_be_checked_with_nothing_but_json_and_sha_256(sealer: Sealer) -> None:
    sealed = sealer.seal(consignment())
    salt = hashlib.shake_256(sealed.salt).digest(48)[32:].hex()  # the third of the salts
    text = json.dumps([salt, "doc", "7816/VPCP-TTĐT"], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert json.loads(sealed.leaf)["doc"] == f"sha256:{digest}"


@pytest.mark.parametrize("name", ["doc", "from", "to", "package", "delivery", "body", "served"])
def test_a_changed_absent_or_invented_value_opens_nothing(sealer: Sealer, name: str) -> None:
    sealed = sealer.seal(consignment())
    values = json.loads(sealed.opening)
    for changed in (
        values | {name: values[name] + "x"},
        {k: v for k, v in values.items() if k != name},
        values | {"invented": "x"},
        values | {"id": "x"},
    ):
        with pytest.raises(AxisError) as refused:
            open_entry(sealed.leaf, sealed.salt, encode_canonical(changed))
        assert refused.value.code == "ledger.opening-mismatch"


def test_a_wrong_salt_opens_nothing(sealer: Sealer) -> None:
    sealed = sealer.seal(consignment())
    with pytest.raises(AxisError) as refused:
        open_entry(sealed.leaf, bytes(32), sealed.opening)
    assert refused.value.code == "ledger.opening-mismatch"


@given(texts, texts, texts)
def test_any_text_is_sealed_opened_and_canonical(sender: str, to: str, document: str) -> None:
    sealed = Sealer(b"k" * 32).seal(consignment(sender=sender, recipient=to, document=document))
    assert rfc8785.dumps(json.loads(sealed.leaf)) == sealed.leaf
    assert rfc8785.dumps(json.loads(sealed.opening)) == sealed.opening
    assert open_entry(sealed.leaf, sealed.salt, sealed.opening)["doc"] == document


def test_clear_fields_are_read_back(sealer: Sealer) -> None:
    sealed = sealer.seal(consignment(reason="recipient.unknown", status="03", weak="rsa-sha1"))
    leaf = parse_leaf(sealed.leaf)
    assert (leaf.v, leaf.event, leaf.id) == (1, Event.CONTENT_CONSIGNMENT, str(sealed.entry_id))
    assert (leaf.time, leaf.reason, leaf.status) == (
        "2026-11-21T20:38:19.250Z",
        "recipient.unknown",
        "03",
    )
    assert leaf.weak == "rsa-sha1"
    assert leaf.prev is msgspec.UNSET


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"event":"e","id":"i","time":"t","v":2}',
        b'{"event":"e","id":"i","time":"t","v":1,"x":1}',
        b'{"v":1,"event":"e","id":"i","time":"t"}',
        b'{"event":"e","id":"i","prev":null,"time":"t","v":1}',
    ],
)
def test_bytes_that_we_never_wrote_are_no_entry(text: bytes) -> None:
    with pytest.raises(AxisError) as refused:
        parse_leaf(text)
    assert refused.value.code == "ledger.entry-malformed"


def test_an_entry_that_no_bundle_can_hold_is_refused(sealer: Sealer) -> None:
    with pytest.raises(AxisError) as refused:
        sealer.seal(consignment(reason="x" * 65_535))
    assert refused.value.code == "ledger.entry-too-large"


def test_a_short_salt_key_is_refused() -> None:
    with pytest.raises(AxisError) as refused:
        Sealer(b"short")
    assert refused.value.code == "ledger.salt-key"


def test_a_naive_instant_is_our_bug(sealer: Sealer) -> None:
    with pytest.raises(ValueError, match="aware"):
        sealer.seal(consignment(at=AT.replace(tzinfo=None)))


def test_statuses_that_etsi_has_a_word_for_use_it() -> None:
    assert event_of_status("03") is Event.CONSIGNMENT_ACCEPTANCE
    assert event_of_status("02") is Event.CONSIGNMENT_REJECTION
    assert event_of_status("05") is Event.BUSINESS_STATUS


def test_the_published_schema_is_that_of_the_entries() -> None:
    page = Path(__file__).parents[2] / "docs" / "entry.v1.schema.json"
    assert json.loads(page.read_text(encoding="utf-8")) == msgspec.json.schema(Leaf)
