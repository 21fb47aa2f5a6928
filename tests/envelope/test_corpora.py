"""The files that others wrote: W3C's XML conformance suite and defusedxml's bombs.

Expected answers come from the catalogues of the suites, not from us.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from axis.envelope.errors import EnvelopeError
from axis.envelope.limits import prescan
from axis.envelope.tree import parse_tree

CASE = re.compile(r"<TEST\b([^>]*)>", re.DOTALL)
CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
ATTRIBUTE = re.compile(r"""([A-Za-z:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

NO_NAME = "envelope.invalid-character"
#: Names of the fifth edition in processing instructions, and names that begin with a colon.
STRANGE_NAMES = {f"ibm89n{number:02d}.xml" for number in range(6, 13)} | {
    "012.xml",
    "p04pass1.xml",
    "p05pass1.xml",
}


def verdict(body: bytes) -> str:
    """Return ``accepted`` or the code of the refusal; anything else is a bug and raises."""
    try:
        prescan(body)
        parse_tree(body)
    except EnvelopeError as error:
        return error.code
    return "accepted"


def cases(root: Path) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """Yield the cases of every catalogue whose file is there: type, file, attributes."""
    seen: set[Path] = set()
    for catalogue in sorted(root.rglob("*.xml")):
        text = catalogue.read_bytes().decode("utf-8", "replace")
        for match in CASE.finditer(text):
            facts = {name: one or two for name, one, two in ATTRIBUTE.findall(match[1])}
            file = catalogue.parent / facts.get("URI", "")
            if "TYPE" in facts and file.is_file() and file not in seen:
                seen.add(file)
                yield facts["TYPE"], file, facts


@pytest.fixture(scope="module")
def conformance(shared: Path) -> list[tuple[str, Path, dict[str, str]]]:
    root = shared / "data" / "corpora" / "xml-conformance"
    if not root.is_dir():
        pytest.skip("the XML conformance suite is not there")
    found = list(cases(root))
    assert len(found) > 1000
    return found


def has_doctype(body: bytes) -> bool:
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if body.startswith(mark):
            return "<!DOCTYPE" in body.decode("utf-16", "replace")
    return b"<!DOCTYPE" in CDATA.sub(b"", body)


def test_what_is_not_well_formed_is_refused(
    conformance: list[tuple[str, Path, dict[str, str]]], capsys: pytest.CaptureFixture[str]
):
    codes: Counter[str] = Counter()
    accepted = []
    for kind, file, facts in conformance:
        if kind == "not-wf":
            code = verdict(file.read_bytes())
            codes[code] += 1
            if code == "accepted" and facts.get("ENTITIES", "none") == "none":
                accepted.append(facts["ID"])
    with capsys.disabled():
        print(f"\nnot well-formed: {sum(codes.values())} files, {dict(codes.most_common())}")
    assert sum(codes.values()) > 500
    assert accepted == []


def test_whatever_has_a_doctype_is_refused(
    conformance: list[tuple[str, Path, dict[str, str]]], capsys: pytest.CaptureFixture[str]
):
    with_doctype = [file for _, file, _ in conformance if has_doctype(file.read_bytes())]
    codes = Counter(verdict(file.read_bytes()) for file in with_doctype)
    with capsys.disabled():
        print(f"\nwith DOCTYPE: {len(with_doctype)} files, {dict(codes.most_common())}")
    assert len(with_doctype) > 500
    assert codes["accepted"] == 0
    assert codes["envelope.doctype"] > len(with_doctype) / 2


def test_well_formed_files_within_the_profile_are_accepted(
    conformance: list[tuple[str, Path, dict[str, str]]], capsys: pytest.CaptureFixture[str]
):
    """Well-formed are the valid and the invalid ones, and the canonical forms beside them."""
    files = {file for kind, file, _ in conformance if kind in {"valid", "invalid"}}
    files |= {path for file in files for path in (file.parent / "out").glob("*.xml")}
    without = [file for file in sorted(files) if not has_doctype(file.read_bytes())]
    codes = Counter(verdict(file.read_bytes()) for file in without)
    with capsys.disabled():
        print(f"\nwell-formed without DOCTYPE: {len(without)} files, {dict(codes.most_common())}")
    refused = {file for file in without if verdict(file.read_bytes()) == NO_NAME}
    assert {file.name for file in refused} <= STRANGE_NAMES
    profile = {"comment", "processing-instruction", "encoding", "xml-version", "invalid-character"}
    assert set(codes) - {"accepted"} <= {f"envelope.{reason}" for reason in profile}
    assert codes["accepted"] > 200


def test_every_file_of_the_suite_has_a_named_answer(shared: Path):
    root = shared / "data" / "corpora" / "xml-conformance"
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) > 1000
    for file in files:
        verdict(file.read_bytes())


def test_bombs_and_external_entities_are_refused(shared: Path, capsys: pytest.CaptureFixture[str]):
    root = shared / "data" / "corpora" / "xxe-dos"
    answers = {
        path.name: verdict(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()
    }
    with capsys.disabled():
        print(f"\nxxe-dos: {answers}")
    with_doctype = [path.name for path in root.rglob("*.x*") if b"<!DOCTYPE" in path.read_bytes()]
    assert len(with_doctype) >= 8
    assert {answers[name] for name in with_doctype} == {"envelope.doctype"}
