"""What an export can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class ExportOtherError(AxisError):
    """The folder holds an export of something else."""

    code = "audit.other-export"
    fault = Fault.INPUT
    en = "{folder} holds an export of another choice or format"
    vi = "thư mục {folder} chứa bản xuất với tiêu chí hoặc định dạng khác"
    hint_en = "name an empty folder, or ask for the same again to go on"
    hint_vi = "chọn thư mục trống, hoặc yêu cầu lại đúng như cũ để tiếp tục"


class ExportDamagedError(AxisError):
    """A file of an export is not what its manifest says."""

    code = "audit.export-damaged"
    fault = Fault.INPUT
    en = "{path} is not the file that the manifest names"
    vi = "{path} không phải là tệp nêu trong bản kê"
    hint_en = "take the export again"
    hint_vi = "xuất lại dữ liệu"


class AuditorUnknownError(AxisError):
    """Somebody asks for an export who may not have one."""

    code = "audit.not-an-auditor"
    fault = Fault.INPUT
    en = "{who} may not take an export or a report: not named by {due}"
    vi = "{who} không được phép xuất dữ liệu hay lập báo cáo: không thuộc {due}"
    hint_en = "ask the operator; docs/audit.md says how an auditor is named"
    hint_vi = "liên hệ đơn vị vận hành; docs/audit.md nêu cách chỉ định kiểm toán viên"


class ReasonAbsentError(AxisError):
    """Nobody takes an export without saying why."""

    code = "audit.no-reason"
    fault = Fault.INPUT
    en = "an export needs a reason, which is recorded in the ledger"
    vi = "phải nêu lý do xuất dữ liệu; lý do được ghi vào sổ cái"
    hint_en = "say it with --why, such as the number of the decision"
    hint_vi = "nêu bằng --why, ví dụ số quyết định kiểm toán"
