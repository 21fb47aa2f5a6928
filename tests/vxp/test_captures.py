"""The requests of the real Java client 2.0.1, byte for byte, against a gateway on a real socket."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.vxp.errors import HashFileError
from adapters.vxp.hashfile import FileOfBody, fits
from adapters.vxp.signature import verify
from axis.envelope.package import parse
from axis.intake import package_id_of
from axis.store.engine import transaction
from axis.store.packages import package_by_id
from tests.rest.gateway import Gateway
from tests.vxp.client import JavaClient, exchange
from tests.vxp.conftest import SECRET, SYSTEM

#: What each capture is answered, in their order: status, ErrorCode, and our code in ErrorDesc.
ANSWERS = (
    ("/getAgenciesList", "OK", "0", ""),
    ("/getAgenciesListQD20", "OK", "0", ""),
    ("/getSynchronizeUnit", "OK", "0", ""),
    ("/registerAgency", "FAIL", "21", "vxp.directory-closed"),
    ("/deleteAgency", "FAIL", "21", "vxp.directory-closed"),
    # These three carry a broken signature, which counts under no policy.
    ("/sendEdoc", "FAIL", "10", "signature.missing"),
    ("/sendEdoc", "FAIL", "10", "signature.missing"),
    ("/sendEdoc", "FAIL", "10", "signature.missing"),
    # Statuses without a signature, from a system that may send such: 01 and 03, then 02 too late.
    ("/sendEdoc", "OK", "0", ""),
    ("/sendEdoc", "OK", "0", ""),
    ("/sendEdoc", "FAIL", "21", "status.registered-before"),
    ("/getReceivedEdocList", "OK", "0", ""),
    ("/getReceivedEdocList", "OK", "0", ""),
    ("/getEdoc", "FAIL", "10", "vxp.document-unknown"),
    ("/downloadEdoc", "FAIL", "10", "vxp.document-unknown"),
    ("/updateStatus", "FAIL", "10", "vxp.document-unknown"),
    # From here on docId and docid are left over from different calls.
    ("/updateStatus", "FAIL", "21", "vxp.parameter-twice"),
    ("/getSentEdocList", "FAIL", "21", "vxp.parameter-twice"),
    ("/countReceiveEdoc", "OK", "0", ""),
    ("/countReceiveStatus", "OK", "0", ""),
)


@pytest.fixture(scope="module")
def captures(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "data" / "vxp" / "requests.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    for capture in found:
        body = capture.get("body", "").encode()
        if "body_file" in capture:
            capture["file"] = (shared / "data" / capture["body_file"]).read_bytes()
            body = capture["file"] + capture["body_suffix"].encode()
        capture["bytes"] = body
        assert hashlib.sha256(body).hexdigest() == capture["body_sha256"]
    return found


async def test_every_capture_gets_its_answer(
    gateway: Gateway, client: JavaClient, captures: list[dict[str, Any]], shared: Path
):
    await send_the_document(gateway, client, shared)
    answers = []
    for capture in captures:
        status, headers, content = await exchange(
            gateway.url, capture["method"], capture["path"], capture["headers"], capture["bytes"]
        )
        said = json.loads(content)
        code = said["ErrorDesc"].rpartition("[")[2].rstrip("]") if said["status"] != "OK" else ""
        answers.append((capture["path"], said["status"], said["ErrorCode"], code))
        assert headers["content-type"].startswith("application/json")
        assert status == (422 if capture["path"] == "/downloadEdoc" else 200)
        if capture["path"] == "/sendEdoc":
            assert isinstance(said["DocId"], str)
        if "file" in capture:
            # What was judged, kept and answered for is the file, without what the client appended.
            digest = hashlib.sha256(capture["file"]).digest()
            with transaction(gateway.axis.engine) as connection:
                package = package_by_id(connection, package_id_of(SYSTEM, digest))
            assert package is not None
            assert package.size_bytes == len(capture["file"])
            assert gateway.axis.bodies.read(digest) == capture["file"]
    assert tuple(answers) == ANSWERS


async def test_every_capture_again_is_no_news(
    gateway: Gateway, client: JavaClient, captures: list[dict[str, Any]], shared: Path
):
    await send_the_document(gateway, client, shared)
    doc_ids: list[list[str]] = []
    counts: list[int] = []
    for _ in range(2):
        doc_ids.append([])
        for capture in captures:
            if capture["path"] == "/sendEdoc":
                _, _, content = await exchange(
                    gateway.url,
                    capture["method"],
                    f"/vxp{capture['path']}",
                    capture["headers"],
                    capture["bytes"],
                )
                doc_ids[-1].append(json.loads(content)["DocId"])
        counts.append(gateway.axis.count("package") + gateway.axis.count("delivery"))
    assert doc_ids[0] == doc_ids[1]
    assert [bool(one) for one in doc_ids[0]] == [False, False, False, True, True, False]
    assert counts[0] == counts[1]


def test_the_signature_of_every_capture_is_right(captures: list[dict[str, Any]]):
    for capture in captures:
        headers = [(n.encode(), v.encode()) for n, v in capture["headers"]]
        signed = verify(headers, lambda system_id: [("one", SECRET)])
        assert signed.system_id == SYSTEM


def test_the_hash_of_every_captured_file_is_found_in_its_short_form(
    captures: list[dict[str, Any]],
):
    short = 0
    for capture in captures:
        if "file" not in capture:
            continue
        told = dict(capture["headers"])["XroadVnpt-hash-file"]
        assert fits(hashlib.sha256(capture["file"]).digest(), told)
        short += len(told) < 64
        file = FileOfBody(told)
        assert file.feed(capture["bytes"]) + file.end() == capture["file"]
        changed = FileOfBody(told)
        changed.feed(capture["bytes"].replace(b"G22", b"G23", 1))
        with pytest.raises(HashFileError):
            changed.end()
    assert short


async def send_the_document(gateway: Gateway, client: JavaClient, shared: Path) -> None:
    """Send, signed, the document that the captured statuses are about."""
    folder = shared / "data" / "edxml"
    for name in ("edoc_new", "edoc_replacement"):
        package = (folder / f"{name}.edxml").read_bytes()
        signed = gateway.axis.sign(parse(package).envelope.sender.organ_id, package)
        said = await client.send(signed)
        assert said["status"] == "OK", said
