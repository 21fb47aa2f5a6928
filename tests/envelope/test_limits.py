"""Each limit lets its number pass and refuses one more; the fast bounds never let more through."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from axis.envelope import counting
from axis.envelope.errors import EnvelopeError
from axis.envelope.limits import DEFAULT, Limits, prescan
from axis.envelope.package import parse
from axis.envelope.values import OrganId, Organization
from axis.envelope.vocabulary import Kind, vocabulary
from axis.envelope.writer import attach, encode
from envelope.limits_page import NOTE, limits_page
from envelope.papers import PDF, document, document_bytes, put, swap

GOOD = document_bytes()
COUNTED = counting.count(GOOD, (), DEFAULT)
TASK = "<edXML:TaskCode>"
HUGE = Limits(
    package_bytes=10**9,
    envelope_bytes=10**9,
    elements=10**9,
    children=10**9,
    attributes=10**9,
    namespace_declarations=10**9,
    depth=10**9,
)


def package_of(size: int) -> bytes:
    filler = "A" * ((size - len(GOOD)) // 4 * 4)
    body = swap(GOOD, "JVBERi", f"{filler}JVBERi")
    return body + b"\n" * (size - len(body))


def envelope_of(size: int) -> bytes:
    part = len(GOOD) - sum(end - start for start, end in prescan(GOOD).attachment_texts)
    return GOOD + b"\n" * (size - part)


def elements_of(number: int) -> bytes:
    missing = number - COUNTED.elements
    body = put(GOOD, TASK, "<edXML:TaskCode/>" * 5000)
    body = put(body, "<edXML:Appendix>", "<edXML:Appendix/>" * 5000)
    body = put(body, "<edXML:Place>Các bộ", "<edXML:Place/>" * 5000)
    return put(body, "<edXML:Subject>", "<edXML:ResponseFor/>" * (missing - 15_000))


def children_of(number: int) -> bytes:
    return put(GOOD, "<edXML:Appendix>", "<edXML:Appendix/>" * (number - 2))


def attributes_of(number: int) -> bytes:
    written = " ".join(f"x:a{n}=''" for n in range(number - COUNTED.attributes))
    declared = f"<edXML:Reference xmlns:x='http://www.w3.org/1999/xlink' {written}>"
    return swap(GOOD, "<edXML:Reference>", declared)


def declarations_of(number: int) -> bytes:
    missing = number - COUNTED.namespace_declarations
    written = " ".join(f"xmlns:n{n}='u:{n}'" for n in range(missing))
    return swap(GOOD, "<edXML ", f"<edXML {written} ")


def depth_of(number: int) -> bytes:
    levels = number - len(["edXML", "edXMLEnvelope", "edXMLHeader", "Signature"])
    inside = "<edXML:a>" * levels + "</edXML:a>" * levels
    return put(GOOD, "</edXML:edXMLHeader>", f"<edXML:Signature>{inside}</edXML:Signature>")


def recipients_of(number: int) -> bytes:
    offices = tuple(Organization(organ_id=OrganId(f"H{n}")) for n in range(number))
    return encode(structs.replace(document(), recipients=offices), {"209": PDF})


def attachments_of(number: int) -> bytes:
    references = tuple(attach(str(n), f"{n}.pdf", b"x")[0] for n in range(number))
    envelope = structs.replace(document(), manifest=references)
    return encode(envelope, {str(n): b"x" for n in range(number)})


def name_of(size: int) -> bytes:
    # written in NFD, where it is longer: the limit counts NFC
    name = "o\u0302\u0323" * ((size - 3) // 3) + "1" * ((size - 3) % 3) + "pdf"
    return swap(GOOD, "7816 công văn.pdf", name, times=2)


def text_of(element: str, old: str) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        return swap(GOOD, f"<edXML:{element}>{old}", f"<edXML:{element}>{'ộ' * size}")

    return make


MAKE: dict[str, Callable[[int], bytes]] = {
    "package_bytes": package_of,
    "envelope_bytes": envelope_of,
    "elements": elements_of,
    "children": children_of,
    "attributes": attributes_of,
    "namespace_declarations": declarations_of,
    "depth": depth_of,
    "recipients": recipients_of,
    "attachments": attachments_of,
    "attachment_name_bytes": name_of,
    "key_characters": text_of("CodeNumber", "7816"),
    "line_characters": text_of("FullName", "Nguyễn Văn Mẫu"),
    "prose_characters": text_of("Content", "Nội dung &amp; &lt;ghi chú&gt;"),
}
REFUSED_WITH = {
    "package_bytes": "envelope.too-large",
    "envelope_bytes": "envelope.part-too-large",
    "elements": "envelope.too-many-elements",
    "children": "envelope.too-many-elements",
    "attributes": "envelope.too-many-attributes",
    "namespace_declarations": "envelope.namespace-declarations",
    "depth": "envelope.too-deep",
    "recipients": "envelope.too-many-recipients",
    "attachments": "attachment.too-many",
    "attachment_name_bytes": "attachment.name-too-long",
    "key_characters": "schema.too-long",
    "line_characters": "schema.too-long",
    "prose_characters": "schema.too-long",
}
FIELDS = {field.name: field for field in dataclasses.fields(Limits)}


def test_every_limit_is_tested():
    assert MAKE.keys() == REFUSED_WITH.keys() == FIELDS.keys()
    assert {name: field.metadata["code"] for name, field in FIELDS.items()} == REFUSED_WITH


@pytest.mark.parametrize("name", MAKE)
def test_a_package_at_the_limit_passes(name: str):
    limit = getattr(DEFAULT, name)
    assert parse(MAKE[name](limit)).envelope is not None


@pytest.mark.parametrize("name", MAKE)
def test_a_package_one_over_the_limit_is_refused(name: str):
    limit = getattr(DEFAULT, name)
    with pytest.raises(EnvelopeError) as caught:
        parse(MAKE[name](limit + 1))
    assert caught.value.code == REFUSED_WITH[name]
    assert caught.value.facts["expected"] == f"≤ {limit}"
    assert caught.value.facts["got"] == limit + 1


@pytest.mark.parametrize("type_name", ["Key", "FilledKey"])
def test_the_schemas_hold_the_lengths_of_keys(type_name: str):
    for kind in Kind:
        assert vocabulary(kind).types[type_name].most_characters == DEFAULT.key_characters


@pytest.mark.parametrize("type_name", ["Line", "FilledLine"])
def test_the_schemas_hold_the_lengths_of_lines(type_name: str):
    for kind in Kind:
        assert vocabulary(kind).types[type_name].most_characters == DEFAULT.line_characters


@pytest.mark.parametrize("type_name", ["Prose", "FilledProse"])
def test_the_schemas_hold_the_lengths_of_prose(type_name: str):
    for kind in Kind:
        assert vocabulary(kind).types[type_name].most_characters == DEFAULT.prose_characters


def test_the_page_of_limits_is_up_to_date():
    page = Path(__file__).parent.parent.parent / "docs" / "limits.md"
    assert page.read_text(encoding="utf-8") == limits_page(), NOTE


# --- the bounds against the exact count -----------------------------------------------------------

TEXTS = st.text(alphabet="ab =/>\"'&;]\n<", max_size=12)
NAMES = st.sampled_from(["a", "b", "id", "ContentTransferEncoded"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["n", "id", "Id", "ID", "xmlns:q", "p:iD", "long"]), TEXTS, max_size=3
)


def _element(name: str, attributes: dict[str, str], inside: list[str]) -> str:
    written = "".join(
        f" {key}={quoteattr(value if key != 'xmlns:q' else 'u:q')}"
        for key, value in attributes.items()
    )
    content = "".join(inside)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _barely_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")


PLAIN = st.one_of(TEXTS.map(escape), TEXTS.map(_barely_escaped))
LEAVES = st.one_of(PLAIN, TEXTS.map(lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>"))


def trees(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        leaves,
        lambda inside: st.builds(_element, NAMES, ATTRIBUTES, st.lists(inside, max_size=4)),
        max_leaves=30,
    ).map(lambda inside: f"<r xmlns:p='u:p'>{inside}</r>")


def _declare(text: str) -> bytes:
    return text.encode()


@given(st.one_of(trees(LEAVES), trees(PLAIN)).map(_declare))
def test_the_bounds_are_never_below_the_exact_count(body: bytes):
    exact = counting.count(body, (), HUGE)
    scan = prescan(body, HUGE)
    assert scan.elements == exact.elements
    assert scan.depth >= exact.depth
    assert scan.attributes >= exact.attributes
    assert scan.namespace_declarations >= exact.namespace_declarations
    assert scan.id_attributes >= exact.id_attributes


@given(
    st.one_of(trees(LEAVES), trees(PLAIN)).map(_declare),
    st.sampled_from(["elements", "depth", "attributes", "namespace_declarations"]),
)
def test_the_prescan_decides_as_the_exact_count_does(body: bytes, name: str):
    exact = getattr(counting.count(body, (), HUGE), name)
    prescan(body, dataclasses.replace(HUGE, **{name: exact}))
    if exact:
        with pytest.raises(EnvelopeError) as caught:
            prescan(body, dataclasses.replace(HUGE, **{name: exact - 1}))
        assert caught.value.code == REFUSED_WITH[name]


def test_an_attachment_text_that_only_looks_like_one_hides_nothing():
    """A start tag in an attribute, in CDATA, in a comment: what follows is counted."""
    levels = "<a>" * 40 + "</a>" * 40
    for before, after in (
        ("<![CDATA[<ContentTransferEncoded>]]>", "<![CDATA[</ContentTransferEncoded>]]>"),
        ("<x n='&lt;ContentTransferEncoded>'/>", ""),
        ('<ContentTransferEncoded n=">" m="', '"/>'),
    ):
        body = f"<r>{before}{levels if '=' not in before else ''}{after}{levels}</r>".encode()
        with pytest.raises(EnvelopeError):
            prescan(body)


def test_self_closing_text_does_not_lower_the_depth():
    body = ("<a>/>" * 40 + "</a>" * 40).encode()
    with pytest.raises(EnvelopeError) as caught:
        prescan(body)
    assert caught.value.code == "envelope.too-deep"


def test_many_empty_elements_are_no_depth():
    body = ("<r>" + "<a/>" * 500 + "</r>").encode()
    assert prescan(body).elements == 501


def test_the_bounds_suffice_for_the_packages_that_circulate(shared: Path):
    for path in (shared / "data" / "edxml").glob("*.edxml"):
        if path.stem != "edoc":
            scan = prescan(path.read_bytes())
            assert scan.depth <= DEFAULT.depth
            assert scan.envelope_bytes < 10_000
            assert scan.id_attributes == 0
