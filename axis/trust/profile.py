"""The signature profile: the one exact form of ``ds:Signature``, checked by reading the tree only.

Nothing is computed here and no library is asked: what is not in the tables is refused before any
reference is followed. The rules are those of ``certs/README.md``, part "The signature".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NoReturn

import msgspec
from lxml import etree

from axis.errors import AxisError, Place
from axis.trust.algorithms import DIGESTS, DS, ENVELOPED, EXCLUSIVE_C14N, METHODS, Method
from axis.trust.errors import (
    AlgorithmError,
    AmbiguousIdError,
    CanonicalizationError,
    ForeignNodeError,
    KeyInfoError,
    MisplacedSignatureError,
    MoreThanOneSignatureError,
    SignatureFormError,
    SignedReferenceError,
    TransformsError,
    UnsignedError,
    ValueEncodingError,
)
from axis.trust.values import Shape

QCVN: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ROOT: Final = f"{{{QCVN}}}edXML"
ENVELOPE: Final = f"{{{QCVN}}}edXMLEnvelope"
HEADER: Final = f"{{{QCVN}}}edXMLHeader"
SIGNATURE: Final = f"{{{DS}}}Signature"
_ANYTHING: Final = f"{{{DS}}}*"

REFERENCES: Final = 1001  #: the envelope and a thousand attachments
_SPACE: Final = " \t\r\n"
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,127}")
_IDS: Final = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']")
_DIGEST_BYTES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
_Rules = Mapping[str, tuple[type[AxisError], frozenset[str]]]


class ReferenceClaim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one reference says was signed."""

    uri: str
    digest_name: str
    digest: bytes


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a signature of the right form claims; nothing of it has been verified."""

    shape: Shape
    signature: etree._Element
    signed_info: etree._Element
    envelope: etree._Element  #: the one edXMLEnvelope
    algorithm: str
    method: Method
    value: bytes
    certificate_der: bytes
    content: ReferenceClaim  #: of the whole document, or of the envelope
    attachments: tuple[ReferenceClaim, ...]  #: the ``cid:`` references, as written


def check_profile(root: etree._Element) -> Claim:
    """Return what the one signature of a package claims.

    Raises:
        UnsignedError, MoreThanOneSignatureError, MisplacedSignatureError, ForeignNodeError,
        SignatureFormError, CanonicalizationError, AlgorithmError, SignedReferenceError,
        TransformsError, AmbiguousIdError, KeyInfoError, ValueEncodingError: in this order.
    """
    envelope, signature = find_signature(root)
    return read_claim(root, envelope, signature)


def find_signature(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return the one envelope and the one signature of a package that has nothing foreign.

    Raises:
        UnsignedError, MoreThanOneSignatureError, MisplacedSignatureError, ForeignNodeError: there
            are not exactly these, where they belong.
    """
    signature = _the_signature(root)
    envelope = _place(root, signature)
    refuse_foreign_nodes(root)
    return envelope, signature


def read_claim(root: etree._Element, envelope: etree._Element, signature: etree._Element) -> Claim:
    """Return what a signature at the right place claims.

    Raises:
        SignatureFormError, CanonicalizationError, AlgorithmError, SignedReferenceError,
        TransformsError, AmbiguousIdError, KeyInfoError, ValueEncodingError: in this order.
    """
    parts = _children(signature, SignatureFormError, ("SignedInfo", "SignatureValue", "KeyInfo"))
    signed_info, signature_value, key_info = parts
    infos = _elements(signed_info, SignatureFormError)
    if len(infos) < 3 or [_local(each) for each in infos[:2]] != [
        "CanonicalizationMethod",
        "SignatureMethod",
    ]:
        _form(signed_info, "CanonicalizationMethod, SignatureMethod, Reference", _names(infos))
    canonicalization = _algorithm_of(infos[0], CanonicalizationError)
    if canonicalization != EXCLUSIVE_C14N:
        raise CanonicalizationError(place=_at(infos[0]), got=canonicalization)
    algorithm = _algorithm_of(infos[1], AlgorithmError)
    method = METHODS.get(algorithm)
    if method is None:
        raise AlgorithmError(place=_at(infos[1]), got=algorithm, reason="not in the profile")
    shape, content, attachments = _references(root, envelope, infos[2:])
    return Claim(
        shape=shape,
        signature=signature,
        signed_info=signed_info,
        envelope=envelope,
        algorithm=algorithm,
        method=method,
        value=_base64(signature_value, limit=1024),
        certificate_der=_certificate(key_info),
        content=content,
        attachments=attachments,
    )


def _the_signature(root: etree._Element) -> etree._Element:
    signature = next(root.iter(SIGNATURE), None)
    inside = 0 if signature is None else len(list(signature.iter(_ANYTHING)))
    outside = len(list(root.iter(_ANYTHING))) - inside
    if signature is None and not outside:
        raise UnsignedError
    if signature is None or outside or next(signature.iterdescendants(SIGNATURE), None) is not None:
        raise MoreThanOneSignatureError(got=outside)
    return signature


