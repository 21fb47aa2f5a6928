"""What states, levels and the like are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from axis.delivery.causes import Owner
from axis.delivery.lanes import PRIORITIES, Lane
from axis.delivery.sums import Sum
from axis.directory.values import (
    Kind,
    Level,
    ReceivesBy,
    State,
    SuccessionKind,
    SystemState,
)
from axis.dispatch.acts import Act
from axis.errors import Lang
from axis.search.wanted import Standing
from axis.signin.accounts import Kind as AccountKind
from axis.trace.summary import STATES

#: Vietnamese first.
Pair = tuple[str, str]

#: A list: equal words of two kinds are one key of a mapping.
_WORDS: Final[Sequence[tuple[object, Pair]]] = (
    *((state, (vi, en)) for state, (en, vi) in STATES.items()),
    (Sum.NOWHERE, ("không có nơi nhận", "no addressees")),
    (Sum.UNDER_WAY, ("đang chuyển", "on its way")),
    (Sum.PARTLY, ("một số nơi đã nhận", "partly delivered")),
    (Sum.DELIVERED, ("tất cả đã nhận", "delivered")),
    (Sum.ENDED, ("kết thúc, không phải nơi nào cũng nhận", "ended, not everybody has it")),
    (Sum.FAILED, ("không nơi nào nhận", "nobody has it")),
    (Sum.RECALLED, ("đã thu hồi", "recalled")),
    (Standing.UNDER_WAY, ("đang chuyển", "on its way")),
    (Standing.STUCK, ("đang bị giữ hoặc chờ xử lý", "held or set aside")),
    (Standing.DELIVERED, ("đã giao xong", "delivered")),
    (Standing.REFUSED, ("trục từ chối", "refused by the axis")),
    (Owner.AXIS, ("trục", "the axis")),
    (Owner.OPERATOR, ("đơn vị vận hành trục", "the operator")),
    (Owner.RECEIVER, ("nơi nhận", "the receiver")),
    (Owner.SENDER, ("nơi gửi", "the sender")),
    (Owner.NOBODY, ("không ai", "nobody")),
    (Lane.EXPRESS, ("khẩn", "urgent")),
    (Lane.NORMAL, ("thường", "normal")),
    (Level.CENTRAL, ("trung ương", "central")),
    (Level.PROVINCIAL, ("tỉnh", "provincial")),
    (Level.DISTRICT, ("huyện (cũ)", "district (former)")),
    (Level.COMMUNE, ("xã", "commune")),
    (State.PLANNED, ("chưa hoạt động", "planned")),
    (State.ACTIVE, ("đang hoạt động", "working")),
    (State.SUSPENDED, ("tạm ngừng", "suspended")),
    (State.CLOSED, ("đã kết thúc", "closed")),
    (SystemState.ACTIVE, ("được phép", "allowed")),
    (SystemState.SUSPENDED, ("tạm ngừng", "suspended")),
    (SystemState.CLOSED, ("đã đóng", "closed")),
    (Kind.COMMITTEE, ("Ủy ban nhân dân", "people's committee")),
    (Kind.COUNCIL, ("Hội đồng nhân dân", "people's council")),
    (Kind.MINISTRY, ("bộ, ngành", "ministry")),
    (Kind.DEPARTMENT, ("sở, ban, phòng", "department")),
    (Kind.CENTRAL_BODY, ("cơ quan trung ương", "central body")),
    (Kind.PARTY, ("cơ quan Đảng", "party")),
    (Kind.ENTERPRISE, ("doanh nghiệp", "enterprise")),
    (Kind.OTHER, ("khác", "other")),
    (SuccessionKind.MERGE, ("sáp nhập", "merger")),
    (SuccessionKind.SPLIT, ("chia tách", "split")),
    (SuccessionKind.RENAME, ("đổi tên", "new name")),
    (SuccessionKind.RECODE, ("đổi mã", "new code")),
    (SuccessionKind.MOVE, ("chuyển cấp trên", "moved")),
    (SuccessionKind.CLOSE, ("giải thể", "closed")),
    (ReceivesBy.POLL, ("tự đến lấy (poll)", "fetches by itself (poll)")),
    (ReceivesBy.AMQP, ("AMQP", "AMQP")),
    (ReceivesBy.WEBHOOK, ("webhook", "webhook")),
    (ReceivesBy.PEER, ("trục khác", "another axis")),
    (Act.RETRY, ("Báo lại hệ thống nhận", "Tell again")),
    (Act.RELEASE, ("Cho chuyển tiếp", "Release")),
    (Act.PARK, ("Tạm dừng", "Set aside")),
    (Act.REDIRECT, ("Chuyển hướng", "Redirect")),
    (Act.GIVE_UP, ("Kết thúc, báo nơi gửi", "Give up")),
    (AccountKind.OPERATOR, ("vận hành", "operator")),
    (AccountKind.AUDITOR, ("kiểm tra", "auditor")),
    (AccountKind.VIEWER, ("xem theo đơn vị", "viewer of one office")),
)

_BY_TEXT: Final[Mapping[tuple[type, str], Pair]] = {
    (type(key), str(key)): pair for key, pair in _WORDS
}


def word(key: object, lang: Lang) -> str:
    """Return what something is called; what has no name is shown as it is."""
    pair = _BY_TEXT.get((type(key), str(key)))
    if pair is None:
        return str(key)
    return pair[0] if lang == "vi" else pair[1]


def level_word(level: str, lang: Lang) -> str:
    """Return what a level is called, from its value."""
    return word(Level(level), lang) if level in list(Level) else (level or "–")


#: What each act does, for whom it helps, and how it is undone.
_ACTS: Final[Mapping[Act, Pair]] = {
    Act.RETRY: (
        "Thông báo lại vào hàng đợi hoặc webhook; hệ thống tự đến lấy (poll) thì hãy gọi điện.",
        "Tells its queue or webhook again; call whoever runs a system that fetches by itself.",
    ),
    Act.RELEASE: (
        "Cho đi tiếp những gì đang bị giữ hoặc tạm dừng.",
        "Lets go what is held or set aside.",
    ),
    Act.PARK: (
        "Tạm dừng: không giao ra nữa cho tới khi cho chuyển tiếp. Hoàn tác được.",
        "Sets aside: not given out until it is released. Can be undone.",
    ),
    Act.REDIRECT: (
        "Giao cho cơ quan khác thay cho nơi được ghi. Không hoàn tác được.",
        "Gives it to another office in the place of the one addressed. Cannot be undone.",
    ),
    Act.GIVE_UP: (
        "Kết thúc lượt giao và gửi bằng chứng cho nơi gửi. Không hoàn tác được.",
        "Ends the delivery, with evidence for the sender. Cannot be undone.",
    ),
}


def act_word(act: Act, lang: Lang) -> str:
    """Return what an act does."""
    return _ACTS[act][0 if lang == "vi" else 1]


def priority_word(priority: int | None, lang: Lang) -> str:
    """Return what a priority is called."""
    if priority is None or not 0 <= priority < len(PRIORITIES):
        return "–"
    return PRIORITIES[priority][1 if lang == "vi" else 0]
