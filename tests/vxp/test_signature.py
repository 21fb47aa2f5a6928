"""Who signs what: every way to differ from what was signed is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp.errors import HeaderSignatureError, ParameterTwiceError
from adapters.vxp.signature import Signed, sign_text, verify
from axis.access.errors import AccessDeniedError
from axis.errors import AxisError
from tests.vxp.client import signed_headers

SECRET = b"axis-test-secret"
SYSTEM = "test.system.01"
PARAMETERS = {
    "systemid": SYSTEM,
    "docId": "5f0c4e3a9d1b2c0001a0b0c0",
    "status": "done",
    "Content-Type": "application/json",
}


def check(headers: list[tuple[str, str]]) -> Signed:
    return verify(
        [(name.encode(), value.encode()) for name, value in headers],
        lambda system_id: [("old", b"another secret"), ("new", SECRET)] * (system_id == SYSTEM),
    )


def changed(name: str, value: str) -> list[tuple[str, str]]:
    return [(n, value if n == name else v) for n, v in signed_headers(PARAMETERS, SECRET)]


def test_what_the_holder_of_a_secret_signed_is_read():
    signed = check(signed_headers(PARAMETERS, SECRET))
    assert (signed.system_id, signed.secret_id) == (SYSTEM, "new")
    assert signed.text("DOCID") == PARAMETERS["docId"]
    assert signed.text("nothing") is None


@pytest.mark.parametrize(
    "headers",
    [
        signed_headers(PARAMETERS, b"wrong secret"),
        signed_headers(PARAMETERS | {"systemid": "test.system.02"}, SECRET),
        changed("XroadVnpt-hash-header", "0" * 64),
        changed("XroadVnpt-hash-header", ""),
        changed("XroadVnpt-sign-header", "{}"),
        changed("XroadVnpt-systemid", "test.system.02"),
        [*signed_headers(PARAMETERS, SECRET), ("XroadVnpt-systemid", SYSTEM)],
        [*signed_headers(PARAMETERS, SECRET), ("XroadVnpt-hash-header", "0" * 64)],
        signed_headers(PARAMETERS, SECRET)[:-3],
        [],
    ],
)
def test_who_does_not_hold_the_secret_is_told_nothing_else(headers: list[tuple[str, str]]):
    with pytest.raises(AccessDeniedError) as no:
        check(headers)
    assert no.value.facts == {}


@pytest.mark.parametrize(
    "headers",
    [
        changed("XroadVnpt-docId", "5f0c4e3a9d1b2c0001a0b0c1"),  # signs one, sends another
        changed("XroadVnpt-status", "fail"),
        [*signed_headers(PARAMETERS, SECRET), ("XroadVnpt-status", "fail")],
        [*signed_headers(PARAMETERS, SECRET), ("xroadvnpt-docid", "x")],
        [one for one in signed_headers(PARAMETERS, SECRET) if one[0] != "XroadVnpt-docId"],
        changed("XroadVnpt-sign-header-key", "systemid;status"),  # signed, not listed
        changed("XroadVnpt-sign-header-key", "systemid;docId;status;Content-Type;more"),
        changed("XroadVnpt-sign-header-key", "systemid;docId;docId;status;Content-Type"),
    ],
)
def test_headers_that_are_not_those_that_were_signed_are_refused(headers: list[tuple[str, str]]):
    with pytest.raises(HeaderSignatureError) as no:
        check(headers)
    assert no.value.code == "vxp.headers-differ"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "not json",
        '{"XroadVnpt-systemid": 1}',
        '{"XroadVnpt-systemid":"test.system.01","XroadVnpt-systemid":"test.system.02"}',
        "[" * 100_000,
    ],
)
def test_a_signed_text_that_is_no_list_of_headers_is_refused(text: str):
    headers = [
        ("XroadVnpt-systemid", SYSTEM),
        ("XroadVnpt-sign-header-key", "systemid"),
        ("XroadVnpt-sign-header", text),
        ("XroadVnpt-hash-header", sign_text(SECRET, text.encode())),
    ]
    with pytest.raises(HeaderSignatureError):
        check(headers)


def test_what_is_not_signed_is_not_read():
    signed = check([*signed_headers(PARAMETERS, SECRET), ("XroadVnpt-fromDate", "2026-01-01")])
    assert signed.text("fromDate") is None


def test_docid_twice_is_one_where_both_are_equal_and_refused_where_not():
    alike = PARAMETERS | {"docid": PARAMETERS["docId"]}
    assert check(signed_headers(alike, SECRET)).text("docId") == PARAMETERS["docId"]
    differ = check(signed_headers(PARAMETERS | {"docid": "5f0c4e3a9d1b2c0001a0b0c1"}, SECRET))
    with pytest.raises(ParameterTwiceError) as no:
        differ.demand("docId")
    assert no.value.code == "vxp.parameter-twice"
    assert differ.text("status") == "done"  # what the operation does not read is no trouble


def test_vietnamese_values_are_read_as_they_were_signed():
    signed = check(signed_headers(PARAMETERS | {"name": "Nghệ An"}, SECRET))
    assert signed.text("name") == "Nghệ An"


@given(place=st.integers(min_value=0), value=st.binary(max_size=12), drop=st.booleans())
def test_no_change_of_a_header_passes_as_another_meaning(place: int, value: bytes, drop: bool):
    headers = [(n.encode(), v.encode()) for n, v in signed_headers(PARAMETERS, SECRET)]
    index = place % len(headers)
    name, before = headers[index]
    if drop:
        del headers[index]
    else:
        headers[index] = (name, value)
    try:
        signed = verify(headers, lambda system_id: [("new", SECRET)] * (system_id == SYSTEM))
    except AxisError:
        return
    assert {key: values[0] for key, values in signed.values.items()} == {
        key.lower(): one for key, one in PARAMETERS.items()
    }
    unread = name.lower() in (b"user-agent", b"xroadvnpt-version")
    assert unread or value.strip() == before or value.strip().lower() == before


def test_the_vector_of_the_documentation_verifies():
    text = json.dumps(
        {
            "XroadVnpt-systemid": SYSTEM,
            "XroadVnpt-timestamp": "21112026T204949+0400",
            "XroadVnpt-Content-Type": "application/json",
        },
        separators=(",", ":"),
    )
    assert sign_text(SECRET, text.encode()) == (
        "7f3dc1730d0e514a1a99172b81bef942c24ed965850c3074021282f07849787c"
    )