def _place(root: etree._Element, signature: etree._Element) -> etree._Element:
    """Return the envelope; the signature stands in its header, and there is only one of each."""
    header = signature.getparent()
    envelope = None if header is None else header.getparent()
    if root.tag != ROOT:
        raise MisplacedSignatureError(place=_at(root), reason="the root is not edXML of QCVN 102")
    if header is None or envelope is None or header.tag != HEADER or envelope.tag != ENVELOPE:
        raise MisplacedSignatureError(place=_at(signature), reason="it stands elsewhere")
    if envelope.getparent() is not root:
        raise MisplacedSignatureError(place=_at(envelope), reason="the envelope is not at the top")
    for kind in (ENVELOPE, HEADER):
        count = sum(1 for _ in root.iter(kind))
        if count != 1:
            raise MisplacedSignatureError(reason=f"{count} elements {etree.QName(kind).localname}")
    return envelope


def refuse_foreign_nodes(root: etree._Element) -> None:
    """Refuse comments, instructions and entities, also beside the root: readers differ on them."""
    found = next(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None)
    if found is None:
        found = root.getprevious() if root.getprevious() is not None else root.getnext()
    if found is not None:
        kinds = {etree.Comment: "comment", etree.Entity: "entity reference"}
        raise ForeignNodeError(
            place=Place(line=line_of(found)), got=kinds.get(found.tag, "processing instruction")
        )
    if root.getroottree().docinfo.internalDTD is not None:
        raise ForeignNodeError(got="document type")


def _references(
    root: etree._Element, envelope: etree._Element, elements: Sequence[etree._Element]
) -> tuple[Shape, ReferenceClaim, tuple[ReferenceClaim, ...]]:
    if len(elements) > REFERENCES:
        raise SignedReferenceError(reason=f"over {REFERENCES} of them")
    claims = [_reference(each) for each in elements]
    uris = [each.uri for each in claims]
    if uris == [""]:
        return Shape.WHOLE, claims[0], ()
    contents = [each for each in claims if each.uri.startswith("#")]
    attachments = tuple(each for each in claims if each.uri.startswith("cid:"))
    if len(contents) != 1 or len(contents) + len(attachments) != len(claims):
        strange = next((u for u in uris if not u.startswith(("#", "cid:"))), "#")
        raise SignedReferenceError(
            place=_at(elements[0]), reason=f"{len(claims)} references, one of them to {strange!r}"
        )
    if len(set(uris)) != len(uris):
        raise SignedReferenceError(place=_at(elements[0]), reason="two references to one thing")
    name = envelope.get("Id")
    if name is None or contents[0].uri != f"#{name}" or not _ID.fullmatch(name):
        raise SignedReferenceError(
            place=_at(elements[0]), reason=f"{contents[0].uri!r} is not the Id of edXMLEnvelope"
        )
    refuse_other_ids(root)
    return Shape.MANIFEST, contents[0], attachments


def refuse_other_ids(root: etree._Element) -> None:
    """Refuse a second attribute that some reader takes for an Id.

    Raises:
        AmbiguousIdError: there is one.
    """
    ids: list[object] = _IDS(root)  # type: ignore[assignment]
    if len(ids) != 1:
        raise AmbiguousIdError(got=len(ids))


def _reference(element: etree._Element) -> ReferenceClaim:
    if element.tag != f"{{{DS}}}Reference":
        _form(element, "Reference", _local(element))
    attributes = set(element.attrib)
    if "URI" not in attributes or attributes - {"URI", "Id"}:
        raise SignedReferenceError(
            place=_at(element), reason=f"the attributes are {sorted(attributes)}"
        )
    uri = element.get("URI") or ""
    parts = _elements(element, SignedReferenceError)
    transforms: list[str] = []
    if parts and _local(parts[0]) == "Transforms":
        _plain_attributes(parts[0], TransformsError)
        for each in _elements(parts[0], TransformsError):
            if _local(each) != "Transform":
                raise TransformsError(place=_at(each), expected="Transform", got=_local(each))
            transforms.append(_algorithm_of(each, TransformsError))
        parts = parts[1:]
    expected = [] if uri.startswith("cid:") else [ENVELOPED, EXCLUSIVE_C14N]
    has_list = len(_elements(element, SignedReferenceError)) != len(parts)
    if transforms != expected or (has_list and not expected):
        raise TransformsError(
            place=_at(element), expected=" ".join(expected) or "none", got=" ".join(transforms)
        )
    if [_local(each) for each in parts] != ["DigestMethod", "DigestValue"]:
        raise SignedReferenceError(place=_at(element), reason=f"it holds {_names(parts)}")
    method = _algorithm_of(parts[0], AlgorithmError)
    if method not in DIGESTS:
        raise AlgorithmError(place=_at(parts[0]), got=method, reason="not in the profile")
    digest = _base64(parts[1], limit=64)
    if len(digest) != _DIGEST_BYTES[DIGESTS[method]]:
        raise ValueEncodingError(place=_at(parts[1]), element="DigestValue")
    return ReferenceClaim(uri=uri, digest_name=DIGESTS[method], digest=digest)


