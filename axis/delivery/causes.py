"""Why a delivery is held, parked or over: for each cause who acts next, and what happens by itself.

A cause is a code that is kept with the delivery and stands as ``reason`` in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Owner(StrEnum):
    """Who must act next."""

    AXIS = "axis"  #: the axis by itself
    OPERATOR = "operator"
    RECEIVER = "receiver"
    SENDER = "sender"
    NOBODY = "nobody"  #: it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a cause means."""

    owner: Owner
    en: str
    vi: str
    next_en: str  #: what happens next by itself, or what the owner can do
    next_vi: str


CAUSES: Final[Mapping[str, Cause]] = {
    "no-system": Cause(
        owner=Owner.RECEIVER,
        en="its system is not connected yet",
        vi="hệ thống của đơn vị chưa kết nối",
        next_en="released by itself when the office's system connects",
        next_vi="tự động chuyển khi hệ thống của đơn vị kết nối",
    ),
    "divided": Cause(
        owner=Owner.OPERATOR,
        en="the office was divided",
        vi="đơn vị đã bị chia tách",
        next_en="set a rule for the divided office, or redirect it",
        next_vi="đặt quy tắc cho đơn vị chia tách, hoặc chuyển hướng",
    ),
    "rule": Cause(
        owner=Owner.OPERATOR,
        en="a person decides by rule",
        vi="chờ người có thẩm quyền quyết định",
        next_en="redirect it to the office that is to have it",
        next_vi="chuyển hướng tới đơn vị được chỉ định",
    ),
    "no-successor": Cause(
        owner=Owner.OPERATOR,
        en="the office was closed",
        vi="đơn vị đã giải thể",
        next_en="redirect it, or give it up with a reason for the sender",
        next_vi="chuyển hướng, hoặc kết thúc và nêu lý do cho nơi gửi",
    ),
    "suspended": Cause(
        owner=Owner.RECEIVER,
        en="the office is suspended",
        vi="đơn vị đang tạm ngừng",
        next_en="released by itself when the office works again",
        next_vi="tự động chuyển khi đơn vị hoạt động trở lại",
    ),
    "not-taken": Cause(
        owner=Owner.AXIS,
        en="the receiver's queue took no notice after many tries",
        vi="hàng đợi của nơi nhận không nhận thông báo sau nhiều lần thử",
        next_en="released by itself when the receiver's queue takes notices again",
        next_vi="tự động chuyển lại khi hàng đợi của nơi nhận hoạt động",
    ),
    "not-confirmed": Cause(
        owner=Owner.OPERATOR,
        en="the receiver's system took it many times and never confirmed it",
        vi="hệ thống nơi nhận đã tải nhiều lần nhưng không xác nhận",
        next_en="talk to the receiver, then release it",
        next_vi="liên hệ nơi nhận, sau đó chuyển lại",
    ),
    "by-operator": Cause(
        owner=Owner.OPERATOR,
        en="set aside by the operator",
        vi="đơn vị vận hành tạm dừng",
        next_en="stays until somebody releases it or it expires",
        next_vi="giữ cho đến khi được chuyển lại hoặc hết hạn",
    ),
    "expired": Cause(
        owner=Owner.SENDER,
        en="nobody took it within its time to live",
        vi="hết thời hạn mà không có ai nhận",
        next_en="the sender sends it again, or by other means",
        next_vi="nơi gửi gửi lại hoặc gửi bằng cách khác",
    ),
    "given-up": Cause(
        owner=Owner.SENDER,
        en="given up by the operator",
        vi="đơn vị vận hành kết thúc, không giao được",
        next_en="the sender sends it by other means",
        next_vi="nơi gửi gửi bằng cách khác",
    ),
    "refused-by-system": Cause(
        owner=Owner.SENDER,
        en="the receiver's system refused it",
        vi="hệ thống nơi nhận từ chối",
        next_en="the sender asks the receiver why, and sends it again",
        next_vi="nơi gửi liên hệ nơi nhận rồi gửi lại",
    ),
    "recalled": Cause(
        owner=Owner.NOBODY,
        en="the sender asked for it back before it was taken",
        vi="nơi gửi thu hồi trước khi văn bản được tải về",
        next_en="nothing: it is never given out",
        next_vi="không cần làm gì: văn bản không bao giờ được giao",
    ),
    "redirected": Cause(
        owner=Owner.NOBODY,
        en="another office has it in its place",
        vi="đã chuyển hướng tới đơn vị khác",
        next_en="nothing: follow the other delivery",
        next_vi="không cần làm gì: theo dõi lượt giao thay thế",
    ),
}
