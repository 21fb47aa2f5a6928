"""What the course of a delivery can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class TransitionRefusedError(AxisError):
    """This cannot happen to a delivery in this state."""

    code = "delivery.transition"
    fault = Fault.INPUT
    en = "a delivery that is {state} cannot take the step {event}"
    vi = "lượt giao đang ở trạng thái {state} không thể thực hiện bước {event}"
    hint_en = "fetch the package before it is confirmed; axis trace shows where it is"
    hint_vi = "tải gói tin trước khi xác nhận; lệnh axis trace cho biết gói tin đang ở đâu"


class DeliveryUnknownError(AxisError):
    """There is no such delivery for this system; whether another system has it is not told."""

    code = "delivery.unknown"
    fault = Fault.INPUT
    en = "there is no delivery {delivery_id} for the system {system_id}"
    vi = "không có lượt giao {delivery_id} cho hệ thống {system_id}"
    hint_en = "list what waits with: axis inbox {system_id}"
    hint_vi = "xem các gói tin đang chờ bằng lệnh: axis inbox {system_id}"


class DocumentUnknownError(AxisError):
    """Nothing that the axis has seen goes by this name."""

    code = "document.unknown"
    fault = Fault.INPUT
    en = "no package is known by the id, DocumentId or number {name}"
    vi = "không có gói tin nào có mã, DocumentId hoặc số ký hiệu {name}"
    hint_en = "give the id that axis send printed, the DocumentId, or number/notation"
    hint_vi = "nhập mã do axis send in ra, DocumentId, hoặc số/ký hiệu văn bản"


class DocumentAmbiguousError(AxisError):
    """A number and notation that several accepted documents have."""

    code = "document.ambiguous"
    fault = Fault.INPUT
    en = "{count} documents have the number {name}: {candidates}"
    vi = "có {count} văn bản mang số ký hiệu {name}: {candidates}"
    hint_en = "ask again with one of these DocumentIds"
    hint_vi = "hỏi lại bằng một trong các DocumentId này"


class StatusUnknownDocumentError(AxisError):
    """A status names a document that the axis never accepted."""

    code = "status.unknown-document"
    fault = Fault.INPUT
    en = "no document {document_id} was accepted, so no status can be given on it"
    vi = "trục chưa tiếp nhận văn bản {document_id} nên không thể báo trạng thái"
    hint_en = "copy ResponseFor/DocumentId from the package that was received"
    hint_vi = "chép ResponseFor/DocumentId từ gói tin đã nhận"


class StatusNotAddressedError(AxisError):
    """A status on a document that was never addressed to the office."""

    code = "status.not-addressed"
    fault = Fault.INPUT
    en = "the document {document_id} has no delivery that {reporter} can give this status on"
    vi = "văn bản {document_id} không có lượt giao nào để {reporter} báo trạng thái này"
    hint_en = (
        "only an addressee reports on a document, and ResponseFor/OrganId names the other side"
    )
    hint_vi = "chỉ nơi nhận mới báo trạng thái; ResponseFor/OrganId phải là phía bên kia"


class StatusNotSenderError(AxisError):
    """A document is asked back by an office that did not send it."""

    code = "status.not-sender"
    fault = Fault.INPUT
    en = "{reporter} did not send the document {document_id} and cannot ask for it back"
    vi = "{reporter} không phải đơn vị gửi văn bản {document_id} nên không được yêu cầu lấy lại"
    hint_en = "only the sender recalls a document"
    hint_vi = "chỉ đơn vị gửi mới được thu hồi văn bản"


class DeliveryOverError(AxisError):
    """The delivery has ended; its notice can be dropped."""

    code = "delivery.over"
    fault = Fault.INPUT
    en = "the delivery has ended as {state}; the step {event} is not possible any more"
    vi = "lượt giao đã kết thúc ở trạng thái {state}; không thể thực hiện bước {event}"
    hint_en = "drop the notice: this package is not to be taken any more"
    hint_vi = "bỏ qua thông báo này: không còn nhận gói tin này nữa"


class StatusUnregisteredError(AxisError):
    """Work on a document is reported before its registration."""

    code = "status.before-registration"
    fault = Fault.INPUT
    en = "{reporter} reports {status} on {document_id} but has not registered it (03)"
    vi = "{reporter} báo {status} cho văn bản {document_id} khi chưa báo đã vào sổ (03)"
    hint_en = "report 03 first, wait for its receipt, then report the work"
    hint_vi = "báo 03 trước, chờ biên nhận rồi báo tiếp trạng thái xử lý"


class StatusRegisteredBeforeError(AxisError):
    """A document is refused after it was registered."""

    code = "status.registered-before"
    fault = Fault.INPUT
    en = "{reporter} registered {document_id} before (now at {before}) and cannot refuse it (02)"
    vi = "{reporter} đã vào sổ văn bản {document_id} (đang ở {before}) nên không thể từ chối (02)"
    hint_en = "answer with a document of your own, or ask the sender to recall it"
    hint_vi = "trả lời bằng văn bản khác, hoặc đề nghị nơi gửi thu hồi"


class StatusRefusedBeforeError(AxisError):
    """Work is reported on a document that the receiver had refused."""

    code = "status.refused-before"
    fault = Fault.INPUT
    en = "{reporter} refused {document_id} before (02) and cannot report {status} on it"
    vi = "{reporter} đã từ chối văn bản {document_id} (02) nên không thể báo {status}"
    hint_en = "ask the sender to send the document again"
    hint_vi = "đề nghị nơi gửi gửi lại văn bản"


class StatusNoRequestError(AxisError):
    """An answer to a recall, update or replacement that nobody asked for."""

    code = "status.no-request"
    fault = Fault.INPUT
    en = "nobody asked {reporter} to change or return {document_id}, so {status} answers nothing"
    vi = "không có yêu cầu cập nhật, lấy lại văn bản {document_id} để {reporter} trả lời {status}"
    hint_en = "15 and 16 answer a recall, an update, a replacement or a status 13"
    hint_vi = "15 và 16 chỉ để trả lời yêu cầu thu hồi, cập nhật, thay thế hoặc trạng thái 13"


class StatusAnsweredError(AxisError):
    """The opposite was answered before."""

    code = "status.answered-before"
    fault = Fault.INPUT
    en = "{reporter} answered the request about {document_id} before ({before}), not {status}"
    vi = "{reporter} đã trả lời yêu cầu về văn bản {document_id} là {before}, khác với {status}"
    hint_en = "the first answer stands; the sender can ask again"
    hint_vi = "câu trả lời đầu tiên có hiệu lực; nơi gửi có thể gửi yêu cầu mới"


class StatusDeliveryOverError(AxisError):
    """A status on a document that was never given to the office."""

    code = "status.never-given"
    fault = Fault.INPUT
    en = "{document_id} was never given to {reporter} ({state}), so {status} cannot be reported"
    vi = "{document_id} chưa được giao cho {reporter} ({state}) nên không thể báo {status}"
    hint_en = "axis trace shows where the document is"
    hint_vi = "lệnh axis trace cho biết văn bản đang ở đâu"


class ChangeNotSenderError(AxisError):
    """A recall, update or replacement of a document that somebody else sent."""

    code = "change.not-sender"
    fault = Fault.INPUT
    en = "{sender} did not send {document_id} and cannot recall, update or replace it"
    vi = "{sender} không gửi văn bản {document_id} nên không được thu hồi, cập nhật, thay thế"
    hint_en = "check Bussiness/DocumentId; only the sender changes a document"
    hint_vi = "kiểm tra Bussiness/DocumentId; chỉ nơi gửi mới được thay đổi văn bản"


class BodyPurgedError(AxisError):
    """The bytes were removed after the time of keeping."""

    code = "delivery.purged"
    fault = Fault.INPUT
    en = "the bytes of the delivery {delivery_id} were removed after their time of keeping"
    vi = "nội dung của lượt giao {delivery_id} đã được xóa sau thời hạn lưu giữ"
    hint_en = "ask the sender for the document; its digest and receipts are still in the ledger"
    hint_vi = "đề nghị nơi gửi cung cấp lại; mã băm và biên nhận vẫn còn trong sổ cái"
