"""What is remembered or left out for speed changes no answer: each way beside the long one."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from lxml import etree

from axis.envelope.base64 import decode_pieces, decode_plain
from axis.envelope.errors import NotBase64Error
from axis.envelope.limits import DEFAULT, prescan
from axis.envelope.package import parse
from axis.envelope.skeleton import WORTHWHILE, Skeleton
from axis.envelope.tree import parse_tree
from axis.errors import AxisError
from axis.trust import plan as plans
from axis.trust.forms import claim_of
from axis.trust.lexical import LexicalError, tokens
from axis.trust.plan import plan_of
from axis.trust.profile import check_profile
from axis.trust.second_reading import compare, read_again
from axis.trust.sign import sign
from axis.trust.values import Shape
from axis.trust.verify import verify, verify_forms
from tests.trust.fuzz import mutate
from tests.trust.material import Office, package

LARGE = bytes(range(256)) * 64
MUTANTS = 400


def bodies(office: Office, shape: Shape) -> list[bytes]:
    """Signed packages, whole and broken in many ways; the large texts mostly stay whole."""
    chance = random.Random(f"shortcuts {shape}")
    samples = [
        sign(package({"a": LARGE, "b": b"small", "c": LARGE[::-1]}), office.signer, shape),
        sign(package({"a": b"x"}), office.signer, shape),
    ]
    found = list(samples)
    for _ in range(MUTANTS):
        whole = chance.choice(samples)
        texts = [
            (start, end) for start, end in prescan(whole).attachment_texts if end - start > 1000
        ]
        if texts and chance.random() < 0.8:  # break what stands around the large texts
            bones = whole
            for number, (start, end) in reversed(list(enumerate(texts))):
                bones = bones[:start] + b"TEXT%d" % number + bones[end:]
            broken = mutate(bones, chance)
            for number, (start, end) in enumerate(texts):
                broken = broken.replace(b"TEXT%d" % number, whole[start:end])
        else:
            broken = mutate(whole, chance)
        found.append(broken)
    return found


def outcome(action) -> tuple[object, ...]:
    try:
        return ("passed", action())
    except AxisError as error:
        return ("refused", error.code, error.place, dict(error.facts))


def test_a_skeleton_reads_as_the_whole_package(office: Office, shape: Shape) -> None:
    met: Counter[str] = Counter()
    for body in bodies(office, shape):
        whole = outcome(lambda body=body: parse(body, DEFAULT).envelope)
        lean = outcome(lambda body=body: parse(body, DEFAULT, lean=True).envelope)
        assert lean == whole
        met["passed" if whole[0] == "passed" else str(whole[1])] += 1
    assert len(met) > 8
    assert met["passed"] > 10


def test_a_skeleton_is_verified_as_the_whole_package(office: Office, shape: Shape) -> None:
    passed = 0
    for body in bodies(office, shape):
        try:
            scan = prescan(body)
            root = parse_tree(body)
        except AxisError:
            continue
        skeleton = Skeleton(body, scan.attachment_texts)
        bones = parse_tree(skeleton.skeleton, whole=body)
        whole = outcome(lambda root=root: verify(root))
        lean = outcome(lambda bones=bones, s=skeleton: verify(bones, skeleton=s))
        assert lean == whole
        passed += whole[0] == "passed"
    assert passed > 3


def test_a_known_form_gives_the_claim_of_the_profile(office: Office, shape: Shape) -> None:
    def as_said(claim) -> tuple[object, ...]:
        return (
            *(claim.shape, claim.algorithm, claim.method, claim.value, claim.certificate_der),
            *(claim.content, claim.attachments, claim.signature.sourceline),
            *(claim.signed_info.tag, claim.envelope.tag),
        )

    for body in bodies(office, shape) * 2:
        try:
            root = etree.fromstring(body)
        except etree.XMLSyntaxError:
            continue
        expected = outcome(lambda root=root: as_said(check_profile(root)))
        assert outcome(lambda root=root: as_said(claim_of(root))) == expected


def test_comparing_forms_is_reading_again(office: Office, shape: Shape) -> None:
    agreed = 0
    for body in bodies(office, shape):
        try:
            skeleton = Skeleton(body, prescan(body).attachment_texts)
            verified, forms = verify_forms(parse_tree(skeleton.skeleton), skeleton=skeleton)
        except AxisError:
            continue
        short = outcome(lambda s=skeleton, v=verified, f=forms: compare(s, v, f))
        long = outcome(lambda body=body, v=verified: read_again(body, v))
        assert short[0] == long[0]
        agreed += short[0] == "passed"
    assert agreed > 3


@pytest.mark.parametrize("part", ["covered", "signed_info", "value", "digest", "contents"])
def test_a_first_verification_that_errs_is_contradicted(
    office: Office, shape: Shape, part: str
) -> None:
    """Whatever the first found, the second finds by itself; one that is fooled is not believed."""
    from msgspec.structs import replace

    if part == "contents" and shape is Shape.WHOLE:
        pytest.skip("the whole shape covers attachments by the digest of the document")
    body = sign(package(), office.signer, shape)
    skeleton = Skeleton(body, prescan(body).attachment_texts)
    verified, forms = verify_forms(parse_tree(skeleton.skeleton), skeleton=skeleton)
    compare(skeleton, verified, forms)
    wrong = {"other": b""} if part == "contents" else getattr(forms, part) + b"x"
    with pytest.raises(AxisError) as caught:
        compare(skeleton, verified, replace(forms, **{part: wrong}))
    assert caught.value.code == "signature.verifiers-disagree"


def test_a_remembered_plan_is_the_one_worked_out(office: Office, shape: Shape) -> None:
    for body in bodies(office, shape):
        try:
            tags = tokens(body).tags
            fresh = plans._work_out(tags, shape)
        except LexicalError:
            with pytest.raises(LexicalError):
                plan_of(tokens(body).tags, shape)
            continue
        assert plan_of(tags, shape) == fresh == plan_of(list(tags), shape)


def test_what_is_remembered_stays_little(office: Office) -> None:
    for number in range(plans._PLANS + 50):
        plan_of([b"a%d" % number, b"/a%d" % number], Shape.WHOLE)
    assert len(plans._KNOWN) <= plans._PLANS
    long = [b"a", *(b"b%d/" % number for number in range(20_000)), b"/a"]
    before = len(plans._KNOWN)
    plan_of(long, Shape.WHOLE)
    assert len(plans._KNOWN) == before


def test_plain_base64_is_decoded_as_any_other() -> None:
    chance = random.Random("plain")
    met: Counter[bool] = Counter()
    for _ in range(3000):
        text = "".join(chance.choices("ABab09+/= \n", k=chance.randrange(40)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("axis.envelope.base64.PIECE_CHARACTERS", chance.choice((4, 8, 1 << 20)))
            try:
                expected = b"".join(decode_pieces(text))
            except NotBase64Error:
                with pytest.raises(NotBase64Error):
                    list(decode_plain(memoryview(text.encode())))
                met[False] += 1
            else:
                assert b"".join(decode_plain(memoryview(text.encode()))) == expected
                met[True] += 1
    assert min(met.values()) > 100


@pytest.mark.parametrize("strange", [b"&", b"]]>", b"\r", b"\t", b"\x00", b"-", "ộ".encode()])
def test_a_text_with_anything_strange_in_it_stays_where_it_is(strange: bytes) -> None:
    text = b"AAAA" * WORTHWHILE
    body = b"<a>" + text + strange + text + b"</a>"
    assert len(Skeleton(body, [(3, len(body) - 4)])) == 0
    whole = b"<a>" + text + b"\n" + text + b"</a>"
    assert len(Skeleton(whole, [(3, len(whole) - 4)])) == 1
    assert len(Skeleton(whole, [(4, len(whole) - 4)])) == 0  # not all of what is between the tags
