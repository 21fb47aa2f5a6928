"""The second reading finds the same canonical form as libxml2, from the bytes alone."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from axis.envelope.limits import prescan
from axis.envelope.skeleton import Skeleton
from axis.errors import AxisError
from axis.trust.canonical import canonical
from axis.trust.lexical import LexicalError, Scope, Tag, character_data, root_scope, tokens
from axis.trust.second_opinion import ask_signxml
from axis.trust.second_reading import compare, read_again
from axis.trust.sign import sign
from axis.trust.values import Shape
from axis.trust.verify import verify, verify_forms
from tests.trust.material import Office, package, tree


def lexical(body: bytes) -> bytes:
    """Return the exclusive canonical form of a document by our tokens."""
    out: list[bytes] = []
    scope = root_scope()
    stack: list[tuple[Tag, Scope]] = []
    read = tokens(body)
    for text_of_tag, text in zip(read.tags, read.texts, strict=True):
        if text_of_tag.startswith(b"/"):
            tag, scope = stack.pop()
            out.append(tag.end)
        else:
            tag = scope.tag(text_of_tag)
            out.append(tag.start)
            if tag.is_empty:
                out.append(tag.end)
            else:
                stack.append((tag, scope))
                scope = tag.inner
        if stack:
            out.append(character_data(text))
    return b"".join(out)


CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
TEXT = st.text(CHARACTERS | st.sampled_from("<>&\"' \t\n\r"), max_size=12)
PREFIX = st.sampled_from(["", "a", "b", "edXML"])
URI = st.sampled_from(["urn:a", "urn:b", "urn:ä&<\"'"])
NAME = st.sampled_from(["x", "y", "Tên", "z-1"])


def escape(text: str, chance: random.Random, *, attribute: bool) -> str:
    """Write a text in one of its many spellings."""
    out = []
    for each in text:
        ways = [f"&#{ord(each)};", f"&#x{ord(each):x};", f"&#x{ord(each):X};"]
        named = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;"}
        if each in named:
            ways.append(named[each])
        if each not in "<&\r" and not (attribute and each in "\"'"):
            ways += [each] * 6
        out.append(chance.choice(ways))
    return "".join(out).replace("]]>", "]]&gt;")


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Draw a document with namespaces declared in all the ways that there are."""
    chance = random.Random(draw(st.integers(0, 2**32)))

    def element(depth: int, scope: dict[str, str]) -> str:
        scope = dict(scope)
        attributes = []
        for prefix in draw(st.lists(PREFIX, max_size=2, unique=True)):
            uri = draw(URI)
            if not prefix and chance.random() < 0.3:
                uri = ""
            scope[prefix] = uri
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            attributes.append((name, uri))
        usable = [p for p in scope if scope[p] or not p]
        prefix = chance.choice([*usable, ""])
        seen = set()
        for name, value in draw(st.lists(st.tuples(NAME, TEXT), max_size=3)):
            of = chance.choice(["", "", *[p for p in usable if p]])
            if (scope.get(of, "") if of else "", name) in seen:
                continue
            seen.add((scope.get(of, "") if of else "", name))
            attributes.append((f"{of}:{name}" if of else name, value))
        if chance.random() < 0.1:
            attributes.append(("xml:lang", "vi"))
        chance.shuffle(attributes)
        tag = f"{prefix}:{draw(NAME)}" if prefix else draw(NAME)
        written = "".join(
            chance.choice([" ", "\n", "  "])
            + name
            + chance.choice(["=", " = "])
            + (q := chance.choice("\"'"))
            + escape(value, chance, attribute=True)
            + q
            for name, value in attributes
        )
        inside = []
        if depth < 3:
            for _ in range(draw(st.integers(0, 3))):
                kind = chance.random()
                if kind < 0.5:
                    inside.append(element(depth + 1, scope))
                elif kind < 0.9:
                    inside.append(escape(draw(TEXT), chance, attribute=False))
                else:
                    inside.append("<![CDATA[" + draw(TEXT).replace("]]>", "") + "]]>")
        if not inside and chance.random() < 0.5:
            return f"<{tag}{written}{chance.choice(['', ' '])}/>"
        return f"<{tag}{written}>{''.join(inside)}</{tag}{chance.choice(['', ' '])}>"

    start = chance.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n', "\ufeff"])
    return (start + element(0, {"": ""}) + chance.choice(["", "\n "])).encode()


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_our_tokens_give_the_canonical_form_of_libxml2(body: bytes) -> None:
    try:
        expected = canonical(tree(body))
    except etree.XMLSyntaxError:
        return  # two attributes that turn out to be the same, and the like
    assert lexical(body) == expected


