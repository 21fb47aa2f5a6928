"""What the native HTTP door refuses of its own."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class PackageUnknownError(AxisError):
    """This system submitted no such package, or it was not judged and its bytes are not here."""

    code = "package.unknown"
    fault = Fault.INPUT
    en = "this system has submitted no package {package_id}"
    vi = "hệ thống này chưa gửi gói tin {package_id}"
    hint_en = "after a submission without a verdict, ask the Location of its answer"
    hint_vi = "sau khi gửi mà chưa có kết quả, hỏi theo địa chỉ Location đã trả về"


class UploadVersionError(AxisError):
    """An upload speaks another version of the tus protocol."""

    code = "http.tus-version"
    fault = Fault.INPUT
    en = "uploads speak tus 1.0.0, not {got}"
    vi = "tải lên dùng giao thức tus 1.0.0, không dùng {got}"
    hint_en = "send the header Tus-Resumable: 1.0.0"
    hint_vi = "gửi tiêu đề Tus-Resumable: 1.0.0"


class PartNotBroughtError(AxisError):
    """This system has not brought such a part, or no package named it for too long."""

    code = "part.not-brought"
    fault = Fault.INPUT
    en = "this system has brought no part {sha256}"
    vi = "hệ thống này chưa gửi tệp {sha256}"
    hint_en = "bring it with PUT, or with an upload"
    hint_vi = "gửi tệp bằng PUT hoặc bằng lượt tải lên"
