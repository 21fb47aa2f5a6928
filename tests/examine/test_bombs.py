"""The dearest hostile packages known: each refused by name, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from axis.envelope.limits import Limits
from axis.errors import AxisError
from axis.examine.inspect import inspect
from tests.trust.material import DS, package
from tests.work import least_cpu_s

Q = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def declarations(count: int) -> str:
    return "".join(f' xmlns:n{number}="urn:{number}"' for number in range(count))


def with_signature(declared: int, children: int, method: str, inside: str = "") -> bytes:
    """A signature with many namespaces in scope, canonicalized as the sender chooses."""
    many = "<x/>" * children
    signature = (
        f'<Signature xmlns="{DS}"{declarations(declared)}><SignedInfo><CanonicalizationMethod '
        f'Algorithm="{method}">{inside}</CanonicalizationMethod>{many}</SignedInfo></Signature>'
    )
    return package(signature=signature)


def listed(count: int) -> str:
    prefixes = " ".join(f"n{number}" for number in range(count))
    return f'<InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="{prefixes}"/>'


BOMBS: dict[str, Callable[[], bytes]] = {
    "1000 namespaces on the signature": lambda: with_signature(1_000, 100, INCLUSIVE),
    "4000 namespaces on the signature": lambda: with_signature(4_000, 400, INCLUSIVE),
    "20000 namespaces on the signature": lambda: with_signature(20_000, 100, INCLUSIVE),
    "4000 namespaces in a prefix list": lambda: with_signature(
        4_000, 400, EXCLUSIVE, listed(4_000)
    ),
    "64 namespaces, 19000 elements": lambda: with_signature(60, 19_000, INCLUSIVE),
    "namespaces on the root": lambda: package().replace(
        b"<edXML xmlns", b"<edXML" + declarations(4_000).encode() + b" xmlns", 1
    ),
    "a namespace on each element": lambda: package().replace(
        b"<edXML:OtherInfo>",
        b"<edXML:OtherInfo>" + b"".join(b'<a xmlns="urn:%d"/>' % n for n in range(9_000)),
    ),
    "a million elements": lambda: package().replace(
        b"<edXML:OtherInfo>", b"<edXML:OtherInfo>" + b"<a/>" * 1_000_000
    ),
    "a hundred thousand deep": lambda: package().replace(
        b"<edXML:OtherInfo>", b"<edXML:OtherInfo>" + b"<a>" * 100_000 + b"</a>" * 100_000
    ),
    "fifty thousand attributes": lambda: package().replace(
        b"<edXML:OtherInfo>",
        b"<edXML:OtherInfo" + b"".join(b' a%d="b"' % n for n in range(50_000)) + b">",
    ),
    "one attribute of ten megabytes": lambda: package().replace(
        b"<edXML:OtherInfo>", b'<edXML:OtherInfo a="' + b"b" * 10_000_000 + b'">'
    ),
    "one field of ten megabytes": lambda: package().replace(b">7816<", b">" + b"7" * 10**7 + b"<"),
    "a billion laughs": lambda: package().replace(
        b"<edXML xmlns",
        b'<!DOCTYPE edXML [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><edXML xmlns",
        1,
    ),
    "a thousand signatures": lambda: package(signature=f'<Signature xmlns="{DS}"/>' * 1_000),
    "ten thousand references": lambda: package(
        signature=f'<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod '
        f'Algorithm="{EXCLUSIVE}"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/'
        'xmldsig-more#rsa-sha256"/>' + '<Reference URI="cid:a"/>' * 10_000 + "</SignedInfo>"
        "<SignatureValue/><KeyInfo/></Signature>"
    ),
    "ten thousand attachments": lambda: package({f"a{n}": b"x" for n in range(10_000)}),
    "a certificate of a megabyte": lambda: package(
        signature=f'<Signature xmlns="{DS}"><X509Certificate>{"A" * 900_000}</X509Certificate>'
        "</Signature>"
    ),
    "all less-than signs": lambda: b"<" * 5_000_000,
    "a package of attachments' tags": lambda: package().replace(
        b"<edXML:OtherInfo>",
        b"<edXML:OtherInfo>" + b"<ContentTransferEncoded>" * 20_000,
    ),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_refused_by_name_in_under_a_second(name: str) -> None:
    body = BOMBS[name]()

    def refused() -> None:
        with pytest.raises(AxisError) as caught:
            inspect(body, limits=Limits(), second_opinion=True).verified()
        assert caught.value.code.split(".")[0] in ("envelope", "schema", "signature", "attachment")

    assert least_cpu_s(refused, enough_s=1) < 1
