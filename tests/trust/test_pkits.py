"""The 172 paths of NIST PKITS: never valid where the suite says invalid.

What is refused although the suite says valid stands in ``REFUSED_WITH_REASON``, one by one.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from axis.errors import AxisError
from axis.trust.links import link_of
from axis.trust.material import Material
from axis.trust.path import PathJudge, PathRules

AT = datetime(2015, 1, 1, tzinfo=UTC)

REFUSED_WITH_REASON = {
    "40104_valid_dsa_signatures_test4": "DSA is not in the profile",
    "40105_valid_dsa_parameter_inheritance_test5": "DSA is not in the profile",
    "41430_valid_crlissuer_test30": "the CRL that revokes its own signer is not believed about it",
}


def verdict(folder: Path, case: dict[str, Any]) -> str:
    def certificate(name: str) -> x509.Certificate:
        return x509.load_der_x509_certificate((folder / "certs" / name).read_bytes())

    try:
        material = Material(
            anchors=(certificate(case["trust_anchor"]),),
            intermediates=tuple(map(certificate, case["intermediates"])),
            crls=tuple(
                x509.load_der_x509_crl((folder / "crls" / name).read_bytes())
                for name in case["crls"]
            ),
        )
        end = link_of(certificate(case["ee"]))
        PathJudge(material).find(end, AT, PathRules(for_documents=False))
    except (AxisError, ValueError):  # ValueError: what cannot even be loaded as a certificate
        return "INVALID"
    return "VALID"


def test_pkits_is_never_valid_where_it_should_be_invalid(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "data" / "corpora" / "nist-pkits"
    cases = json.loads((folder / "expectations.json").read_text())
    counts: Counter[tuple[str, str]] = Counter()
    refused = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # serial numbers of zero
        for case in cases:
            got = verdict(folder, case)
            counts[case["expected"], got] += 1
            if (case["expected"], got) == ("VALID", "INVALID"):
                refused.add(case["id"])
    with capsys.disabled():
        print(f"\nPKITS: {len(cases)} cases, {dict(counts)}")
    assert counts["INVALID", "VALID"] == 0
    assert counts["INVALID", "INVALID"] == 97
    assert refused == set(REFUSED_WITH_REASON)
