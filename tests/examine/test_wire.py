"""What an examining process tells comes out as it went in, and in no other form."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from axis.envelope.basics import Attachment, DocumentId, OrganId, Organization
from axis.envelope.errors import InvalidValueError
from axis.envelope.message import Message
from axis.envelope.package import parse
from axis.envelope.values import BusinessType, DocumentEnvelope, Envelope
from axis.errors import AxisError, Place, Refusal, error_of
from axis.examine.inspect import Inspection
from axis.examine.wire import decode_answers, encode_answers
from axis.trust.errors import UnsignedError
from axis.trust.values import Shape, SignedAttachment, VerifiedSignature, Weakness
from tests.envelope.papers import document, status_bytes

SIGNATURE = VerifiedSignature(
    shape=Shape.MANIFEST,
    algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    certificate_der=bytes(range(256)),
    certificate_sha256=bytes(32),
    spki_sha256=bytes(32),
    weak=Weakness.SHA1,
    attachments=(
        SignedAttachment(content_id="1", digest_name="sha256", digest=bytes(32), inline=False),
    ),
)
MESSAGE = Message(
    type="task",
    version="1",
    sender=Organization(organ_id=OrganId("000.00.00.G22"), organ_name="Văn phòng Chính phủ"),
    recipients=(Organization(organ_id=OrganId("H41")),),
    document_id=DocumentId("task:1"),
    content_sha256=bytes(32),
    due_at=datetime(2026, 12, 20, 10, 0, tzinfo=UTC),
    answers=frozenset({"a", "b"}),
    stories=frozenset({("task", "VPCP-127")}),
    facts=(("code", "VPCP-127"),),
    attachments=(Attachment(content_id="1", sha256=bytes(32), size_bytes=2**40),),
)


@pytest.mark.parametrize(
    "envelope",
    [*map(document, BusinessType), parse(status_bytes()).envelope, MESSAGE],
    ids=lambda envelope: f"{type(envelope).__name__}, {envelope.does}",
)
def test_every_kind_of_envelope_comes_out_as_it_went_in(envelope: Envelope) -> None:
    answer = Inspection(envelope=envelope, signature=SIGNATURE, weak=SIGNATURE)
    assert decode_answers(encode_answers([answer])) == [answer]


def test_real_packages_come_out_as_they_went_in(shared: Path) -> None:
    envelopes = []
    for path in sorted((shared / "data").rglob("*.edxml")):
        try:
            envelopes.append(parse(path.read_bytes()).envelope)
        except AxisError:
            continue
    assert len(envelopes) > 10
    answers = [Inspection(envelope=one, signature=SIGNATURE) for one in envelopes]
    assert decode_answers(encode_answers(answers)) == answers


def test_refusals_come_out_as_errors_of_their_class() -> None:
    place = Place(xpath="/edXML", line=3, column=1)
    refused = InvalidValueError(place=place, expected="0 | 1", got="ỹ")
    envelope = document(BusinessType.NEW)
    package, signature = decode_answers(
        encode_answers([refused, Inspection(envelope=envelope, signature=UnsignedError())])
    )
    assert isinstance(package, InvalidValueError)
    assert package.refusal == refused.refusal
    assert isinstance(signature, Inspection)
    assert isinstance(signature.signature, UnsignedError)


@pytest.mark.parametrize("unwritable", ["\ud800", 1 << 70])
def test_an_answer_that_cannot_be_written_is_our_error_and_the_others_stand(
    unwritable: str | int,
) -> None:
    sound = Inspection(envelope=document(BusinessType.NEW), signature=SIGNATURE)
    odd = InvalidValueError(expected="0 | 1", got=unwritable)
    first, second, third = decode_answers(encode_answers([sound, odd, sound]))
    assert (first, third) == (sound, sound)
    assert type(second) is AxisError


def test_a_code_of_nobody_is_our_error() -> None:
    error = error_of(Refusal(code="nobody.knows", fault=InvalidValueError.fault))
    assert (type(error), error.facts) == (AxisError, {"got": "nobody.knows"})


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x80\x04K\x01.",  # a pickle
        msgspec.msgpack.encode(1),
        msgspec.msgpack.encode([[{"said": "document"}]]),
        msgspec.msgpack.encode([[{"said": "else"}]]),
        encode_answers([AxisError()]) + b"\x00",
    ],
)
def test_what_does_not_have_the_form_of_answers_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        decode_answers(message)


def test_a_value_can_be_changed_only_into_another() -> None:
    envelope = document(BusinessType.NEW)
    with pytest.raises(AttributeError):
        envelope.subject = "khác"  # type: ignore[misc]
    assert isinstance(replace(envelope, subject="khác"), DocumentEnvelope)
