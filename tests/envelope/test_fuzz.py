"""Whatever the bytes are, the answer is a value or one of our codes.

A short run stands here; ``python tests/envelope/test_fuzz.py SECONDS [SEED]`` makes a long one.
"""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import pytest
from lxml import etree

from axis.envelope.diagnosis import diagnose
from axis.envelope.errors import EnvelopeError
from axis.envelope.lint import lint
from axis.envelope.package import parse
from axis.envelope.reader import read
from axis.envelope.tree import parse_tree
from axis.envelope.values import BusinessType
from axis.envelope.writer import Order
from axis.errors import Fault
from envelope.papers import document_bytes, signature, status_bytes

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SEEDS = (
    *(document_bytes(kind) for kind in BusinessType),
    document_bytes(order=Order.JAVA).replace(
        b"</edXML:edXMLHeader>", signature("#e", "cid:209") + b"</edXML:edXMLHeader>"
    ),
    status_bytes(),
)
PIECES = (
    b"<",
    b">",
    b"/>",
    b"</edXML:To>",
    b"<edXML:To>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?x ?>",
    b"<!DOCTYPE a>",
    b"&amp;",
    b"&#0;",
    b"&x;",
    b'"',
    b"'",
    b"=",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\r\n",
    b" xmlns=''",
    b" Id='a'",
    b"<edXML:ContentTransferEncoded>",
    b"<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>",
    b"0",
    b"-1",
    b"9" * 40,
    "\u202e".encode(),
)


def mutate(body: bytes, chance: random.Random) -> bytes:
    """Change a package in one to six places."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + chance.randrange(40)] = b""
            case 2:
                changed[at:at] = chance.choice(PIECES)
            case 3:
                start = chance.randrange(len(changed) + 1)
                changed[at:at] = changed[start : start + chance.randrange(200)]
            case 4:
                changed[at : at + 1] = chance.choice(PIECES)
            case 5 if chance.random() < 0.2:
                del changed[at:]
    return bytes(changed)


TEXTS = ("", " ", "x", "0", "9", "14", "null", "2014/02/30", "cid:", "AAAA", "Ă" * 300, "a\tb\n")


def mutate_tree(body: bytes, chance: random.Random) -> bytes:
    """Change a package in one to four places and keep it well-formed."""
    tree = etree.fromstring(body)
    for _ in range(chance.randint(1, 4)):
        elements = [element for element in tree.iter() if element.getparent() is not None]
        if not elements:
            break
        one, other = chance.choice(elements), chance.choice(elements)
        parent = one.getparent()
        match chance.randrange(7):
            case 0:
                parent.remove(one)
            case 1:
                parent.insert(parent.index(one), deepcopy(one))
            case 2:
                other.append(deepcopy(one))
            case 3:
                one.text = chance.choice(TEXTS)
            case 4:
                one.tail = chance.choice(TEXTS)
            case 5:
                one.tag = chance.choice([other.tag, "x", "{u:x}x", etree.QName(one).localname])
            case 6:
                name = chance.choice(["id", "Id", "{u:x}id", "version", f"{{{XSI}}}nil"])
                one.set(name, chance.choice(TEXTS))
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)


def answer(body: bytes) -> str:
    """Return the answer to a package; everything but a value and a refusal raises."""
    try:
        parse(body)
    except EnvelopeError as error:
        refusal = error
    else:
        lint(body)
        assert diagnose(body) == []
        return "accepted"
    assert refusal.fault is Fault.INPUT
    assert refusal.refusal.text("en") != refusal.refusal.text("vi")
    assert refusal.code in {one.code for one in diagnose(body)}
    with contextlib.suppress(EnvelopeError):
        read(parse_tree(body))  # the reader alone, without the gate before it
    return refusal.code


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_package_is_read_or_refused_with_a_code(seed: int):
    chance = random.Random(seed)
    answers = {answer(mutate(chance.choice(SEEDS), chance)) for _ in range(100)}
    answers |= {answer(mutate_tree(chance.choice(SEEDS), chance)) for _ in range(100)}
    assert len(answers) > 12


@pytest.mark.parametrize("name", ["edoc_update.edxml", "status.edxml", "edoc.edxml"])
def test_a_changed_sample_is_read_or_refused_with_a_code(name: str, shared: Path):
    body = (shared / "data" / "edxml" / name).read_bytes()
    chance = random.Random(name)
    for _ in range(15):
        answer(mutate(body, chance))
        if name != "edoc.edxml":
            answer(mutate_tree(body, chance))


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_refused_with_a_code(seed: int):
    chance = random.Random(seed)
    for _ in range(200):
        body = chance.randbytes(chance.randrange(200))
        assert answer(body) != "accepted"
        assert answer(b"<" + body) != "accepted"


def main() -> None:
    """Fuzz for a while and print what was answered."""
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    chance = random.Random(seed)
    counted: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        body = chance.choice([mutate, mutate_tree])(chance.choice(SEEDS), chance)
        try:
            counted[answer(body)] += 1
        except BaseException:
            Path("fuzz-crash.xml").write_bytes(body)
            raise
    for code, times in counted.most_common():
        print(f"{times:8d} {code}")


if __name__ == "__main__":
    main()
