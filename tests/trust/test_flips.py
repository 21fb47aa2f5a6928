"""Flip any byte of a signed package: it is refused, or all that can be read is unchanged."""

from __future__ import annotations

import random

import pytest

from axis.envelope.limits import Limits
from axis.envelope.tree import parse_tree
from axis.errors import AxisError
from axis.examine.inspect import inspect
from axis.trust.canonical import canonical
from axis.trust.sign import sign
from axis.trust.values import Shape
from tests.trust.material import DS, Office, Q, package, tree

CONTENTS = {"a-1": b"Noi dung cua tep dinh kem", "a-2": b"%PDF"}


def readable(body: bytes, shape: Shape) -> tuple[bytes, dict[str, bytes]]:
    """Return the canonical form of what is read, and the attachments that are apart from it."""
    root = tree(body)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    tail, parent, before = signature.tail, signature.getparent(), signature.getprevious()
    assert parent is not None
    parent.remove(signature)
    if before is not None:
        before.tail = (before.tail or "") + (tail or "")
    if shape is Shape.WHOLE:
        return canonical(root), {}
    envelope = next(root.iter(f"{{{Q}}}edXMLEnvelope"))
    contents = {
        each.findtext(f"{{{Q}}}ContentId", "").strip().removeprefix("cid:"): b"".join(
            each.findtext(f"{{{Q}}}ContentTransferEncoded", "").encode().split()
        )
        for each in root.iter(f"{{{Q}}}Attachment")
    }
    return canonical(envelope), contents


def refused(body: bytes, office: Office) -> str | None:
    """Return why the axis refuses a package; the registry knows the office's certificate only."""
    try:
        verified = inspect(body, limits=Limits(), second_opinion=True).verified()
    except AxisError as error:
        return error.code
    known = verified.certificate_sha256 == office.certificate.sha256
    return None if known else "certificate.unregistered"


def flip(body: bytes, at: int, bits: int) -> bytes:
    return body[:at] + bytes([body[at] ^ bits]) + body[at + 1 :]


def test_flipping_any_byte_is_refused_or_changes_nothing_that_is_read(
    office: Office, shape: Shape, capsys: pytest.CaptureFixture[str]
) -> None:
    body = sign(package(CONTENTS), office.signer, shape)
    expected = readable(body, shape)
    chance = random.Random(shape)
    passed = []
    codes = set()
    for at in range(len(body)):
        changed = flip(body, at, chance.choice([1, 2, 4, 8, 16, 32, 64, 128, 255]))
        code = refused(changed, office)
        codes.add(code)
        if code is None:
            passed.append(at)
            got = readable(changed, shape)
            assert got[0] == expected[0], at
            # Base64 that decodes alike may be spelled otherwise; the digest holds the bytes.
            assert got[1].keys() <= expected[1].keys(), at
    with capsys.disabled():
        print(
            f"\nflips, {shape}: {len(body)} bytes, {len(passed)} without effect, {len(codes)} codes"
        )
    assert len(passed) < 100
    assert refused(body, office) is None


@pytest.mark.parametrize("seed", range(4))
def test_cutting_doubling_and_moving_bytes_is_refused_or_changes_nothing(
    office: Office, shape: Shape, seed: int
) -> None:
    body = sign(package(CONTENTS), office.signer, shape)
    expected = readable(body, shape)[0]
    chance = random.Random(f"{seed}{shape}")
    for _ in range(300):
        start = chance.randrange(len(body))
        end = min(len(body), start + chance.choice([1, 2, 7, 40, 400]))
        at = chance.randrange(len(body))
        match chance.choice(("cut", "double", "move", "insert")):
            case "cut":
                changed = body[:start] + body[end:]
            case "double":
                changed = body[:end] + body[start:]
            case "move":
                rest = body[:start] + body[end:]
                changed = rest[:at] + body[start:end] + rest[at:]
            case _:
                changed = body[:at] + body[start:end] + body[at:]
        if refused(changed, office) is None:
            assert readable(changed, shape)[0] == expected


def test_the_trees_of_both_parsers_are_the_same(office: Office, shape: Shape) -> None:
    body = sign(package(CONTENTS), office.signer, shape)
    assert canonical(parse_tree(body)) == canonical(tree(body))
