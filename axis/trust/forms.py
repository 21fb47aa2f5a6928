"""Reads the claim of a signature whose form was examined before, without examining it again.

The signatures of one program differ in their values only. A form is the canonical signature with
its values (digests, signature value, certificate) taken out; whether the profile allows it depends
on nothing else but these values being strict Base64 of the right length, and on the Id. So a form
that the profile has allowed once is remembered, and what is left to do is to read the values. What
is not exactly of a known form is examined from the start, and refused there.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from axis.trust.algorithms import Method
from axis.trust.canonical import canonical
from axis.trust.profile import (
    Claim,
    ReferenceClaim,
    find_signature,
    read_claim,
    refuse_other_ids,
)
from axis.trust.values import Shape

_VALUE: Final = re.compile(
    rb"<((?:[\w.-]+:)?(?:DigestValue|SignatureValue|X509Certificate))>([^<]*)"
)
_URI: Final = re.compile(rb' URI="([^"]*)"')
_FORMS: Final = 256  #: forms that are remembered, at most
_FORM_BYTES: Final = 16 * 1024  #: a longer one is examined each time
_VALUE_BYTES: Final = 16_384
_DIGEST_BYTES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}


@dataclass(frozen=True, slots=True)
class _Form:
    """What all signatures of one form have in common."""

    shape: Shape
    algorithm: str
    method: Method
    references: tuple[tuple[str, str], ...]  #: URI and digest name, the content first


_KNOWN: Final[dict[bytes, _Form]] = {}


def claim_of(root: etree._Element) -> Claim:
    """Return what the one signature of a package claims, as the profile reads it.

    Raises:
        AxisError: what :func:`axis.trust.profile.check_profile` raises.
    """
    envelope, signature = find_signature(root)
    form, values = _taken_apart(canonical(signature))
    known = _KNOWN.get(form)
    if known is not None:
        claim = _read(known, values, root, envelope, signature)
        if claim is not None:
            return claim
    claim = read_claim(root, envelope, signature)
    if len(form) <= _FORM_BYTES and _is_ordered(form, values, claim):
        if len(_KNOWN) >= _FORMS:
            _KNOWN.clear()
        references = (claim.content, *claim.attachments)
        _KNOWN[form] = _Form(
            claim.shape,
            claim.algorithm,
            claim.method,
            tuple((one.uri, one.digest_name) for one in references),
        )
    return claim


def _taken_apart(written: bytes) -> tuple[bytes, list[bytes]]:
    """Return the form of a canonical signature, and its values in their order."""
    pieces = _VALUE.split(written)
    return b"\0".join(pieces[0::3] + pieces[1::3]), pieces[2::3]


def _is_ordered(form: bytes, values: list[bytes], claim: Claim) -> bool:
    """Say whether the values are those of the claim, the content's digest before all others."""
    uris = _URI.findall(form)
    return (
        len(values) == 3 + len(claim.attachments)
        and len(uris) == 1 + len(claim.attachments)
        and uris[0].decode() == claim.content.uri
    )


def _read(
    form: _Form,
    values: list[bytes],
    root: etree._Element,
    envelope: etree._Element,
    signature: etree._Element,
) -> Claim | None:
    """Return the claim of a signature of a known form; None where its values are not in order."""
    decoded = [_decoded(value) for value in values]
    digests, value, certificate = decoded[:-2], decoded[-2], decoded[-1]
    if value is None or certificate is None or len(value) > 1024:
        return None
    references = []
    for (uri, digest_name), digest in zip(form.references, digests, strict=True):
        if digest is None or len(digest) != _DIGEST_BYTES[digest_name]:
            return None
        references.append(ReferenceClaim(uri=uri, digest_name=digest_name, digest=digest))
    if form.shape is Shape.MANIFEST:
        if form.references[0][0] != f"#{envelope.get('Id')}":
            return None
        refuse_other_ids(root)
    return Claim(
        shape=form.shape,
        signature=signature,
        signed_info=signature[0],
        envelope=envelope,
        algorithm=form.algorithm,
        method=form.method,
        value=value,
        certificate_der=certificate,
        content=references[0],
        attachments=tuple(references[1:]),
    )


def _decoded(text: bytes) -> bytes | None:
    """Return the bytes that a value spells in its one strict spelling, white space apart."""
    packed = b"".join(text.split())
    try:
        value = binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error:
        return None
    if not value or len(value) > _VALUE_BYTES:
        return None
    return value if binascii.b2a_base64(value, newline=False) == packed else None
