"""What the body store can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class BodyMissingError(AxisError):
    """A body that the records name is not in the store."""

    code = "body.missing"
    fault = Fault.AXIS
    en = "the body {digest} is not in the store"
    vi = "không tìm thấy nội dung {digest} trong kho"
    hint_en = "restore the body store from its backup; nothing else of the document is lost"
    hint_vi = "khôi phục kho nội dung từ bản sao lưu; các phần khác của văn bản không bị mất"


class BodyCorruptError(AxisError):
    """The bytes in the store are not those that were put there."""

    code = "body.corrupt"
    fault = Fault.AXIS
    en = "the body {digest} now has the digest {got}"
    vi = "nội dung {digest} nay có mã băm {got}"
    hint_en = "restore this body from the backup and check the disk"
    hint_vi = "khôi phục nội dung này từ bản sao lưu và kiểm tra ổ đĩa"


class BodyStoreFullError(AxisError):
    """The store cannot write now: the disk is full, read-only or failing."""

    code = "body.store-unavailable"
    fault = Fault.OUTAGE
    en = "the body store cannot write: {reason}"
    vi = "kho nội dung không ghi được: {reason}"
    hint_en = "nothing was accepted; free or mend the disk, then send again"
    hint_vi = "chưa có gì được tiếp nhận; giải phóng hoặc sửa ổ đĩa rồi gửi lại"


class UploadGoneError(AxisError):
    """The file of an upload is not there: it was completed, thrown away, or never begun."""

    code = "part.upload-gone"
    fault = Fault.INPUT
    en = "the upload {upload_id} is over or was never begun"
    vi = "lượt tải lên {upload_id} đã kết thúc hoặc chưa từng bắt đầu"
    hint_en = "begin a new upload"
    hint_vi = "bắt đầu một lượt tải lên mới"


class UploadBusyError(AxisError):
    """Two calls want to write to one upload at the same time."""

    code = "part.upload-busy"
    fault = Fault.OUTAGE
    en = "another call writes to the upload {upload_id} now"
    vi = "một lệnh khác đang ghi vào lượt tải lên {upload_id}"
    hint_en = "wait for the other call, then ask how far the upload has come and go on there"
    hint_vi = "chờ lệnh kia xong, hỏi lại vị trí đã nhận rồi gửi tiếp từ đó"


class BodyStoreSettingsError(AxisError):
    """The settings name a store of bodies that cannot be opened so."""

    code = "body.store-settings"
    fault = Fault.INPUT
    en = "[bodies] {key} does not name a store: {reason}"
    vi = "[bodies] {key} không chỉ ra được kho nội dung: {reason}"
    hint_en = "correct the key; docs/operate/storage.md shows an example"
    hint_vi = "sửa khóa cấu hình này; docs/operate/storage.md có ví dụ"


class BodyStoreAbsentError(AxisError):
    """The settings name object storage, and the library is not installed."""

    code = "body.store-absent"
    fault = Fault.INPUT
    en = "[bodies] url names object storage, and obstore is not installed"
    vi = "[bodies] url chỉ tới kho đối tượng nhưng chưa cài obstore"
    hint_en = "install the extra: pip install 'axis[s3]', or leave the url empty"
    hint_vi = "cài phần mở rộng: pip install 'axis[s3]', hoặc để trống url"


class BodyStoreUnsafeError(AxisError):
    """The store of bodies does not keep what is needed so that nothing is lost or mixed up."""

    code = "body.store-unsafe"
    fault = Fault.AXIS
    en = "the body store {url} is not safe: {reason}"
    vi = "kho nội dung {url} không an toàn: {reason}"
    hint_en = "use a store that keeps this promise; docs/operate/storage.md lists what is needed"
    hint_vi = "dùng kho giữ được cam kết này; docs/operate/storage.md liệt kê các yêu cầu"
