"""Why an addressee has not got a document, who must act, and what happens next. Pure.

A delivery that is held, set aside or over has a cause on record. One that is under way has none:
why it waits follows from how far its system was told, and how that system takes what it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from axis.delivery.backoff import Health
from axis.delivery.causes import CAUSES, Owner
from axis.delivery.states import State
from axis.delivery.workdays import VIETNAM
from axis.directory.values import QUEUED, System
from axis.errors import Lang
from axis.store.calls import LastCall
from axis.store.deliveries import DeliveryRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a delivery is where it is."""

    text: str
    owner: Owner  #: who must act
    next: str  #: what happens by itself, or what the owner can do


def why(
    delivery: DeliveryRecord,
    *,
    system: System | None,
    health: Health | None,
    called: LastCall | None,
    now: datetime,
    lang: Lang,
) -> Why | None:
    """Return why an addressee has not confirmed a document; None where it has.

    Args:
        delivery: as it is.
        system: that serves the addressee, if one does.
        health: of that system's queue, where it does not take what it is told.
        called: when that system called last, if it ever did.
        now: the instant.
        lang: of the sentences.
    """
    if delivery.state is State.CONFIRMED:
        return None
    cause = CAUSES.get(delivery.held_reason or "")
    if cause is not None:
        text, hint = ("vi", "next_vi") if lang == "vi" else ("en", "next_en")
        return Why(text=getattr(cause, text), owner=cause.owner, next=getattr(cause, hint))
    known = _under_way(delivery, system, health)
    name = (system.name or system.system_id) if system else (delivery.system_id or "–")
    language = 1 if lang == "vi" else 0
    text = known.text[language].format(name=name, times=health.failures if health else 0)
    if known.owner is Owner.RECEIVER:
        text += _last_call(called, now, lang)
    return Why(text=text, owner=known.owner, next=known.next[language])


@dataclass(frozen=True, slots=True)
class _Known:
    """What is said of a delivery under way, in English and Vietnamese."""

    owner: Owner
    text: tuple[str, str]
    next: tuple[str, str]


_TAKEN: Final = _Known(
    Owner.RECEIVER,
    (
        "the system {name} has taken it and not confirmed that it keeps it",
        "hệ thống {name} đã tải về nhưng chưa xác nhận đã lưu",
    ),
    (
        "the receiver looks at its system; the axis tells it again after some hours",
        "nơi nhận kiểm tra hệ thống của mình; trục tự báo lại sau vài giờ",
    ),
)
_DEAF: Final = _Known(
    Owner.AXIS,
    (
        "the queue of the system {name} takes no notice ({times} times in a row)",
        "hàng đợi của hệ thống {name} không nhận thông báo ({times} lần liên tiếp)",
    ),
    (
        "the axis tries again by itself; look at RabbitMQ and the system's account",
        "trục tự thử lại; kiểm tra RabbitMQ và tài khoản của hệ thống đó",
    ),
)
_TOLD: Final = _Known(
    Owner.RECEIVER,
    (
        "the system {name} was told, and has not taken it",
        "đã báo cho hệ thống {name}, hệ thống chưa tải về",
    ),
    (
        "the receiver looks at its system; telling it again sends one more notice",
        "nơi nhận kiểm tra hệ thống của mình; “báo lại” gửi thêm một thông báo",
    ),
)
_IN_MAILBOX: Final = _Known(
    Owner.RECEIVER,
    (
        "it is in the mailbox until the system {name} fetches it",
        "nằm trong hộp thư, chờ hệ thống {name} đến lấy",
    ),
    (
        "it is safe, do not send it again; ask the receiver whether its system runs",
        "văn bản an toàn, không cần gửi lại; hỏi nơi nhận xem hệ thống có chạy và kết nối không",
    ),
)
_BEING_TOLD: Final = _Known(
    Owner.AXIS,
    (
        "routed; the axis is telling the system {name}",
        "đã chuyển, trục đang báo cho hệ thống {name}",
    ),
    (
        "by itself; after some minutes, tell the operator of the axis",
        "tự động; nếu quá vài phút, báo đơn vị vận hành trục",
    ),
)


def _under_way(delivery: DeliveryRecord, system: System | None, health: Health | None) -> _Known:
    if delivery.state is State.FETCHED:
        return _TAKEN
    if health is not None:
        return _DEAF
    if delivery.state is State.OFFERED:
        return _TOLD
    polls = system is not None and system.receives_by not in QUEUED
    return _IN_MAILBOX if polls else _BEING_TOLD


def _last_call(called: LastCall | None, now: datetime, lang: Lang) -> str:
    """Return when a system called last, to stand behind why something waits for it."""
    vi = lang == "vi"
    if called is None:
        return "; hệ thống này chưa gọi trục lần nào" if vi else "; it has never called the axis"
    at = called.at.astimezone(VIETNAM)
    clock = f"{at:%H:%M}" if at.date() == now.astimezone(VIETNAM).date() else f"{at:%H:%M %d/%m/%Y}"
    return f"; gọi trục lần cuối lúc {clock}" if vi else f"; it called the axis last at {clock}"
