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
