"""A report as tables of cells, whatever file is written from it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from axis.delivery.causes import CAUSES
from axis.delivery.lanes import Lane
from axis.delivery.workdays import VIETNAM
from axis.errors import Lang
from axis.reports.columns import DAY, LABELS, LEVELS, PARTS, TIMES, TYPE, Column, Part
from axis.reports.daily import UNANSWERED, Day, DayReport
from axis.reports.figures import Report
from axis.reports.periods import Kind, Period
from axis.reports.places import Place
from axis.reports.scope import By, Scope, grouped
from axis.reports.tally import SHARES, Tally

Cell = str | int | float | None

_NAMES: Final = {
    Kind.DAILY: ("Báo cáo ngày", "Daily report"),
    Kind.WEEKLY: ("Báo cáo tuần", "Weekly report"),
    Kind.MONTHLY: ("Báo cáo tháng", "Monthly report"),
}
_TOTAL: Final = ("Tổng cộng", "Total")
#: What stands where a province should, in the words of both languages.
_NO_PROVINCE: Final = ("Trung ương", "Central")
_TIMES: Final = frozenset(column.key for column in TIMES.columns)
_WAITS: Final = {
    "waits-routed": ("chờ hệ thống nhận", "waits for its system"),
    "waits-fetched": ("đã lấy, chưa xác nhận", "fetched, not confirmed"),
    "waits-held": ("đang giữ", "held"),
    "waits-parked": ("đang để riêng", "set aside"),
    UNANSWERED: ("đã nhận, chưa trả lời", "has it, not answered"),
}
_OWNERS: Final = {
    "axis": ("trục", "axis"),
    "operator": ("vận hành", "operator"),
    "receiver": ("nơi nhận", "receiver"),
    "sender": ("nơi gửi", "sender"),
    "nobody": ("không ai", "nobody"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row, or the sum of all."""

    labels: dict[str, str]
    values: dict[str, Cell]
    facts: dict[str, object] = field(default_factory=dict)  #: what programs get instead of words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A report, ready to be written."""

    lang: Lang
    title: str
    under: list[str]  #: what stands under the title: the period, of whom, as of when
    facts: dict[str, str | int | bool]  #: the same for programs
    as_of: datetime
    labels: Sequence[Column]
    parts: Sequence[Part]
    rows: list[Row]
    total: Row
    notes: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[Column]:
        """All columns of figures."""
        return [column for part in self.parts for column in part.columns]


def sheet_of(report: Report, period: Period, *, scope: Scope, by: By, lang: Lang) -> Sheet:
    """Return a week or a month as tables."""
    groups = [
        (place, Tally.sum(line.tally for line in lines))
        for place, lines in grouped(report.lines, scope, by)
    ]
    if scope.office_id and not groups and scope.place is not None:
        groups = [(scope.place, Tally())]
    return _sheet(
        report,
        period,
        [
            Row(labels=_labels(place, by, lang), values=values_of(tally), facts=_facts(place, by))
            for place, tally in groups
        ],
        values_of(Tally.sum(tally for _, tally in groups)),
        scope=scope,
        by=by,
        lang=lang,
        parts=PARTS,
    )


def day_sheet_of(report: DayReport, period: Period, *, scope: Scope, by: By, lang: Lang) -> Sheet:
    """Return a day at 17:00 as a table: a row for each message type of each group."""
    rows, total, by_type = [], Day(), dict[str, Day]()
    for place, lines in grouped(report.lines, scope, by):
        days: dict[str, Day] = {}
        for line in lines:
            days.setdefault(line.type, Day()).add(line.tally)
        for name, day in sorted(days.items()):
            total.add(day)
            by_type.setdefault(name, Day()).add(day)
            labels = _labels(place, by, lang) | {TYPE.key: type_name(report, name, lang)}
            facts = _facts(place, by) | {"type": name, "why": day.why, "owners": day.owners}
            rows.append(Row(labels=labels, values=_values_of_day(day, lang), facts=facts))
    sheet = _sheet(
        report,
        period,
        rows,
        _values_of_day(total, lang),
        scope=scope,
        by=by,
        lang=lang,
        parts=(DAY,),
    )
    sums = [_in_short(type_name(report, name, lang), day, lang) for name, day in by_type.items()]
    under = sheet.under if by is By.TYPE else [*sheet.under, *sorted(sums)]
    return replace(sheet, labels=(*sheet.labels, TYPE), under=under)


def type_name(report: DayReport, name: str, lang: Lang) -> str:
    """Return what a type was called when the day was counted."""
    known = report.types.get(name)
    return _sayer(lang)(known) if known else name


def _in_short(name: str, day: Day, lang: Lang) -> str:
    left = day.left + day.backlog
    if lang == "vi":
        return (
            f"{name}: phát sinh {day.arose}, đã nhận {day.delivered}, còn lại {left}; "
            f"đến hạn {day.due}, đúng hạn {day.in_time}, quá hạn {day.late}."
        )
    return (
        f"{name}: {day.arose} arose, {day.delivered} delivered, {left} left; "
        f"{day.due} due, {day.in_time} in time, {day.late} late."
    )


def values_of(tally: Tally) -> dict[str, Cell]:
    """Return the cells of a tally by the keys of their columns."""
    values: dict[str, Cell] = {
        column.key: getattr(tally, column.key)
        for part in PARTS
        if part is not TIMES
        for column in part.columns
    }
    for lane in (Lane.NORMAL, Lane.EXPRESS):
        for share in SHARES:
            took = tally.took(lane.value, share)
            values[f"{lane.value}_{share}"] = None if took is None else round(took, 1)
    return values


