"""What each column of a report is called, in both languages, and what it means in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from axis.errors import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of figures."""

    key: str
    vi: str
    en: str
    about_vi: str = ""
    about_en: str = ""

    def title(self, lang: Lang) -> str:
        """Return what stands over it."""
        return self.vi if lang == "vi" else self.en

    def about(self, lang: Lang) -> str:
        """Return what it means."""
        return self.about_vi if lang == "vi" else self.about_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Columns that are read together."""

    vi: str
    en: str
    columns: tuple[Column, ...]

    def title(self, lang: Lang) -> str:
        """Return what stands over them."""
        return self.vi if lang == "vi" else self.en


def _c(key: str, vi: str, en: str, about_vi: str, about_en: str) -> Column:
    return Column(key=key, vi=vi, en=en, about_vi=about_vi, about_en=about_en)


SENDING: Final = Part(
    vi="Gửi",
    en="Sent",
    columns=(
        _c(
            "documents",
            "Văn bản gửi",
            "Documents",
            "gói văn bản được trục chấp nhận trong kỳ",
            "document packages accepted in the period",
        ),
        _c(
            "changes",
            "Thu hồi, cập nhật, thay thế",
            "Changes",
            "trong số văn bản gửi",
            "of these, recalls, updates and replacements",
        ),
        _c(
            "sent_in_time",
            "Gửi đúng hạn",
            "Sent in time",
            "chậm nhất buổi sáng ngày làm việc tiếp theo ngày ký (QĐ 28/2018/QĐ-TTg)",
            "by noon of the working day after the day of signing (QĐ 28/2018/QĐ-TTg)",
        ),
        _c("sent_late", "Gửi muộn", "Sent late", "sau thời điểm đó", "after that"),
        _c(
            "undated",
            "Không rõ ngày ký",
            "Undated",
            "mã văn bản không ghi ngày",
            "the DocumentId names no day",
        ),
        _c("strong", "Ký số mạnh", "Strong", "chữ ký đúng quy định", "signed as it must be"),
        _c(
            "weak",
            "Ký số yếu",
            "Weak",
            "chấp nhận theo ngoại lệ (SHA-1)",
            "let in by leave (SHA-1)",
        ),
        _c("unsigned", "Không ký", "Unsigned", "chấp nhận theo ngoại lệ", "let in by leave"),
        _c(
            "sends",
            "Lượt gửi",
            "Deliveries sent",
            "mỗi nơi nhận của một văn bản là một lượt",
            "one for each addressee of a document",
        ),
    ),
)
RECEIVING: Final = Part(
    vi="Nhận",
    en="Received",
    columns=(
        _c("came", "Lượt đến", "Came", "lượt gửi đến trong kỳ", "deliveries routed to it"),
        _c("express", "Trong đó khẩn", "Urgent", "độ khẩn từ 1 trở lên", "of Priority 1 or more"),
        _c(
            "in_time",
            "Nhận đúng hạn",
            "Taken in time",
            "thường: trước trưa ngày làm việc tiếp theo; khẩn: trong thời gian quy định",
            "normal: by noon of the next working day; urgent: within the time that is set",
        ),
        _c("late", "Nhận muộn", "Taken late", "sau hạn, trước khi chốt", "late, before the close"),
        _c(
            "not_taken",
            "Quá hạn chưa nhận",
            "Not taken",
            "đã quá hạn mà chưa nhận khi chốt số liệu",
            "late, and not taken at the close",
        ),
        _c(
            "under_way",
            "Chưa đến hạn",
            "Not due yet",
            "chỉ có ở số liệu tạm tính",
            "only where the figures are provisional",
        ),
        _c("recalled", "Đã thu hồi", "Recalled", "trước khi nhận", "before anybody took it"),
        _c("refused", "Hệ thống từ chối", "Refused", "bởi hệ thống nơi nhận", "by its system"),
        _c("lapsed", "Hết thời hạn lưu", "Lapsed", "hết hạn hoặc bị hủy", "expired or given up"),
        _c(
            "redirected",
            "Chuyển nơi khác",
            "Redirected",
            "không tính vào lượt đến",
            "to another office; not among those that came",
        ),
    ),
)
ANSWERING: Final = Part(
    vi="Thời hạn trả lời",
    en="DueDate",
    columns=(
        _c(
            "asked",
            "Có hạn trong kỳ",
            "Asked",
            "lượt đến có DueDate trong kỳ",
            "deliveries whose DueDate is in the period",
        ),
        _c(
            "answered_in_time",
            "Trả lời đúng hạn",
            "In time",
            "trạng thái 06 hoặc văn bản trả lời, đến hết ngày hạn",
            "status 06 or a document that answers, by the end of that day",
        ),
        _c("answered_late", "Trả lời muộn", "Late", "sau ngày hạn", "after that day"),
        _c(
            "declined", "Trả lại", "Declined", "trạng thái 02 hoặc từ chối", "status 02, or refused"
        ),
        _c("unanswered", "Chưa trả lời", "Not answered", "khi chốt số liệu", "at the close"),
        _c(
            "awaited",
            "Chưa đến hạn",
            "Not due yet",
            "chỉ có ở số liệu tạm tính",
            "only where the figures are provisional",
        ),
    ),
)
#: Times are told in seconds, by lane and share of what was taken.
TIMES: Final = Part(
    vi="Thời gian chuyển",
    en="Delivery time",
    columns=tuple(
        _c(
            f"{lane}_{share}", f"{vi} {share}", f"{en} {share}",
            f"{share[1:]}% lượt {vi.lower()} được nhận trong thời gian này",
            f"{share[1:]} % of the {en.lower()} deliveries were taken within this",
        )
        for lane, vi, en in (("normal", "Thường", "Normal"), ("express", "Khẩn", "Urgent"))
        for share in ("p50", "p90", "p99")
    ),
)  # fmt: skip
PARTS: Final = (SENDING, RECEIVING, ANSWERING, TIMES)

DAY: Final = Part(
    vi="Tồn lúc 17:00",
    en="Left at 17:00",
    columns=(
        _c("sent", "Lượt gửi", "Sent", "lượt cơ quan gửi đi trong ngày", "deliveries that it sent"),
        _c(
            "refused",
            "Trục từ chối",
            "Refused",
            "gói tin gửi trong ngày bị trục từ chối, chưa gửi lại được",
            "packages of the day that the axis refused, and that were not sent again",
        ),
        _c(
            "arose",
            "Phát sinh",
            "Arose",
            "lượt đến từ 17:00 hôm trước đến 17:00",
            "deliveries to it from 17:00 of the day before to 17:00",
        ),
        _c("delivered", "Đã nhận", "Delivered", "trong số phát sinh", "of these, confirmed"),
        _c("ended", "Kết thúc khác", "Ended", "thu hồi, từ chối …", "recalled, refused …"),
        _c("left", "Còn lại", "Left", "trong số phát sinh", "of these, still under way"),
        _c("backlog", "Tồn từ trước", "Backlog", "của các ngày trước", "from earlier days"),
        _c(
            "due",
            "Đến hạn",
            "Due",
            "có hạn trong ngày theo quy tắc của loại: 17:00, hoặc hạn đã giao (kể cả gia hạn)",
            "due on the day by the rules of its type: 17:00, or the day that was set or extended",
        ),
        _c("in_time", "Đúng hạn", "In time", "trong số đến hạn", "of these, done by then"),
        _c("late", "Quá hạn", "Late", "trong số đến hạn", "of these, not done by then"),
        _c(
            "why",
            "Lý do",
            "Why",
            "của những gì còn lại, bị từ chối, quá hạn; theo nguyên nhân",
            "of all that is left, refused or late, by cause",
        ),
        _c("owners", "Ai xử lý", "Owners", "ai phải xử lý tiếp", "who must act next"),
    ),
)

LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "central": ("Trung ương", "Central"),
    "provincial": ("Cấp tỉnh", "Provincial"),
    "district": ("Cấp huyện (cũ)", "District (former)"),
    "commune": ("Cấp xã", "Commune"),
    "": ("Không rõ", "Not known"),
}

#: Which message type a row of a day is of.
TYPE: Final = Column(key="type", vi="Loại", en="Type")

#: What names a row, by what is counted together.
LABELS: Final[Mapping[str, Sequence[Column]]] = {
    "office": (
        Column(key="code", vi="Mã", en="Code"),
        Column(key="name", vi="Cơ quan", en="Office"),
        Column(key="level", vi="Cấp", en="Level"),
        Column(key="province", vi="Tỉnh", en="Province"),
        Column(key="remark", vi="Ghi chú", en="Remark"),
    ),
    "level": (Column(key="level", vi="Cấp", en="Level"),),
    "type": (),
    "province": (
        Column(key="code", vi="Mã", en="Code"),
        Column(key="name", vi="Tỉnh", en="Province"),
    ),
}
