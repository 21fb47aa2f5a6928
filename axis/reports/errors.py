"""What a report can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class PeriodUnreadableError(AxisError):
    """A period is not written as it must be."""

    code = "report.period-unreadable"
    fault = Fault.INPUT
    en = "{got} is no {wanted}"
    vi = "{got} không phải là kỳ báo cáo dạng {wanted}"
    hint_en = "write a day as 2026-11-20, a week as 2026-W46 (ISO 8601), a month as 2026-10"
    hint_vi = "viết ngày là 2026-11-20, tuần là 2026-W46 (ISO 8601), tháng là 2026-10"


class PeriodInFutureError(AxisError):
    """A period has not begun."""

    code = "report.period-in-future"
    fault = Fault.INPUT
    en = "{period} has not begun; it begins on {begins}"
    vi = "kỳ {period} chưa bắt đầu; bắt đầu từ ngày {begins}"
    hint_en = "leave --at out for the last period that is over"
    hint_vi = "bỏ --at để lấy kỳ gần nhất đã kết thúc"


class PeriodOpenError(AxisError):
    """A period is not closed, so that there is nothing to correct."""

    code = "report.period-open"
    fault = Fault.INPUT
    en = "the figures of {period} are not closed; that is done at {closes}"
    vi = "số liệu kỳ {period} chưa chốt; sẽ chốt lúc {closes}"
    hint_en = "wait for the clock to close it; until then each report is counted anew"
    hint_vi = "chờ tiến trình clock chốt số liệu; trước đó mỗi báo cáo được đếm lại"


class ReportOfficeUnknownError(AxisError):
    """A report is asked for an office that the directory does not know."""

    code = "report.office-unknown"
    fault = Fault.INPUT
    en = "no office has or had the code {office}"
    vi = "không có đơn vị nào mang mã {office}"
    hint_en = "look for its code with axis office search"
    hint_vi = "tìm mã bằng axis office search"


class NotAProvinceError(AxisError):
    """A report is asked for a province by the code of an office that is none."""

    code = "report.not-a-province"
    fault = Fault.INPUT
    en = "{office} {name} stands on the level {level}, not provincial"
    vi = "{office} {name} thuộc cấp {level}, không phải cấp tỉnh"
    hint_en = "give the code of the province, or ask for the office by --office"
    hint_vi = "nêu mã của tỉnh, hoặc dùng --office cho một đơn vị"


class TooLongForPdfError(AxisError):
    """A report has more rows than anybody would print."""

    code = "report.too-long-for-pdf"
    fault = Fault.INPUT
    en = "a PDF has room for {most} rows, the report has {rows}"
    vi = "tệp PDF chỉ chứa tối đa {most} dòng, báo cáo có {rows} dòng"
    hint_en = "ask for one province, count by province or level, or take XLSX or HTML"
    hint_vi = "chọn một tỉnh, tổng hợp theo tỉnh hoặc cấp, hoặc dùng XLSX hay HTML"


class ScheduleWrongError(AxisError):
    """An entry of the schedule in the settings cannot be followed."""

    code = "report.schedule-wrong"
    fault = Fault.INPUT
    en = "the entry {name} of [[reports.schedule]] cannot be followed; wanted is {reason}"
    vi = "không thực hiện được mục {name} của [[reports.schedule]]; cần {reason}"
    hint_en = "correct the settings and start the clock again"
    hint_vi = "sửa cấu hình rồi khởi động lại tiến trình clock"


class ReportFileError(AxisError):
    """A report cannot be written where it is to go."""

    code = "report.file-unwritable"
    fault = Fault.OUTAGE
    en = "{path} cannot be written: {reason}"
    vi = "không ghi được {path}: {reason}"
    hint_en = "see to the folder, its rights and the room on its disk"
    hint_vi = "kiểm tra thư mục, quyền ghi và dung lượng đĩa"