def span(seconds: float | None, lang: Lang) -> str:
    """Return a length of time for people: ``2 giờ 05 phút``."""
    if seconds is None:
        return "–"
    vi = lang == "vi"
    if seconds < 60:
        return f"{seconds:.0f} {'giây' if vi else 's'}"
    minutes, hours, days = round(seconds / 60), round(seconds / 60) // 60, 0
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} {'ngày' if vi else 'd'} {hours} {'giờ' if vi else 'h'}"
    if hours:
        return f"{hours} {'giờ' if vi else 'h'} {minutes % 60:02} {'phút' if vi else 'min'}"
    return f"{minutes} {'phút' if vi else 'min'}"


def shown(column: Column, value: Cell, lang: Lang) -> str:
    """Return a cell for people: numbers with groups, times in words."""
    if column.key in _TIMES:
        return span(value if isinstance(value, int | float) else None, lang)
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if lang == "vi" else ",")
    return "" if value is None else str(value)


def _sheet(
    report: Report | DayReport,
    period: Period,
    rows: list[Row],
    total: dict[str, Cell],
    *,
    scope: Scope,
    by: By,
    lang: Lang,
    parts: Sequence[Part],
) -> Sheet:
    say = _sayer(lang)
    under = [_days(period, lang)]
    if scope.place is not None:
        under.append(f"{scope.place.code} {scope.place.name}".strip())
    elif scope.level:
        under.append(say(LEVELS[scope.level]))
    as_of = f"{report.as_of.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if report.closed:
        under.append(say((f"Số liệu tính đến {as_of}.", f"Figures as of {as_of}.")))
    else:
        under.append(
            say(
                (
                    f"Số liệu TẠM TÍNH đến {as_of}; kỳ báo cáo chưa chốt.",
                    f"PROVISIONAL figures as of {as_of}; the period is not closed.",
                )
            )
        )
    if report.revision > 1:
        under.append(
            say(
                (
                    f"Bản đính chính số {report.revision - 1}: {report.why}",
                    f"Correction {report.revision - 1}: {report.why}",
                )
            )
        )
    notes = []
    if not any(row.values.get(key) for row in rows for key in row.values):
        notes.append(
            say(("Không có văn bản nào trong kỳ.", "There was no document in this period."))
        )
    first = (*LABELS[by.value], TYPE)[0].key
    return Sheet(
        lang=lang,
        title=f"{say(_NAMES[period.kind])} {period.key}",
        under=under,
        facts={
            "period": period.key,
            "as_of": _utc(report.as_of),
            "closed": report.closed,
            "revision": report.revision,
        },
        as_of=report.as_of,
        labels=LABELS[by.value],
        parts=parts,
        rows=rows,
        total=Row(labels={first: say(_TOTAL)}, values=total),
        notes=notes,
    )


def _labels(place: Place, by: By, lang: Lang) -> dict[str, str]:
    say = _sayer(lang)
    if by is By.TYPE:
        return {}
    level = say(LEVELS.get(place.level, LEVELS[""]))
    if by is By.LEVEL:
        return {"level": level}
    if by is By.PROVINCE:
        if not place.province_id:
            return {"code": "", "name": say(_NO_PROVINCE)}
        return {"code": place.province, "name": place.province_name}
    return {
        "code": place.code,
        "name": place.name,
        "level": level,
        "province": place.province_name,
        "remark": _remark(place, lang),
    }


def _facts(place: Place, by: By) -> dict[str, object]:
    if by is By.TYPE:
        return {}
    if by is By.LEVEL:
        return {"level": place.level}
    if by is By.PROVINCE:
        return {"code": place.province, "province": place.province_name or "–"}
    return {
        "code": place.code,
        "office": f"{place.code} {place.name}".strip(),
        "level": place.level,
        "province": place.province,
        "ended_on": str(place.ended_on) if place.ended_on else None,
        "heirs": list(place.heirs),
    }


def _remark(place: Place, lang: Lang) -> str:
    if place.ended_on is None:
        return ""
    day = f"{place.ended_on:%d/%m/%Y}"
    heirs = ", ".join(place.heirs)
    if lang == "vi":
        return f"kết thúc {day}" + (f"; {heirs} tiếp nhận" if heirs else "")
    return f"ended {day}" + (f"; goes on as {heirs}" if heirs else "")


def _values_of_day(day: Day, lang: Lang) -> dict[str, Cell]:
    say = _sayer(lang)

    def cause(name: str) -> str:
        known = CAUSES.get(name)
        if known:
            return say((known.vi, known.en))
        return say(_WAITS.get(name, (f"trục từ chối ({name})", f"the axis refused it ({name})")))

    def owner(name: str) -> str:
        return say(_OWNERS.get(name, (name, name)))

    return {
        "sent": day.sent,
        "refused": day.refused,
        "arose": day.arose,
        "delivered": day.delivered,
        "ended": day.ended,
        "left": day.left,
        "backlog": day.backlog,
        "due": day.due,
        "in_time": day.in_time,
        "late": day.late,
        "why": _counts(day.why, cause),
        "owners": _counts(day.owners, owner),
    }


def _counts(counts: dict[str, int], name: Callable[[str], str]) -> str:
    return ", ".join(f"{name(one)}: {count}" for one, count in sorted(counts.items()))


def _days(period: Period, lang: Lang) -> str:
    first, last = _day(period.first), _day(period.last)
    if period.kind is Kind.DAILY:
        before = _day(period.begin.date())
        return f"17:00 {before} – 17:00 {first}"
    return f"Từ {first} đến {last}" if lang == "vi" else f"From {first} to {last}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _utc(at: datetime) -> str:
    from datetime import UTC

    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sayer(lang: Lang) -> Callable[[tuple[str, str]], str]:
    return lambda pair: pair[0] if lang == "vi" else pair[1]
