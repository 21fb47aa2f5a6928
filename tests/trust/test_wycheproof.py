"""Wycheproof: our signature primitive, and the same vectors as values of a whole package.

``acceptable`` vectors are those of RSA without the NULL parameter and the like; what we do with
each is asserted too, so that a change of the library is seen.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from axis.trust.algorithms import (
    ECDSA_SHA256,
    ECDSA_SHA384,
    ED25519,
    METHODS,
    RSA_PSS_SHA256,
    RSA_SHA256,
    fits,
    is_signature,
    is_strong,
)

FILES = {
    "ecdsa_secp256r1_sha256_test.json": ECDSA_SHA256,
    "ecdsa_secp384r1_sha384_test.json": ECDSA_SHA384,
    "ed25519_test.json": ED25519,
    "rsa_signature_2048_sha256_test.json": RSA_SHA256,
    "rsa_signature_3072_sha256_test.json": RSA_SHA256,
    "rsa_pss_2048_sha256_mgf1_32_test.json": RSA_PSS_SHA256,
}


def p1363(der: bytes, size: int) -> bytes | None:
    """Return r and s at fixed length from strict DER; None where it is not, or they do not fit.

    The vectors of ECDSA are in DER, packages carry P1363: what has no P1363 form cannot arrive.
    """

    def integer(data: bytes) -> tuple[int, bytes] | None:
        if len(data) < 3 or data[0] != 2 or data[1] > 0x7F or len(data) < 2 + data[1]:
            return None
        body = data[2 : 2 + data[1]]
        if not body or body[0] & 0x80 or (len(body) > 1 and body[0] == 0 and body[1] < 0x80):
            return None
        return int.from_bytes(body, "big"), data[2 + data[1] :]

    if len(der) < 2 or der[0] != 0x30:
        return None
    if der[1] < 0x80:
        length, rest = der[1], der[2:]
    elif der[1] == 0x81 and len(der) > 2 and der[2] >= 0x80:
        length, rest = der[2], der[3:]
    else:
        return None
    if length != len(rest) or (first := integer(rest)) is None:
        return None
    second = integer(first[1])
    if second is None or second[1]:
        return None
    r, s = first[0], second[0]
    if max(r, s).bit_length() > size * 8:
        return None
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def cases(folder: Path, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    groups = json.loads((folder / name).read_text())["testGroups"]
    return [(group, test) for group in groups for test in group["tests"]]


@pytest.mark.parametrize("name", list(FILES))
def test_our_primitive_answers_as_wycheproof_says(
    shared: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "data" / "corpora" / "wycheproof"
    method = METHODS[FILES[name]]
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    for group, test in cases(folder, name):
        key: Any = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        assert is_strong(key) or key.public_numbers().e < 65537
        assert fits(method, key)
        value: bytes | None = bytes.fromhex(test["sig"])
        if "ecdsa" in name:
            value = p1363(value or b"", (key.key_size + 7) // 8)
        message = bytes.fromhex(test["msg"])
        accepted = value is not None and is_signature(method, key, value, message)
        counts[test["result"], "accepted" if accepted else "refused"] += 1
        if test["result"] != "acceptable" and accepted != (test["result"] == "valid"):
            wrong.append((test["tcId"], test["comment"], test["result"]))
    with capsys.disabled():
        print(f"\nWycheproof {name}: {dict(counts)}")
    assert not wrong
    assert counts["acceptable", "accepted"] == 0


def test_hmac_is_no_method_of_ours(shared: Path) -> None:
    """The vectors of HMAC are all refused: there is no such method, whatever the key."""
    assert cases(shared / "data" / "corpora" / "wycheproof", "hmac_sha256_test.json")
    assert not [uri for uri in METHODS if "hmac" in uri.lower()]


def test_a_key_that_is_on_no_curve_is_not_loaded() -> None:
    bad = bytes.fromhex(
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004" + "11" * 32 + "22" * 32
    )
    with pytest.raises((ValueError, UnsupportedAlgorithm)):
        load_der_public_key(bad)
