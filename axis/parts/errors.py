"""What can be wrong with an attachment that is brought apart."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class PartTooLargeError(AxisError):
    """A part has more bytes than may be."""

    code = "part.too-large"
    fault = Fault.INPUT
    en = "an attachment has at most {limit} bytes; this one has at least {got}"
    vi = "tệp đính kèm tối đa {limit} byte; tệp này có ít nhất {got} byte"
    hint_en = "divide the attachment, or ask the operator to raise [parts] part_bytes"
    hint_vi = "chia nhỏ tệp hoặc đề nghị đơn vị vận hành nâng [parts] part_bytes"


class PartMismatchError(AxisError):
    """The bytes that came are not those that were announced."""

    code = "part.mismatch"
    fault = Fault.INPUT
    en = "the attachment that came is not the one announced: expected {expected}, got {got}"
    vi = "tệp đã nhận không phải tệp đã báo trước: cần {expected}, nhận được {got}"
    hint_en = "send it again; if it stays so, the file changed after its digest was computed"
    hint_vi = "gửi lại; nếu vẫn sai thì tệp đã thay đổi sau khi tính mã băm"


class PartsWaitingError(AxisError):
    """A system brings parts without sending the envelopes that name them."""

    code = "part.too-many-waiting"
    fault = Fault.OUTAGE
    en = "the system has {got} of attachments without an envelope waiting; at most {limit} may"
    vi = "hệ thống đang có {got} tệp đính kèm chờ phong bì; tối đa {limit}"
    hint_en = "send the envelopes that name them, or wait until they are thrown away"
    hint_vi = "gửi các phong bì nêu những tệp này hoặc chờ chúng bị hủy"


class UploadOffsetError(AxisError):
    """Bytes came for another place than the one where the upload is."""

    code = "part.upload-offset"
    fault = Fault.INPUT
    en = "the upload has {expected} bytes; these would begin at {got}"
    vi = "lượt tải lên đã có {expected} byte; phần này lại bắt đầu từ {got}"
    hint_en = "ask how far the upload has come and send what follows"
    hint_vi = "hỏi lại vị trí đã nhận và gửi phần tiếp theo"


class PartUnknownError(AxisError):
    """A delivery has no such part."""

    code = "part.unknown"
    fault = Fault.INPUT
    en = "the delivery {delivery_id} has no attachment {content_id} that came apart"
    vi = "lượt giao {delivery_id} không có tệp đính kèm gửi riêng {content_id}"
    hint_en = "list the delivery's attachments; those inside the package come with it"
    hint_vi = "xem danh sách tệp của lượt giao; tệp nằm trong gói được giao cùng gói"
