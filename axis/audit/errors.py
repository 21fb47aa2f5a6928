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
