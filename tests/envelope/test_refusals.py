"""Every malformed package is refused with its own code, in both languages, with its place."""

from __future__ import annotations

import pytest
import xmlschema
from lxml import etree

from axis.envelope import schema
from axis.envelope.diagnosis import diagnose, schema_faults
from axis.envelope.errors import EnvelopeError, SchemaViolationError
from axis.envelope.limits import prescan
from axis.envelope.package import parse
from axis.envelope.translation import Finding, refusal_of
from axis.envelope.tree import parse_tree
from axis.envelope.values import BusinessType, StatusCode
from axis.envelope.vocabulary import Kind
from axis.errors import AxisError, Fault, Place
from envelope.make_bad import BAD, BYTES, RULES, SCHEMA
from envelope.papers import document_bytes, put, status_bytes, swap
from tests.work import least_cpu_s


def refusal(body: bytes) -> AxisError:
    with pytest.raises(EnvelopeError) as caught:
        parse(body)
    return caught.value


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_package_is_refused_with_its_code(name: str):
    code, make = BAD[name]
    error = refusal(make())
    assert error.code == code
    assert error.fault is Fault.INPUT


@pytest.mark.parametrize("name", BAD)
def test_a_refusal_says_the_rule_what_was_expected_and_what_came_in_two_languages(name: str):
    error = refusal(BAD[name][1]())
    assert {"rule", "expected", "got"} <= error.facts.keys()
    for fact in ("expected", "got"):
        assert str(error.facts[fact]).strip()
        assert len(str(error.facts[fact])) < 400
    value = error.refusal
    assert value.text("en") != value.text("vi")
    assert "{" not in value.text("vi").replace("{http", "").replace("${", "").replace('{"', "")


@pytest.mark.parametrize("name", [*SCHEMA, *RULES])
def test_a_refusal_of_content_names_the_element_and_the_line(name: str):
    place = refusal(BAD[name][1]()).place
    assert place is not None
    assert place.xpath is not None
    assert place.line is not None


@pytest.mark.parametrize("name", BAD)
def test_a_diagnosis_names_what_the_gate_refused(name: str):
    code, make = BAD[name]
    assert code in {one.code for one in diagnose(make())}


@pytest.mark.parametrize("name", BAD)
def test_a_refusal_costs_little(name: str):
    body = BAD[name][1]()
    assert least_cpu_s(lambda: refusal(body), enough_s=1) < 1


@pytest.mark.parametrize("name", [*SCHEMA, *RULES])
def test_libxml2_and_xmlschema_agree_on_the_schemas(name: str):
    body = BAD[name][1]()
    tree = parse_tree(body)
    try:
        kind = schema.kind_for_schema(tree)
    except EnvelopeError:
        pytest.skip("refused before either of them sees it")
    ours = {error.code for error in schema.faults(tree)}
    theirs = {error.code for error in schema_faults(body, prescan(body), kind)}
    assert bool(ours) == bool(theirs)
    assert ours <= theirs  # xmlschema looks into elements that libxml2 gave up on


@pytest.mark.parametrize("kind", Kind)
def test_the_schemas_are_valid_xsd_1_0_for_both_processors(kind: Kind):
    from axis.envelope.vocabulary import schema_path

    path = str(schema_path(kind.value))
    etree.XMLSchema(file=path)
    xmlschema.XMLSchema10(path, allow="local", defuse="always")


@pytest.mark.parametrize("kind", BusinessType)
def test_a_good_document_has_no_diagnosis(kind: BusinessType):
    assert diagnose(document_bytes(kind)) == []


@pytest.mark.parametrize("code", StatusCode)
def test_a_good_status_has_no_diagnosis(code: StatusCode):
    assert diagnose(status_bytes(code)) == []


def test_places_are_local_names_with_positions():
    body = swap(document_bytes(), "<edXML:OrganId>H14.12", "<edXML:OrganId> ")
    assert refusal(body).place == Place(
        xpath="/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/To[2]/OrganId", line=21
    )


def test_a_place_in_the_bytes_is_that_of_the_open_element():
    body = put(document_bytes(), "<edXML:OrganId>H14.12", "<!-- -->")
    place = refusal(body).place
    assert place is not None
    assert place.xpath == "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/To[2]"
    assert place.line == 21


def test_a_line_behind_an_attachment_is_counted_with_the_attachments_lines():
    body = swap(document_bytes(), "JVBERi", "JVBE\n\n\nRi")
    body = put(body, "</AttachmentEncoded>", "<!-- -->")
    place = refusal(body).place
    assert place is not None
    assert place.line == body[: body.index(b"<!-- -->")].count(b"\n") + 1
    [only] = diagnose(swap(body, "<!-- -->", "<x/>"))
    assert only.place is not None
    assert only.place.line == place.line


def test_all_faults_of_a_package_are_diagnosed_at_once_in_order():
    body = swap(document_bytes(), "<edXML:Priority>2", "<edXML:Priority>9")
    body = swap(body, "<edXML:PromulgationDate>2015/09/30", "<edXML:PromulgationDate>x")
    body = put(body, "<edXML:Subject>", "<edXML:Urgency/>")
    body = swap(body, "      <ContentId>cid:209", "      <ContentId>cid:210")
    found = diagnose(body)
    assert [one.code for one in found] == [
        "schema.invalid-value",
        "schema.unexpected-element",
        "schema.invalid-value",
    ]
    lines = [one.place.line for one in found if one.place and one.place.line]
    assert lines == sorted(lines)


def test_a_class_of_fault_that_nobody_knows_is_still_a_refusal():
    tree = parse_tree(document_bytes())
    error = refusal_of(Finding("SCHEMAV_SOMETHING_NEW", tree, Kind.DOCUMENT))
    assert isinstance(error, SchemaViolationError)
    assert error.code == "schema.violation"
    assert error.place == Place(xpath="/edXML", line=2)


@pytest.mark.parametrize("declaration", ["xmlns:xml='u:x'", "xmlns:a=''", "xmlns:xmlns='u:x'"])
def test_a_fault_that_has_no_code_of_its_own_is_still_a_refusal(declaration: str):
    with pytest.raises(EnvelopeError) as caught:
        parse_tree(f"<a {declaration}/>".encode())
    assert caught.value.code == "envelope.not-well-formed"


def test_every_code_has_a_package_of_its_own():
    assert len({code for code, _ in BYTES.values()}) >= 20
