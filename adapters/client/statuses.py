"""Statuses (01 … 16) about a document that came: built, signed, and sent like any package."""

from __future__ import annotations

from datetime import datetime

from axis.envelope.dates import write_time
from axis.envelope.values import (
    DocumentEnvelope,
    Message,
    OrganId,
    Organization,
    ResponseFor,
    StaffInfo,
    StatusCode,
    StatusEnvelope,
)
from axis.envelope.writer import encode
from axis.trust.sign import Signer, sign


def status_package(
    about: DocumentEnvelope | Message,
    code: StatusCode | str,
    *,
    reporter: str,
    signer: Signer,
    now: datetime,
    description: str | None = None,
    staff: StaffInfo | None = None,
) -> bytes:
    """Return a signed status package.

    Args:
        about: the document or message, as it was fetched and verified.
        code: 01 arrived, 02 refused, 03 taken in, 04 assigned, 05 in work, 06 done, 13 …
        reporter: code of the office that reports: ours, to which the document was addressed.
        signer: its key.
        now: the instant of the step.
        description: what to say, such as why it is refused.
        staff: who did it.

    Raises:
        ValueError: there is no such code.
        UnwritableTextError: the description holds a character that XML has not.
    """
    envelope = StatusEnvelope(
        sender=Organization(organ_id=OrganId(reporter), organ_name=_name(about, reporter)),
        response_for=ResponseFor(
            organ_id=about.sender.organ_id,
            code=about.sign,
            promulgation_date=(
                about.promulgation_info.promulgation_date
                if isinstance(about, DocumentEnvelope)
                else None
            ),
            document_id=about.document_id,
        ),
        status_code=StatusCode(code),
        description=description,
        timestamp=write_time(now),
        staff_info=staff,
    )
    return sign(encode(envelope), signer)


def _name(about: DocumentEnvelope | Message, reporter: str) -> str | None:
    return next((one.organ_name for one in about.recipients if one.organ_id == reporter), None)