def _certificate(key_info: etree._Element) -> bytes:
    _plain_attributes(key_info, KeyInfoError)
    datas = _elements(key_info, KeyInfoError)
    if [_local(each) for each in datas] != ["X509Data"]:
        raise KeyInfoError(place=_at(key_info), reason=f"it holds {_names(datas)}")
    _plain_attributes(datas[0], KeyInfoError)
    certificates = []
    for each in _elements(datas[0], KeyInfoError):
        _plain_attributes(each, KeyInfoError)
        match _local(each):
            case "X509Certificate":
                certificates.append(each)
            case "X509SubjectName":
                _no_children(each, KeyInfoError)
            case "X509IssuerSerial":  # accepted and ignored, like the subject's name
                for part in _elements(each, KeyInfoError):
                    if _local(part) not in ("X509IssuerName", "X509SerialNumber"):
                        raise KeyInfoError(place=_at(part), reason=f"it holds {_local(part)}")
                    _plain_attributes(part, KeyInfoError)
                    _no_children(part, KeyInfoError)
            case name:
                raise KeyInfoError(place=_at(each), reason=f"X509Data holds {name}")
    if len(certificates) != 1:
        raise KeyInfoError(place=_at(datas[0]), reason=f"{len(certificates)} certificates")
    return _base64(certificates[0], limit=16_384)


def _children(
    element: etree._Element, error: type[AxisError], names: Sequence[str]
) -> list[etree._Element]:
    _plain_attributes(element, error)
    found = _elements(element, error)
    if [_local(each) for each in found] != list(names):
        _form(element, ", ".join(names), _names(found))
    for each in found:
        _plain_attributes(each, error)
    return found


def _elements(element: etree._Element, error: type[AxisError]) -> list[etree._Element]:
    """Return the children; between them stands nothing but white space, and all are of ds."""
    found = list(element)
    for text in _texts(element, found):
        if text and text.strip(_SPACE):
            raise error(place=_at(element), **_said("elements only", f"text in {_local(element)}"))
    for each in found:
        if not isinstance(each.tag, str) or not each.tag.startswith(f"{{{DS}}}"):
            raise error(place=_at(element), **_said("elements of ds", str(each.tag)))
    return found


def _texts(element: etree._Element, children: Sequence[etree._Element]) -> Iterator[str | None]:
    yield element.text
    for each in children:
        yield each.tail


def _algorithm_of(element: etree._Element, error: type[AxisError]) -> str:
    """Return the Algorithm of an element that has nothing else: no parameter, no child, no text."""
    if element.attrib.keys() != ["Algorithm"]:
        raise error(place=_at(element), **_said("Algorithm only", str(element.attrib.keys())))
    if len(element) or (element.text and element.text.strip(_SPACE)):
        inner = _local(element[0]) if len(element) else "text"
        raise error(place=_at(element), **_said("no parameters", inner))
    return element.get("Algorithm") or ""


def _plain_attributes(element: etree._Element, error: type[AxisError]) -> None:
    strange = [name for name in element.attrib if name != "Id"]
    if strange:
        raise error(place=_at(element), **_said("no attributes", str(strange[0])))


def _no_children(element: etree._Element, error: type[AxisError]) -> None:
    if len(element):
        raise error(place=_at(element), **_said("text only", _names(list(element))))


def _base64(element: etree._Element, *, limit: int) -> bytes:
    """Return the bytes that an element holds, white space apart; at most ``limit`` bytes."""
    name = _local(element)
    if [key for key in element.attrib if key != "Id"] or len(element):
        raise ValueEncodingError(place=_at(element), element=name)
    text = element.text or ""
    packed = "".join(text.split()) if text.isascii() else ""
    try:
        value = binascii.a2b_base64(packed, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise ValueEncodingError(place=_at(element), element=name) from error
    # One value has one spelling: left-over bits in the last character are refused.
    if (
        not value
        or len(value) > limit
        or binascii.b2a_base64(value, newline=False) != packed.encode()
    ):
        raise ValueEncodingError(place=_at(element), element=name)
    return value


def _form(element: etree._Element, expected: str, got: str) -> NoReturn:
    raise SignatureFormError(place=_at(element), expected=expected, got=got)


def _said(expected: str, got: str) -> dict[str, str]:
    return {"expected": expected, "got": got, "reason": f"expected {expected}, got {got}"}


def _names(elements: Sequence[etree._Element]) -> str:
    return ", ".join(_local(each) for each in elements) or "nothing"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _at(element: etree._Element) -> Place:
    path = [_local(each) for each in element.iterancestors()]
    return Place(xpath="/" + "/".join([*reversed(path), _local(element)]), line=line_of(element))


def line_of(element: etree._Element) -> int | None:
    """Return the line of an element; 1 is the first."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None
