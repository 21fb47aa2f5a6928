"""What is written is read back, whatever it says; what XML cannot carry is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from axis.envelope.dates import WrittenDate, WrittenTime, parse_date, parse_time
from axis.envelope.errors import UnlistedBytesError, UnwritableTextError
from axis.envelope.package import parse
from axis.envelope.rules import UNSAFE_IN_NAMES
from axis.envelope.values import (
    Attachment,
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentType,
    Envelope,
    ManifestReference,
    Organization,
    OtherInfo,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    Replacement,
    ResponseFor,
    ResponseForTask,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusEnvelope,
    TraceHeader,
)
from axis.envelope.writer import Order, attach, encode
from envelope.papers import PDF, document, status

CHARACTERS = st.characters(
    codec="utf-8",
    exclude_categories=["Cs"],
    exclude_characters=[
        *map(chr, range(0x20)),
        "\ufffe",
        "\uffff",
    ],
)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS | st.sampled_from("&<>\"'\n\t\r]ộĐ"), min_size=1, max_size=most).map(
        lambda text: text.strip(" \t\r\n") or "x"
    )


KEYS = texts(20)
MAYBE = st.none() | texts()
NUMBERS = st.none() | st.integers(0, 999_999_999)
FLAGS = st.none() | st.booleans()
IDS = st.from_regex(r"[0-9a-f-]{1,36}", fullmatch=True)


def _date(text: str) -> WrittenDate:
    written = parse_date(text)
    assert written is not None
    return written


def _time(text: str) -> WrittenTime:
    written = parse_time(text)
    assert written is not None
    return written


DATES = st.from_regex(r"[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}", fullmatch=True).map(_date)
TIMES = st.from_regex(
    r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}", fullmatch=True
).map(_time)


def lists(values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=least, max_size=3).map(tuple)


ORGANIZATIONS = st.builds(
    Organization,
    organ_id=KEYS,
    organization_in_charge=MAYBE,
    organ_name=MAYBE,
    organ_add=MAYBE,
    email=MAYBE,
    telephone=MAYBE,
    fax=MAYBE,
    website=MAYBE,
)
STAFF = st.none() | st.builds(
    StaffInfo,
    department=MAYBE,
    department_id=MAYBE,
    staff=MAYBE,
    staff_id=MAYBE,
    mobile=MAYBE,
    email=MAYBE,
)
ANSWERS = st.builds(
    ResponseFor,
    organ_id=MAYBE,
    code=MAYBE,
    promulgation_date=st.none() | DATES,
    document_id=MAYBE,
)
HOPS = lists(st.builds(TraceHeader, organ_id=MAYBE, timestamp=st.none() | TIMES))
BUSINESSES = st.builds(
    Business,
    doc_type=st.sampled_from(BusinessType),
    reason=MAYBE,
    document_id=KEYS,
    document_info=FLAGS,
    document_receiver=FLAGS,
    receivers=lists(
        st.builds(Receiver, organ_id=KEYS, receiver_type=st.sampled_from(ReceiverType)), 1
    ),
    replacements=lists(st.builds(Replacement, document_id=KEYS, organ_ids=lists(KEYS)), 1),
    paper=FLAGS,
    staff_info=STAFF,
)
NAMES = texts(20).filter(lambda name: not UNSAFE_IN_NAMES.search(name))
ATTACHED = st.dictionaries(IDS, st.tuples(NAMES, st.binary(max_size=50), MAYBE, MAYBE), max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> tuple[DocumentEnvelope, dict[str, bytes]]:
    given_files = draw(ATTACHED)
    manifest: list[ManifestReference] = []
    attachments: list[Attachment] = []
    for content_id, (name, data, content_type, description) in given_files.items():
        reference, attachment = attach(
            content_id, name, data, content_type=content_type, description=description
        )
        manifest.append(reference)
        attachments.append(attachment)
    envelope = draw(
        st.builds(
            DocumentEnvelope,
            sender=ORGANIZATIONS,
            recipients=lists(ORGANIZATIONS, 1),
            document_id=KEYS,
            code=st.builds(Code, number=KEYS, notation=KEYS),
            promulgation_info=st.builds(PromulgationInfo, place=MAYBE, promulgation_date=DATES),
            document_type=st.builds(
                DocumentType,
                type=st.integers(0, 999_999_999),
                type_detail=NUMBERS,
                type_name=MAYBE,
            ),
            subject=texts(),
            signer_info=st.builds(SignerInfo, full_name=texts(), competence=MAYBE, position=MAYBE),
            content=MAYBE,
            due_date=st.none() | DATES,
            other_info=st.builds(
                OtherInfo,
                priority=st.integers(0, 4),
                sphere_of_promulgation=MAYBE,
                typer_notation=MAYBE,
                promulgation_amount=NUMBERS,
                page_amount=NUMBERS,
                direction=FLAGS,
                reply_fors=MAYBE,
                reference_codes=MAYBE,
                appendixes=lists(texts()),
            ),
            response_for=lists(ANSWERS),
            steering_type=st.none() | st.integers(0, 3),
            to_places=lists(texts()),
            response_for_task=st.none()
            | st.builds(ResponseForTask, task_codes=lists(KEYS), application_type=MAYBE),
            trace=HOPS,
            business=st.just(Business()) | BUSINESSES,
            manifest=st.just(tuple(manifest)),
            attachments=st.just(tuple(attachments)),
        )
    )
    return envelope, {content_id: data for content_id, (_, data, _, _) in given_files.items()}


STATUSES = st.builds(
    StatusEnvelope,
    sender=ORGANIZATIONS,
    response_for=st.builds(
        ResponseFor,
        organ_id=KEYS,
        code=KEYS,
        promulgation_date=st.none() | DATES,
        document_id=MAYBE,
    ),
    status_code=st.sampled_from(StatusCode),
    description=MAYBE,
    timestamp=TIMES,
    staff_info=STAFF,
    trace=HOPS,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents(), st.sampled_from(Order))
def test_a_document_that_is_written_is_read_back(
    given_document: tuple[DocumentEnvelope, dict[str, bytes]], order: Order
):
    envelope, data = given_document
    assert parse(encode(envelope, data, order=order)).envelope == envelope


@settings(deadline=None)
@given(STATUSES)
def test_a_status_that_is_written_is_read_back(envelope: StatusEnvelope):
    assert parse(encode(envelope)).envelope == envelope


def test_writing_is_deterministic():
    assert encode(document(), {"209": PDF}) == encode(document(), {"209": PDF})


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ud800", "\ufffe"])
@pytest.mark.parametrize("envelope", [document(), status()], ids=["document", "status"])
def test_a_character_that_xml_has_not_is_refused(envelope: Envelope, character: str):
    office = replace(envelope.sender, organ_name=f"UBND{character}")
    with pytest.raises(UnwritableTextError) as caught:
        encode(replace(envelope, sender=office))
    assert caught.value.code == "envelope.unwritable-text"
    assert caught.value.facts["got"] == f"U+{ord(character):04X}"


def test_bytes_that_the_manifest_does_not_name_are_refused():
    with pytest.raises(UnlistedBytesError) as caught:
        encode(document(), {"209": PDF, "210": PDF})
    assert caught.value.code == "envelope.unlisted-bytes"


def test_an_attachment_that_is_not_given_travels_apart():
    body = encode(document())
    assert b"AttachmentEncoded" not in body
    assert b"cid:209" in body


def test_five_hundred_attachments_need_few_namespace_declarations():
    references = tuple(attach(str(n), f"{n}.pdf", b"x")[0] for n in range(500))
    body = encode(replace(document(), manifest=references), {str(n): b"x" for n in range(500)})
    assert parse(body).scan.namespace_declarations < 5
