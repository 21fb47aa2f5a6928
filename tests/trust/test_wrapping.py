"""Wrapping: the signed part is moved, a forged one stands where readers look.

The shapes are those of signature wrapping on SAML (SAMLRaider's numbering where there is one),
ported to edXML, plus a seeded generator that combines places, copies and depths. For each one the
package is refused by name, or everything that can be read is what was signed.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import pytest
from lxml import etree

from axis.errors import AxisError, Fault
from axis.trust.canonical import canonical
from axis.trust.sign import sign
from axis.trust.values import Shape
from axis.trust.verify import verify
from tests.trust.material import DS, Office, Q, package, tree

ENVELOPE, HEADER = f"{{{Q}}}edXMLEnvelope", f"{{{Q}}}edXMLHeader"
BODY, ENCODED = f"{{{Q}}}edXMLBody", f"{{{Q}}}AttachmentEncoded"
SIGNATURE, OBJECT = f"{{{DS}}}Signature", f"{{{DS}}}Object"
EVIL = "Kẻ mạo danh"

Wrap = Callable[[etree._Element], None]


def part(root: etree._Element, name: str) -> etree._Element:
    found = next(root.iter(name), None)
    assert found is not None
    return found


def take(root: etree._Element) -> etree._Element:
    """Take the signature out of a tree, its tail apart."""
    signature = part(root, SIGNATURE)
    parent = signature.getparent()
    assert parent is not None
    parent.remove(signature)
    signature.tail = None
    return signature


def forged(root: etree._Element, *, signed: bool = False, same_id: bool = True) -> etree._Element:
    """Return a forged copy of the envelope."""
    evil = copy.deepcopy(part(root, ENVELOPE))
    evil.tail = None
    for each in evil.iter(f"{{{Q}}}OrganName"):
        each.text = EVIL
    if not signed:
        take(evil)
    if not same_id and "Id" in evil.attrib:
        evil.set("Id", "another")
    return evil


def evil_first(root: etree._Element) -> None:
    root.insert(0, forged(root))


def evil_second(root: etree._Element) -> None:
    root.insert(1, forged(root))


def evil_first_with_another_id(root: etree._Element) -> None:
    root.insert(0, forged(root, same_id=False))


def evil_last_with_another_id(root: etree._Element) -> None:
    root.append(forged(root, same_id=False))


def evil_without_id_first(root: etree._Element) -> None:
    evil = forged(root)
    evil.attrib.pop("Id", None)
    root.insert(0, evil)


def evil_with_a_copied_signature(root: etree._Element) -> None:
    root.insert(0, forged(root, signed=True))


def evil_wraps_the_signed(root: etree._Element) -> None:
    evil = forged(root, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    evil.append(original)


def signed_wraps_the_evil(root: etree._Element) -> None:
    part(root, ENVELOPE).append(forged(root, same_id=False))


def signature_in_the_evil_original_in_an_object(root: etree._Element) -> None:
    """XSW 4 and 7: the signature moves, the original hides in its Object."""
    evil = forged(root, same_id=False)
    signature = take(root)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    part(evil, HEADER).append(signature)
    etree.SubElement(signature, OBJECT).append(original)


def copied_signature_original_in_its_object(root: etree._Element) -> None:
    """XSW 8: the evil has a copy of the signature, whose Object holds the original."""
    evil = forged(root, signed=True, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    etree.SubElement(part(evil, SIGNATURE), OBJECT).append(original)


def original_in_a_header_extension(root: etree._Element) -> None:
    evil = forged(root, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    etree.SubElement(part(evil, HEADER), f"{{{Q}}}Extensions").append(original)


def original_in_the_body(root: etree._Element) -> None:
    evil = forged(root, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    part(evil, BODY).append(original)


def original_among_the_attachments(root: etree._Element) -> None:
    evil = forged(root, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    part(root, ENCODED).append(original)


def original_under_a_foreign_element(root: etree._Element) -> None:
    evil = forged(root, same_id=False)
    original = part(root, ENVELOPE)
    root.replace(original, evil)
    etree.SubElement(root, "{urn:x}hidden").append(original)


def a_second_header_before(root: etree._Element) -> None:
    evil = copy.deepcopy(part(root, HEADER))
    take(evil)
    for each in evil.iter(f"{{{Q}}}OrganName"):
        each.text = EVIL
    part(root, ENVELOPE).insert(0, evil)


def a_second_header_after(root: etree._Element) -> None:
    evil = copy.deepcopy(part(root, HEADER))
    take(evil)
    part(root, ENVELOPE).append(evil)


def the_root_in_a_root(root: etree._Element) -> None:
    inner = copy.deepcopy(root)
    for each in list(root):
        root.remove(each)
    evil = copy.deepcopy(part(inner, ENVELOPE))
    take(evil)
    root.append(evil)
    root.append(inner)


def signature_to(name: str) -> Wrap:
    def wrap(root: etree._Element) -> None:
        signature = take(root)
        (root if name == "edXML" else part(root, f"{{{Q}}}{name}")).append(signature)

    return wrap


def two_signatures(root: etree._Element) -> None:
    part(root, HEADER).append(copy.deepcopy(part(root, SIGNATURE)))


def a_signature_in_an_attachment(root: etree._Element) -> None:
    part(root, f"{{{Q}}}Attachment").append(copy.deepcopy(part(root, SIGNATURE)))


def a_signature_in_the_signature(root: etree._Element) -> None:
    part(root, SIGNATURE).append(copy.deepcopy(part(root, SIGNATURE)))


def two_signed_infos(root: etree._Element) -> None:
    """CVE-2025-29774."""
    signature = part(root, SIGNATURE)
    signature.insert(0, copy.deepcopy(signature[0]))


def two_signed_infos_the_second_after(root: etree._Element) -> None:
    signature = part(root, SIGNATURE)
    signature.append(copy.deepcopy(signature[0]))


def a_signed_info_in_an_object(root: etree._Element) -> None:
    signature = part(root, SIGNATURE)
    etree.SubElement(signature, OBJECT).append(copy.deepcopy(signature[0]))


def a_signed_info_under_a_wrapper(root: etree._Element) -> None:
    signature = part(root, SIGNATURE)
    info = signature[0]
    wrapper = etree.Element("{urn:x}wrapper")
    signature.replace(info, wrapper)
    wrapper.append(info)


def two_values(root: etree._Element) -> None:
    signature = part(root, SIGNATURE)
    signature.insert(1, copy.deepcopy(signature[1]))


def two_digest_values(root: etree._Element) -> None:
    value = part(root, f"{{{DS}}}DigestValue")
    parent = value.getparent()
    assert parent is not None
    parent.append(copy.deepcopy(value))


def a_comment_in_the_digest(root: etree._Element) -> None:
    """CVE-2025-29775."""
    value = part(root, f"{{{DS}}}DigestValue")
    comment = etree.Comment("AAAA")
    comment.tail, value.text = value.text, "x"
    value.append(comment)


def a_child_in_the_digest(root: etree._Element) -> None:
    etree.SubElement(part(root, f"{{{DS}}}DigestValue"), f"{{{DS}}}x")


def another_root(root: etree._Element) -> None:
    root.tag = "{urn:x}edXML"


MISPLACED, MANY = "signature.misplaced", "signature.more-than-one"
SHAPES: list[tuple[Wrap, str]] = [
    (evil_first, MISPLACED),
    (evil_second, MISPLACED),
    (evil_first_with_another_id, MISPLACED),
    (evil_last_with_another_id, MISPLACED),
    (evil_without_id_first, MISPLACED),
    (evil_with_a_copied_signature, MANY),
    (evil_wraps_the_signed, MISPLACED),
    (signed_wraps_the_evil, MISPLACED),
    (signature_in_the_evil_original_in_an_object, MISPLACED),
    (copied_signature_original_in_its_object, MANY),
    (original_in_a_header_extension, MISPLACED),
    (original_in_the_body, MISPLACED),
    (original_among_the_attachments, MISPLACED),
    (original_under_a_foreign_element, MISPLACED),
    (a_second_header_before, MISPLACED),
    (a_second_header_after, MISPLACED),
    (the_root_in_a_root, MISPLACED),
    (signature_to("edXML"), MISPLACED),
    (signature_to("edXMLEnvelope"), MISPLACED),
    (signature_to("edXMLBody"), MISPLACED),
    (signature_to("MessageHeader"), MISPLACED),
    (signature_to("AttachmentEncoded"), MISPLACED),
    (two_signatures, MANY),
    (a_signature_in_an_attachment, MANY),
    (a_signature_in_the_signature, MANY),
    (two_signed_infos, "signature.form"),
    (two_signed_infos_the_second_after, "signature.form"),
    (a_signed_info_in_an_object, "signature.form"),
    (a_signed_info_under_a_wrapper, "signature.form"),
    (two_values, "signature.form"),
    (two_digest_values, "signature.reference"),
    (a_comment_in_the_digest, "signature.foreign-node"),
    (a_child_in_the_digest, "signature.encoding"),
    (another_root, MISPLACED),
]


def verdict(root: etree._Element) -> str:
    """Judge what arrives: the bytes are written and read again, as they travel."""
    arrived = tree(etree.tostring(root))
    try:
        verify(arrived)
    except AxisError as error:
        return error.code if error.fault is Fault.INPUT else f"{error.code} {error.fault}"
    return "passed"


@pytest.mark.parametrize(
    ("wrap", "expected"),
    [pytest.param(wrap, code, id=wrap.__name__ + str(i)) for i, (wrap, code) in enumerate(SHAPES)],
)
def test_a_wrapped_signature_is_refused(
    office: Office, shape: Shape, wrap: Wrap, expected: str
) -> None:
    root = tree(sign(package(), office.signer, shape))
    wrap(root)
    assert verdict(root) == expected


def test_the_signature_may_stand_anywhere_in_the_header(office: Office, shape: Shape) -> None:
    for position in range(3):
        root = tree(sign(package(), office.signer, shape))
        signature = take(root)
        part(root, HEADER).insert(position, signature)
        assert verdict(root) == "passed"


def test_naive_readers_would_have_believed_the_forgeries(office: Office) -> None:
    """The negative control: the forged text is what a reader of the first envelope finds."""
    root = tree(sign(package(), office.signer))
    evil_first(root)
    name = root.findtext(f"{ENVELOPE}/{HEADER}/{{{Q}}}MessageHeader/{{{Q}}}From/{{{Q}}}OrganName")
    assert name == EVIL


def test_a_thousand_seeded_combinations_never_show_what_was_not_signed(
    office: Office, shape: Shape, capsys: pytest.CaptureFixture[str]
) -> None:
    """Random moves of whole parts: what passes is, without its signature, what was signed."""
    signed = sign(package(), office.signer, shape)
    original = tree(signed)
    take(original)
    allowed = _readable(original, shape)
    counts: dict[str, int] = {}
    for seed in range(1000):
        chance = random.Random(seed)
        root = tree(signed)
        for _ in range(chance.randint(1, 3)):
            _shuffle(root, chance)
        got = verdict(root)
        counts[got] = counts.get(got, 0) + 1
        if got == "passed":
            take(root)
            envelope, contents = _readable(root, shape)
            assert envelope == allowed[0], f"seed {seed}"
            # Attachments may leave a manifest-shaped package; none may change.
            assert contents.items() <= allowed[1].items(), f"seed {seed}"
    with capsys.disabled():
        print(f"\nwrapping, {shape}: {dict(sorted(counts.items()))}")
    assert len(counts) > 3


def _readable(root: etree._Element, shape: Shape) -> tuple[bytes, dict[str, str | None]]:
    """Return what a reader reads: the canonical form, and what stands apart from it."""
    if shape is Shape.WHOLE:
        return canonical(root), {}
    contents = {
        each.findtext(f"{{{Q}}}ContentId", ""): each.findtext(f"{{{Q}}}ContentTransferEncoded")
        for each in root.iter(f"{{{Q}}}Attachment")
    }
    return canonical(part(root, ENVELOPE)), contents


def _shuffle(root: etree._Element, chance: random.Random) -> None:
    """Copy, move, wrap or forge a random element."""
    elements = [each for each in root.iter() if each is not root]
    if not elements:
        return
    one, place = chance.choice(elements), chance.choice([root, *elements])
    action = chance.choice(("copy", "move", "wrap", "forge", "drop", "rename", "swap"))
    if place is one or one in place.iterancestors():
        return
    parent = one.getparent()
    assert parent is not None
    match action:
        case "copy":
            twin = copy.deepcopy(one)
            if chance.random() < 0.5:
                for each in twin.iter(f"{{{Q}}}OrganId"):
                    each.text = "X99"
            place.insert(chance.randint(0, len(place)), twin)
        case "move":
            place.insert(chance.randint(0, len(place)), one)
        case "wrap":
            wrapper = etree.Element(chance.choice(elements).tag)
            parent.replace(one, wrapper)
            wrapper.append(one)
        case "forge":
            one.text = EVIL
        case "drop":
            parent.remove(one)
        case "rename":
            one.tag = chance.choice(elements).tag
        case "swap":
            parent.insert(0, one)
