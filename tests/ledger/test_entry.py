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
from axis.ledger.entry import Entry, Leaf, Sealer, open_entry, parse_leaf
from axis.ledger.events import Event, event_of_status

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
        b'{"body":"sha256:7ed17feb16d346b203103127673272ee3bc55be383bc5ec4545fc31f210b0300",'
        b'"delivery":"sha256:cc8033ba1c353406ef8f0077730432100d5361fbd3b3cd8afa6da9c26720a11c",'
        b'"doc":"sha256:d47fe11c35ed03b1f0f868f5fb748a878986e14051ad1d016c59a75f062972c3",'
        b'"event":"http://uri.etsi.org/19522/Event/ContentConsignment",'
        b'"from":"sha256:a0a141ccd618e671e2284299f77b58be521b8ad2067565066c66f59fbee0cd1c",'
        b'"id":"d8a82a87-1081-8705-a085-388838293d47",'
        b'"package":"sha256:c86aa59c3004bd35b27c14d03974def4e9ab45e34cdd724d00991b2dbf4e278c",'
        b'"parts":"sha256:6c6663d1c3e924b0a1c6ade6e51a903a8438b130449ca7a41799d39d77aeb455",'
        b'"prev":"97900558-241c-8241-9984-01c232308092",'
        b'"served":"sha256:94324fcfea732417052d6a929a322a0289fc9c3d0cecbcf2796d65c42871bc84",'
        b'"system":"sha256:a5d3ae0b71fc39b779ca839ba0d23da736c9c95c525c5e498a72cdb857f575a1",'
        b'"time":"2026-11-21T20:38:19.250Z",'
        b'"to":"sha256:7eb8af8560fa6d18bb4b33e84910001519cac31916eba849eb11346fabdf34b1","v":1}'
    )
    assert sealed.salt.hex() == "d0b2fd04f377ddd9d9d5657726a4923000e21f89c3638d206a81d8bc5c0e69ca"


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
    salt = hashlib.sha256(sealed.salt + b"doc").hexdigest()[:32]
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
