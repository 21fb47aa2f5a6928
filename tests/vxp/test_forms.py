"""The odd forms of clients: hashes without zeros, an appended line end, ids of two kinds."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp.codes import describe, number_of
from adapters.vxp.errors import DocumentIdUnknownError, HashFileError
from adapters.vxp.hashfile import FileOfBody, fits, short_hex
from adapters.vxp.ids import parse_doc_id, write_doc_id
from axis.errors import AxisError, Fault, Place, Refusal, catalogue

PIECES = st.lists(st.binary(max_size=5), max_size=8)


def taken(pieces: list[bytes], told: str | None) -> bytes:
    file = FileOfBody(told)
    return b"".join([*map(file.feed, pieces), file.end()])


@given(pieces=PIECES, full=st.booleans(), appended=st.booleans())
def test_the_file_is_found_in_either_form_with_and_without_the_line_end(
    pieces: list[bytes], full: bool, appended: bool
):
    body = b"".join(pieces)
    digest = hashlib.sha256(body).digest()
    told = digest.hex() if full else short_hex(digest)
    assert taken([*pieces, b"\r\n"] if appended else pieces, told) == body
    assert taken([*pieces, b"\r", b"\n"] if appended else pieces, told.upper()) == body


@given(pieces=PIECES)
def test_a_body_that_is_another_file_is_refused(pieces: list[bytes]):
    told = short_hex(hashlib.sha256(b"".join(pieces) + b"x").digest())
    with pytest.raises(HashFileError) as no:
        taken(pieces, told)
    assert no.value.code == "vxp.hash-file"


def test_only_one_line_end_is_taken_off_and_only_where_the_hash_says_so():
    file = b"<edXML/>\r\n"
    assert taken([file], short_hex(hashlib.sha256(file).digest())) == file
    assert taken([file, b"\r\n"], short_hex(hashlib.sha256(file).digest())) == file
    assert taken([file], short_hex(hashlib.sha256(b"<edXML/>").digest())) == b"<edXML/>"
    assert taken([file], None) == file
    with pytest.raises(HashFileError):
        taken([file, b"\r\n"], short_hex(hashlib.sha256(b"<edXML/>").digest()))
    with pytest.raises(HashFileError):
        taken([b"<edXML/>\n"], short_hex(hashlib.sha256(b"<edXML/>").digest()))


def test_the_short_form_leaves_the_zero_of_each_byte_away():
    digest = bytes.fromhex("000f10a0" + "00" * 27 + "0c")
    assert short_hex(digest) == "0f10a0" + "0" * 27 + "c"
    assert fits(digest, short_hex(digest))
    assert fits(digest, digest.hex())
    assert not fits(digest, "0f10a0" + "0" * 26 + "c")


@given(value=st.uuids())
def test_an_id_is_understood_in_every_form(value: UUID):
    for text in (str(value), value.hex, value.hex.upper(), str(value).upper()):
        assert parse_doc_id(text).first == parse_doc_id(text).last == value
    short = write_doc_id(value, short=True)
    assert len(short) == 24
    span = parse_doc_id(short)
    assert span.first <= value <= span.last
    assert write_doc_id(value, short=False) == str(value)
    other = uuid4()
    assert not span.first <= other <= span.last


@pytest.mark.parametrize(
    "text", ["", "x", "../etc", "5f0c", "g" * 24, "5" * 25, "1" * 40, "é" * 24]
)
def test_what_is_no_id_names_nothing(text: str):
    with pytest.raises(DocumentIdUnknownError) as no:
        parse_doc_id(text)
    assert no.value.code == "vxp.document-unknown"


def test_every_refusal_has_a_number_that_clients_know():
    for code, kind in catalogue().items():
        number = number_of(Refusal(code=code, fault=kind.fault))
        assert number in {"10", "15", "18", "19", "20", "21", "22", "23"}
        assert (number == "20") == (kind.fault is not Fault.INPUT)


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("access.denied", "15"),
        ("recipient.unknown", "18"),
        ("recipient.not-yet", "23"),
        ("sender.not-of-system", "19"),
        ("schema.missing-element", "22"),
        ("envelope.not-xml", "10"),
        ("signature.digest-mismatch", "10"),
        ("status.not-addressed", "21"),
        ("intake.busy", "20"),
        ("axis.error", "20"),
        ("http.rate", "20"),
    ],
)
def test_the_numbers_of_the_common_refusals(code: str, number: str):
    import adapters.gateway.errors  # noqa: F401

    kind = catalogue()[code]
    assert number_of(Refusal(code=code, fault=kind.fault)) == number


def test_an_error_description_names_every_reason_with_its_place():
    one = AxisError(place=Place(xpath="/edXML/A", line=3, column=7)).refusal
    two = AxisError(place=Place(xpath="/edXML/B")).refusal
    text = describe(one, [one, two])
    assert "(/edXML/A; dòng 3, cột 7) | " in text
    assert "(/edXML/B)" in text
    assert text.endswith("[axis.error]")
