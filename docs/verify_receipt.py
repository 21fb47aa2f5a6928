#!/usr/bin/env python3
"""Verifies a receipt of the axis without the axis: standard library and ``cryptography`` only.

    python3 verify_receipt.py VERIFIER-KEY FILE.tlog-proof [PACKAGE]

VERIFIER-KEY is the line that ``axis ledger key`` prints (name+id+base64), or a file that holds it.
Exit code 0: the entry stands in the log that this key signed, its opened values are genuine, and
PACKAGE, if given, is the document that it is about. Exit code 1: not so; the reason is printed.

The formats: c2sp.org/tlog-proof, c2sp.org/tlog-checkpoint, c2sp.org/signed-note, RFC 6962.
This file shares no code with the axis, on purpose.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class InvalidError(Exception):
    """The receipt proves nothing."""


def demand(condition: object, reason: str) -> None:
    """Stop here unless the condition holds."""
    if not condition:
        raise InvalidError(reason)


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest."""
    return hashlib.sha256(data).digest()


def unbase64(text: str) -> bytes:
    """Decode the one form of base64."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidError("not base64: " + text[:20]) from error
    demand(base64.b64encode(data).decode() == text, "not the one form of base64")
    return data


def open_checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Check the log's signature; return origin, size and root."""
    name, key_id, public = vkey.split("+", 2)
    key = unbase64(public)
    demand(len(key) == 33 and key[0] == 1, "the verifier key is not of type Ed25519")
    demand(
        sha256(name.encode() + b"\n" + key)[:4].hex() == key_id,
        "the verifier key does not have its own id",
    )
    text, gap, lines = note.rpartition("\n\n")
    demand(gap and lines.endswith("\n"), "the checkpoint has no signatures")
    text += "\n"
    signed = False
    for line in lines[:-1].split("\n"):
        demand(line.startswith("\u2014 "), "a signature line is malformed")
        signer, _, encoded = line[2:].partition(" ")
        blob = unbase64(encoded)
        if signer == name and blob[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], text.encode())
            except InvalidSignature as error:
                raise InvalidError("the log's signature is wrong") from error
            signed = True
    demand(signed, "the log's signature is absent")
    origin, size, root = text.split("\n")[:3]
    demand(origin == name, "the checkpoint is another log's")
    demand(size.isdecimal() and size == str(int(size)), "the size is no number")
    demand(len(unbase64(root)) == 32, "the root has not 32 bytes")
    return origin, int(size), unbase64(root)


def check_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2."""
    demand(0 <= index < size, "the index is outside of the log")
    demand(all(len(value) == 32 for value in path), "a hash has not 32 bytes")
    node, last, current = index, size - 1, leaf
    for sibling in path:
        demand(last > 0, "the proof is too long")
        if node % 2 == 1 or node == last:
            current = sha256(b"\x01" + sibling + current)
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            current = sha256(b"\x01" + current + sibling)
        node, last = node >> 1, last >> 1
    demand(last == 0, "the proof is too short")
    demand(current == root, "the entry is not in the log")


def verify(content: bytes, vkey: str, package: bytes | None = None) -> dict[str, object]:
    """Return what the receipt proves; raise InvalidError if it proves nothing."""
    try:
        head, gap, checkpoint = content.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as error:
        raise InvalidError("not UTF-8") from error
    lines = head.split("\n")
    demand(gap and len(lines) >= 3, "not a proof file with an entry")
    demand(lines[0] == "c2sp.org/tlog-proof@v1", "not a proof file")
    demand(lines[1].startswith("extra "), "there is no entry in the file")
    demand(lines[2].startswith("index "), "there is no index")
    index = lines[2][len("index ") :]
    demand(index.isdecimal() and index == str(int(index)), "the index is no number")
    extra = json.loads(unbase64(lines[1][len("extra ") :]))
    entry = extra["entry"].encode("utf-8")
    origin, size, root = open_checkpoint(checkpoint, vkey)
    path = [unbase64(line) for line in lines[3:]]
    check_inclusion(sha256(b"\x00" + entry), int(index), size, path, root)
    facts = json.loads(entry)
    for name, (salt, value) in extra["open"].items():
        array = json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":"))
        demand(
            facts.get(name) == "sha256:" + sha256(array.encode("utf-8")).hex(),
            "the value of " + name + " is not what the entry committed to",
        )
        facts[name] = value
    if package is not None:
        demand(
            facts.get("body") == "sha256:" + sha256(package).hex(), "it is about another package"
        )
    return {"log": origin, "index": int(index), "entry": facts}


def main(words: list[str]) -> int:
    """Run from the command line."""
    if len(words) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    vkey = words[1]
    if Path(vkey).is_file():
        vkey = Path(vkey).read_text(encoding="utf-8").split()[0]
    package = Path(words[3]).read_bytes() if len(words) == 4 else None
    try:
        proven = verify(Path(words[2]).read_bytes(), vkey.strip(), package)
    except (InvalidError, KeyError, TypeError, ValueError, AttributeError) as error:
        print("NOT VALID:", error)
        return 1
    print("VALID")
    print(json.dumps(proven, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