def test_the_canonical_forms_that_others_publish(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """libxml2's vectors whose node set is a whole element; the others need what we refuse."""
    base = shared / "data" / "corpora" / "comment-c14n"
    folder, results = (base / name / "exc-without-comments" for name in
                       ("libxml2-c14n", "libxml2-c14n-result"))  # fmt: skip
    driven, left = 0, 0
    for path in sorted(folder.glob("*.xpath")):
        text = re.sub(r"<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
        whole = re.search(r"\[\s*ancestor-or-self::([\w:]+)\s*\]", text)
        data = path.with_suffix(".xml").read_bytes()
        if whole is None or path.with_suffix(".ns").exists() or b"<!DOCTYPE" in data:
            left += 1
            continue
        declared = dict(re.findall(r'xmlns:(\w+)="([^"]*)"', text))
        root = etree.fromstring(data)
        found = root.xpath(f"//{whole.group(1)}", namespaces=declared)
        expected = (results / path.stem).read_bytes()
        assert canonical(found[0]) == expected
        assert lexical(etree.tostring(found[0], with_tail=False)) == expected
        driven += 1
    with capsys.disabled():
        print(f"\nexclusive C14N: {driven} equal, {left} need XPath, a PrefixList or a DTD")
    assert driven >= 2


def test_the_references_of_merlin_s_exclusive_c14n(shared: Path) -> None:
    import base64
    import hashlib

    path = shared / "data" / "corpora" / "xmldsig-interop" / "merlin-exc-c14n-one"
    root = etree.fromstring((path / "exc-signature.xml").read_bytes())
    ds = "{http://www.w3.org/2000/09/xmldsig#}"
    target = root.xpath("//*[@Id='to-be-signed']")[0]
    first = next(root.iter(f"{ds}Reference"))
    value = base64.b64decode(first.findtext(f"{ds}DigestValue", ""))
    assert hashlib.sha1(canonical(target)).digest() == value


@pytest.mark.parametrize("large", [False, True])
def test_both_verifiers_and_signxml_agree(office: Office, shape: Shape, large: bool) -> None:
    contents = {"a": bytes(range(256)) * (2000 if large else 1), "b": b"x" * 30_000, "c": b""}
    body = sign(package(contents), office.signer, shape)
    texts = prescan(body).attachment_texts
    assert len(Skeleton(body, texts)) == (2 if large else 1)
    verified = verify(tree(body))
    skeleton = Skeleton(body, texts)
    lean, forms = verify_forms(tree(skeleton.skeleton), skeleton=skeleton)
    assert lean == verified
    read_again(body, verified)
    compare(skeleton, verified, forms)
    ask_signxml(body, verified)


def test_folded_base64_is_hashed_where_it_lies(office: Office, shape: Shape) -> None:
    body = package({"a": bytes(range(256)) * 2000})
    start, end = prescan(body).attachment_texts[0]
    lines = re.sub(rb".{76}", rb"\g<0>\n", body[start:end])
    for text in (lines, lines.replace(b"\n", b"\r\n"), lines.replace(b"\n", b" &#32;")):
        signed = sign(body[:start] + text + body[end:], office.signer, shape)
        if b"&" in text and shape is Shape.MANIFEST:
            signed = signed.replace(b"&#32;", b" ")
        skeleton = Skeleton(signed, prescan(signed).attachment_texts)
        assert len(skeleton) == 1
        verified, forms = verify_forms(tree(skeleton.skeleton), skeleton=skeleton)
        assert verified == verify(tree(signed))
        read_again(signed, verified)
        compare(skeleton, verified, forms)


def test_base64_as_java_breaks_it_is_read_alike(office: Office, shape: Shape) -> None:
    """The JDK's XML Signature writes CR LF within its values, the CR as a reference."""
    signed = sign(package({"a": b"x" * 100}), office.signer, shape)
    for name in (b"X509Certificate", b"SignatureValue"):
        signed = re.sub(
            rb"(<ds:%b>)([^<]*)" % name,
            lambda found: found[1] + re.sub(rb".{76}", b"\\g<0>&#13;\n", found[2]),
            signed,
        )
    assert b"&#13;" in signed
    skeleton = Skeleton(signed, prescan(signed).attachment_texts)
    verified, forms = verify_forms(tree(skeleton.skeleton), skeleton=skeleton)
    read_again(signed, verified)
    compare(skeleton, verified, forms)
    ask_signxml(signed, verified)


def test_what_looks_like_a_mark_is_only_text(office: Office, shape: Shape) -> None:
    """The mark is a digest of what is kept: whoever writes it into the package changes it."""
    contents = {"a": bytes(30_000)}
    body = sign(package(contents), office.signer, shape)
    mark = Skeleton(body, prescan(body).attachment_texts).mark
    forged = sign(package({**contents, "b": b""}).replace(b">7816<", b">" + mark + b"<"),
                  office.signer, shape)  # fmt: skip
    skeleton = Skeleton(forged, prescan(forged).attachment_texts)
    assert skeleton.mark not in {mark, b""}
    compare(skeleton, *verify_forms(tree(skeleton.skeleton), skeleton=skeleton))


def disagreement(body: bytes, verified) -> str:
    try:
        read_again(body, verified)
    except AxisError as error:
        return error.code
    return "agreed"


def test_the_second_reading_refuses_by_itself_what_was_changed(
    office: Office, other, shape: Shape
) -> None:
    body = sign(package(), office.signer, shape)
    verified = verify(tree(body))
    signature = re.search(rb"<ds:Signature .*</ds:Signature>", body, re.DOTALL)
    assert signature is not None
    for changed in (
        body.replace(b">7816<", b">7817<"),
        body.replace(b"JVBERi0xLjcgAP8=", b"JVBERi0xLjcgAP4="),
        body.replace(signature.group(), b""),
        body.replace(signature.group(), signature.group() * 2),
        sign(package(), other, shape),
        body.replace(b"<edXML:Subject>", b"<edXML:Subject><!---->"),
        body[:-20],
        body + b"<x/>",
        body + b"x",
        b"x" + body,
        body.replace(b"</edXML:Subject>", b"</edXML:Subjekt>"),
        body.replace(b"<edXML:Subject>", b'<edXML:Subject a="<">'),
        body.replace(b"7816", b"&unknown;"),
        body.replace(b"7816", b"&#0;7816"),
        b"",
    ):
        assert changed != body
        assert disagreement(changed, verified) == "signature.verifiers-disagree"
    assert disagreement(body, verified) == "agreed"


def test_a_thousand_different_tags_are_not_all_remembered() -> None:
    for number in range(3):
        body = b"<r>" + b"".join(b"<t%d-%d/>" % (number, i) for i in range(9000)) + b"</r>"
        assert lexical(body) == canonical(tree(body))


@pytest.mark.parametrize(
    "tag", [b"a b", b"a b=c", b"a 'b'", b"1a", b"a:b:c", b"q:a", b"a q:b='c'", b"a b='&#xD800;'"]
)
def test_a_tag_that_is_no_tag_is_refused(tag: bytes) -> None:
    with pytest.raises(LexicalError):
        lexical(b"<" + tag + b"></a>")
