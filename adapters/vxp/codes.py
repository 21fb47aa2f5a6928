"""Our refusals for the clients: a number, and in ErrorDesc what a person needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from axis.errors import Fault, Refusal

OK: Final = "0"
BAD_FILE: Final = "10"  #: file không hợp lệ
NOT_PROVED: Final = "15"  #: sai SystemId/SecretKey
RECIPIENT_UNKNOWN: Final = "18"  #: đơn vị nhận không tồn tại
SENDER_UNKNOWN: Final = "19"  #: đơn vị gửi không đăng ký
AXIS: Final = "20"  #: lỗi hệ thống phía trục
NOT_DONE: Final = "21"  #: lỗi xử lý file
BAD_FORM: Final = "22"  #: định dạng edXML không đúng
RECIPIENT_LOCKED: Final = "23"  #: đơn vị nhận đã khóa

#: By code; a code that ends with a dot stands for all that begin so.
_NUMBERS: Final[Mapping[str, str]] = {
    "access.": NOT_PROVED,
    "vxp.headers-differ": NOT_PROVED,
    "vxp.hash-file": BAD_FILE,
    "vxp.document-unknown": BAD_FILE,
    "vxp.": NOT_DONE,
    "recipient.unknown": RECIPIENT_UNKNOWN,
    "recipient.not-yet": RECIPIENT_LOCKED,
    "recipient.": RECIPIENT_UNKNOWN,
    "sender.": SENDER_UNKNOWN,
    "certificate.not-for-office": SENDER_UNKNOWN,
    "envelope.empty": BAD_FILE,
    "envelope.not-xml": BAD_FILE,
    "envelope.too-large": BAD_FILE,
    "envelope.compressed": BAD_FILE,
    "envelope.": BAD_FORM,
    "schema.": BAD_FORM,
    "attachment.": BAD_FORM,
    "business.": BAD_FORM,
    "signature.": BAD_FILE,
    "certificate.": BAD_FILE,
    "http.compressed": BAD_FILE,
    "http.body-too-large": BAD_FILE,
    "http.cut-off": BAD_FILE,
}

#: Reasons in one ErrorDesc.
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal as the client gets it."""

    number: str
    desc: str


def said_of(refusal: Refusal, also: Sequence[Refusal] = ()) -> Said:
    """Return a refusal as the client gets it, with everything else that is wrong."""
    return Said(number_of(refusal), describe(refusal, also))


def number_of(refusal: Refusal) -> str:
    """Return the number that stands for a refusal."""
    if refusal.fault is not Fault.INPUT:
        return AXIS
    if refusal.code in _NUMBERS:
        return _NUMBERS[refusal.code]
    return _NUMBERS.get(f"{refusal.code.partition('.')[0]}.", NOT_DONE)


def describe(refusal: Refusal, also: Sequence[Refusal] = ()) -> str:
    """Return the ErrorDesc: every reason with its place, then the next step, then our code."""
    reasons = [_reason(one) for one in (also or (refusal,))]
    return written(reasons, refusal.hint("vi"), refusal.code)


def written(reasons: Sequence[str], hint: str, code: str) -> str:
    """Return an ErrorDesc of sentences that are there already."""
    return f"{' | '.join(reasons[:_MOST])} → {hint} [{code}]"


def _reason(refusal: Refusal) -> str:
    place = refusal.place
    where = []
    if place is not None and place.xpath:
        where.append(place.xpath)
    if place is not None and place.line:
        column = f", cột {place.column}" if place.column else ""
        where.append(f"dòng {place.line}{column}")
    text = refusal.text("vi")
    return f"{text} ({'; '.join(where)})" if where else text
