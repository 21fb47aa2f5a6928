"""What the records can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class DatabaseUnavailableError(AxisError):
    """The database cannot be reached now; what was under way may or may not have taken effect."""

    code = "store.unavailable"
    fault = Fault.OUTAGE
    en = "the database cannot be reached: {reason}"
    vi = "không kết nối được cơ sở dữ liệu: {reason}"
    hint_en = "check that the database runs and that [database] url names it"
    hint_vi = "kiểm tra cơ sở dữ liệu đang chạy và khóa [database] url là đúng"


class UnsafeDatabaseError(AxisError):
    """The database could forget what was committed, so no receipt may be given on it."""

    code = "store.unsafe"
    fault = Fault.OUTAGE
    en = "the database runs with {setting} = {got}, so a commit could be lost"
    vi = "cơ sở dữ liệu đang chạy với {setting} = {got}, dữ liệu đã ghi có thể bị mất"
    hint_en = "turn {setting} on, also where it is set for one user or database, and start again"
    hint_vi = "bật {setting}, kể cả nơi đặt riêng cho người dùng hay cơ sở dữ liệu, rồi chạy lại"


class SchemaOutdatedError(AxisError):
    """The tables are not those that this version works with."""

    code = "store.schema-outdated"
    fault = Fault.OUTAGE
    en = "the tables of the database are at revision {got}, this version needs {expected}"
    vi = "cấu trúc bảng của cơ sở dữ liệu đang ở phiên bản {got}, cần phiên bản {expected}"
    hint_en = "run: axis db upgrade"
    hint_vi = "chạy lệnh: axis db upgrade"


class AlarmUnknownError(AxisError):
    """No such alarm goes on."""

    code = "alert.unknown"
    fault = Fault.INPUT
    en = "no alarm {name} goes on"
    vi = "không có cảnh báo {name} nào đang diễn ra"
    hint_en = "`axis alert list` lists those that go on"
    hint_vi = "`axis alert list` liệt kê các cảnh báo đang diễn ra"
