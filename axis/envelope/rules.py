"""The rules that XSD 1.0 cannot say, one function each, in one table.

A rule looks at the values and yields what it refuses; the tree serves only to say where. Which
offices exist, who may speak for them and what a signature is worth is judged elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from axis.envelope.elements import Q, all_of
from axis.envelope.errors import (
    AttachmentMissingError,
    AttachmentRepeatedError,
    AttachmentUnlistedError,
    DeceptiveNameError,
    EnvelopeError,
    MissingElementError,
    MissingReceiversError,
    MissingReplacementsError,
    NameMismatchError,
    NameTooLongError,
    TooManyAttachmentsError,
    TooManyRecipientsError,
    UnnamedDocumentError,
    UnsafeNameError,
)
from axis.envelope.limits import DEFAULT, Limits
from axis.envelope.shown import shown
from axis.envelope.tree import XMLDSIG, place_of
from axis.envelope.values import BusinessType, DocumentEnvelope, Envelope, Message
from axis.errors import Place

#: Control characters, line and paragraph separators, embeddings, overrides, isolates, surrogates.
UNSAFE_IN_NAMES: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
#: Cyrillic and Greek letters that nobody tells from Latin ones (Unicode's confusables).
_LOOK_ALIKE: Final = re.compile(
    "[\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0422\u0425\u0430\u0435\u043e"
    "\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u04cf\u0501\u051b\u051d"
    "\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bd\u03bf\u03c1]"
)
_SIGNATURE: Final = f"{{{XMLDSIG}}}Signature"
_SIGNED: Final = f"{{{XMLDSIG}}}Reference"
_HEADER: Final = ("edXMLEnvelope", "edXMLHeader")
_MESSAGE: Final = (*_HEADER, "MessageHeader")
_BUSINESS: Final = (*_HEADER, "TraceHeaderList", "Bussiness")
_REFERENCE: Final = ("edXMLEnvelope", "edXMLBody", "edXMLManifest", "Reference")
_ATTACHMENT: Final = ("AttachmentEncoded", "Attachment")


@dataclass(frozen=True, slots=True)
class Case:
    """One package before the rules."""

    tree: etree._Element
    envelope: Envelope
    limits: Limits
    attachments_apart: bool

    def place(self, path: tuple[str, ...], index: int = 0) -> Place:
        """Return the place of the element at a path, the index counted from 0."""
        element = self.tree
        for name in path[:-1]:
            element = next(element.iterchildren(Q + name), element)
        found = list(element.iterchildren(Q + path[-1]))
        return place_of(found[index] if index < len(found) else element)


def check(
    tree: etree._Element,
    envelope: Envelope,
    limits: Limits = DEFAULT,
    *,
    attachments_apart: bool = False,
) -> None:
    """Hold a package to the rules of its kind.

    Args:
        tree: what ``envelope`` was read from; it says where a fault stands.
        envelope: what the package says.
        limits: what a package may cost.
        attachments_apart: attachments of the manifest may be absent from the package; so it is
            where the signature has the manifest shape (:func:`is_manifest_signed`).

    Raises:
        EnvelopeError: the first rule that is broken.
    """
    for fault in faults(tree, envelope, limits, attachments_apart=attachments_apart):
        raise fault


def faults(
    tree: etree._Element,
    envelope: Envelope,
    limits: Limits = DEFAULT,
    *,
    attachments_apart: bool = False,
) -> Iterator[EnvelopeError]:
    """Yield everything that breaks a rule."""
    case = Case(tree, envelope, limits, attachments_apart)
    if isinstance(envelope, DocumentEnvelope):
        for rule in DOCUMENT_RULES:
            yield from rule(case, envelope)
    elif isinstance(envelope, Message):
        for shared in SHARED_RULES:
            yield from shared(case, envelope)
    elif not (envelope.response_for.document_id or envelope.response_for.code):
        yield UnnamedDocumentError(
            place=case.place((*_MESSAGE, "ResponseFor")),
            rule="edXML status ResponseFor",
            expected="DocumentId | Code",
            got="–",
        )


def is_manifest_signed(tree: etree._Element) -> bool:
    """Whether a signature names attachments one by one, so that they may travel apart."""
    for envelope in all_of(tree, Q + "edXMLEnvelope"):
        for header in all_of(envelope, Q + "edXMLHeader"):
            for signature in all_of(header, _SIGNATURE):
                for reference in signature.iter(_SIGNED):
                    if reference.get("URI", "").startswith("cid:"):
                        return True
    return False


# --- the rules of document packages --------------------------------------------------------------


def _recipients_are_not_too_many(
    case: Case, envelope: DocumentEnvelope | Message
) -> Iterator[EnvelopeError]:
    limit, got = case.limits.recipients, len(envelope.recipients)
    if got > limit:
        place = case.place((*_MESSAGE, "To"), limit)
        yield TooManyRecipientsError(place=place, expected=f"≤ {limit}", got=got)


def _a_recall_or_update_names_its_document(
    case: Case, envelope: DocumentEnvelope
) -> Iterator[EnvelopeError]:
    business = envelope.business
    if business.doc_type not in {BusinessType.RECALL, BusinessType.UPDATE}:
        return
    answers = envelope.response_for
    if business.document_id or any(answer.document_id or answer.code for answer in answers):
        return
    yield UnnamedDocumentError(
        place=case.place(_BUSINESS), expected="Bussiness/DocumentId | ResponseFor", got="–"
    )


def _an_update_of_receivers_lists_them(
    case: Case, envelope: DocumentEnvelope
) -> Iterator[EnvelopeError]:
    business = envelope.business
    changes = business.doc_type is BusinessType.UPDATE and business.document_receiver
    if changes and not business.receivers:
        yield MissingReceiversError(
            place=case.place((*_BUSINESS, "BussinessDocumentInfo")),
            expected="ReceiverList/Receiver ≥ 1",
            got=0,
        )


def _a_replacement_names_what_it_replaces(
    case: Case, envelope: DocumentEnvelope
) -> Iterator[EnvelopeError]:
    business = envelope.business
    if business.doc_type is BusinessType.REPLACE and not business.replacements:
        yield MissingReplacementsError(
            place=case.place(_BUSINESS), expected="ReplacementInfo ≥ 1", got=0
        )


def _attachments_are_not_too_many(
    case: Case, envelope: DocumentEnvelope | Message
) -> Iterator[EnvelopeError]:
    limit = case.limits.attachments
    for path, got in (
        (_REFERENCE, len(envelope.manifest)),
        (_ATTACHMENT, len(envelope.attachments)),
    ):
        if got > limit:
            place = case.place(path, limit)
            yield TooManyAttachmentsError(place=place, expected=f"≤ {limit}", got=got)


def _manifest_and_attachments_agree(
    case: Case, envelope: DocumentEnvelope | Message
) -> Iterator[EnvelopeError]:
    listed: dict[str, str | None] = {}
    for index, reference in enumerate(envelope.manifest):
        if reference.content_id in listed:
            place = case.place(_REFERENCE, index)
            yield AttachmentRepeatedError(place=place, expected="1", got=reference.content_id)
        listed[reference.content_id] = reference.attachment_name
    inside: dict[str, str | None] = {}
    for index, attachment in enumerate(envelope.attachments):
        content_id, name = attachment.content_id, attachment.attachment_name
        if content_id in inside:
            place = case.place(_ATTACHMENT, index)
            yield AttachmentRepeatedError(place=place, expected="1", got=content_id)
        inside[content_id] = name
        if content_id not in listed:
            place = case.place(_ATTACHMENT, index)
            yield AttachmentUnlistedError(place=place, expected=content_id, got="–")
        elif name and (stated := listed[content_id]) and name != stated:
            place = case.place(_ATTACHMENT, index)
            yield NameMismatchError(place=place, expected=shown(stated), got=shown(name))
    for index, reference in enumerate(envelope.manifest):
        if reference.content_id not in inside:
            if not case.attachments_apart:
                place = case.place(_REFERENCE, index)
                yield AttachmentMissingError(place=place, expected=reference.content_id, got="–")
        elif not (reference.attachment_name or inside[reference.content_id]):
            place = case.place(_REFERENCE, index)
            yield MissingElementError(
                place=place, rule="edXML Reference", expected="AttachmentName", got="–"
            )


def _names_are_safe_to_show(
    case: Case, envelope: DocumentEnvelope | Message
) -> Iterator[EnvelopeError]:
    for path, names in (
        (_REFERENCE, [reference.attachment_name for reference in envelope.manifest]),
        (_ATTACHMENT, [attachment.attachment_name for attachment in envelope.attachments]),
    ):
        for index, name in enumerate(names):
            if name:
                yield from _name_faults(case, path, index, name)


def _name_faults(
    case: Case, path: tuple[str, ...], index: int, name: str
) -> Iterator[EnvelopeError]:
    unsafe = UNSAFE_IN_NAMES.search(name)
    if unsafe is not None:
        place = case.place(path, index)
        got = f"U+{ord(unsafe[0]):04X} @ {unsafe.start()}"
        yield UnsafeNameError(place=place, expected="–", got=got)
    deceptive = next(filter(_mixes_alphabets, _WORD.findall(name)), None)
    if deceptive is not None:
        place = case.place(path, index)
        yield DeceptiveNameError(place=place, expected="–", got=shown(deceptive))
    limit = case.limits.attachment_name_bytes
    size = len(unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass"))
    if size > limit:
        place = case.place(path, index)
        yield NameTooLongError(place=place, expected=f"≤ {limit}", got=size)


def _mixes_alphabets(word: str) -> bool:
    """Whether Latin letters stand beside letters of another script that look like Latin ones."""
    return _LOOK_ALIKE.search(word) is not None and _LATIN.search(word) is not None


#: Rules of everything that is addressed and has attachments, in the order of reports.
SHARED_RULES: Final[
    tuple[Callable[[Case, DocumentEnvelope | Message], Iterator[EnvelopeError]], ...]
] = (
    _recipients_are_not_too_many,
    _attachments_are_not_too_many,
    _manifest_and_attachments_agree,
    _names_are_safe_to_show,
)

#: Every rule of document packages, in the order in which they are reported.
DOCUMENT_RULES: Final[tuple[Callable[[Case, DocumentEnvelope], Iterator[EnvelopeError]], ...]] = (
    _recipients_are_not_too_many,
    _a_recall_or_update_names_its_document,
    _an_update_of_receivers_lists_them,
    _a_replacement_names_what_it_replaces,
    _attachments_are_not_too_many,
    _manifest_and_attachments_agree,
    _names_are_safe_to_show,
)
