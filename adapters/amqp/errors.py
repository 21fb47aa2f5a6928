"""What the AMQP door can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class UserMissingError(AxisError):
    """A message does not say who published it; RabbitMQ vouches only for what is said."""

    code = "amqp.user-missing"
    fault = Fault.INPUT
    en = "the property user_id is not set; expected {expected}"
    vi = "thiếu thuộc tính user_id; cần là {expected}"
    hint_en = "set user_id to the name that you connect with, on every message"
    hint_vi = "đặt user_id bằng tên người dùng đang kết nối, cho mọi bản tin"


class UserForeignError(AxisError):
    """A message stands in a system's queue and is not from its user."""

    code = "amqp.user-foreign"
    fault = Fault.INPUT
    en = "the message is from {got}, expected {expected}"
    vi = "bản tin là của {got}, cần là {expected}"
    hint_en = "publish with the user of your own system"
    hint_vi = "gửi bằng người dùng của chính hệ thống mình"


class InlineTooLargeError(AxisError):
    """A package is larger than what travels inside a message."""

    code = "amqp.inline-too-large"
    fault = Fault.INPUT
    en = "the package has {got} bytes; at most {limit} travel inside a message"
    vi = "gói tin có {got} byte; tối đa {limit} byte được gửi trong một bản tin"
    hint_en = "upload it through the HTTP door and submit it by reference"
    hint_vi = "tải lên qua cổng HTTP rồi gửi bằng tham chiếu"


class EmptyMessageError(AxisError):
    """A submission has no body."""

    code = "amqp.empty"
    fault = Fault.INPUT
    en = "the message has no body"
    vi = "bản tin không có nội dung"
    hint_en = "send the bytes of the package as the body"
    hint_vi = "gửi nguyên các byte của gói tin làm nội dung"


class ContentTypeError(AxisError):
    """The content type says nothing that the door knows, or the body is encoded."""

    code = "amqp.content-type"
    fault = Fault.INPUT
    en = "content {got} is not taken here; expected {expected}"
    vi = "không nhận nội dung kiểu {got}; cần là {expected}"
    hint_en = "set content_type, and leave content_encoding empty: nothing is decompressed"
    hint_vi = "đặt content_type và để trống content_encoding: trục không giải nén"


class MessageUnreadableError(AxisError):
    """A JSON message is not what the door reads."""

    code = "amqp.unreadable"
    fault = Fault.INPUT
    en = "the message cannot be read: {reason}"
    vi = "không đọc được bản tin: {reason}"
    hint_en = "compare it with docs/integrate/amqp.asyncapi.yaml"
    hint_vi = "đối chiếu với docs/integrate/amqp.asyncapi.yaml"


class OperationUnknownError(AxisError):
    """A routing key names nothing that the door does."""

    code = "amqp.operation-unknown"
    fault = Fault.INPUT
    en = "nothing is done under the routing key {got}"
    vi = "không có thao tác nào ứng với khóa định tuyến {got}"
    hint_en = "use submit, request.fetch, request.confirm, request.refuse or request.receipt"
    hint_vi = "dùng submit, request.fetch, request.confirm, request.refuse hoặc request.receipt"


class BodyDigestError(AxisError):
    """The body is not the one that the sender meant."""

    code = "amqp.digest-mismatch"
    fault = Fault.INPUT
    en = "the body's SHA-256 is {got}, expected {expected}"
    vi = "SHA-256 của nội dung là {got}, cần là {expected}"
    hint_en = "send the same bytes that the digest was computed over"
    hint_vi = "gửi đúng các byte đã dùng để tính mã băm"


class ReferenceUnknownError(AxisError):
    """A reference names nothing that this system brought."""

    code = "amqp.reference-unknown"
    fault = Fault.INPUT
    en = "this system brought nothing of {size_bytes} bytes with the SHA-256 {sha256}"
    vi = "hệ thống này chưa tải lên nội dung nào dài {size_bytes} byte có SHA-256 {sha256}"
    hint_en = "upload the package through the HTTP door first; what is not used goes after a time"
    hint_vi = "tải gói tin lên qua cổng HTTP trước; nội dung không dùng sẽ bị hủy sau một thời gian"


class OffsetError(AxisError):
    """A piece is asked for beyond the end of the package."""

    code = "amqp.offset"
    fault = Fault.INPUT
    en = "the package has {size} bytes; there is nothing at {got}"
    vi = "gói tin có {size} byte; không có gì tại vị trí {got}"
    hint_en = "ask for offsets below size_bytes"
    hint_vi = "dùng offset nhỏ hơn size_bytes"


class ReplyMissingError(AxisError):
    """A fetch says nothing about where its answer is to go."""

    code = "amqp.reply-missing"
    fault = Fault.INPUT
    en = "reply_to is {got}; answers with bytes go to amq.rabbitmq.reply-to only"
    vi = "reply_to là {got}; nội dung chỉ được trả về amq.rabbitmq.reply-to"
    hint_en = "consume amq.rabbitmq.reply-to without acknowledgement and set reply_to to it"
    hint_vi = "nhận từ amq.rabbitmq.reply-to (không xác nhận) và đặt reply_to bằng tên đó"


class GivenUpError(AxisError):
    """A message came back so often that the door tries it no more; nothing of it was accepted."""

    code = "amqp.given-up"
    fault = Fault.OUTAGE
    en = "the message was tried {tries} times without an end and is not tried again"
    vi = "bản tin đã được thử {tries} lần không xong và không được thử lại"
    hint_en = "nothing was accepted; send it again, and tell the axis operator if it comes back"
    hint_vi = "chưa có gì được tiếp nhận; gửi lại, và báo đơn vị vận hành nếu lặp lại"


class AccountMissingError(AxisError):
    """A system that is to be served has no virtual host yet."""

    code = "amqp.account-missing"
    fault = Fault.OUTAGE
    en = "the axis cannot enter the virtual host {vhost}: {reason}"
    vi = "trục không vào được máy chủ ảo {vhost}: {reason}"
    hint_en = "run: axis system provision SYSTEM --yes"
    hint_vi = "chạy: axis system provision HỆ_THỐNG --yes"


class ManagementError(AxisError):
    """RabbitMQ's management API does not answer, or says no."""

    code = "amqp.management"
    fault = Fault.OUTAGE
    en = "RabbitMQ's management API does not do {command}: {reason}"
    vi = "API quản trị của RabbitMQ không thực hiện {command}: {reason}"
    hint_en = "check [hub] management and that its user is an administrator of RabbitMQ"
    hint_vi = "kiểm tra khóa [hub] management và quyền quản trị của người dùng đó trên RabbitMQ"


class NotByAmqpError(AxisError):
    """A system is to be provisioned that does not receive through RabbitMQ."""

    code = "amqp.not-by-amqp"
    fault = Fault.INPUT
    en = "the system {system_id} receives by {got}, not by amqp"
    vi = "hệ thống {system_id} nhận bằng {got}, không phải amqp"
    hint_en = "run first: axis system set SYSTEM --receives-by amqp"
    hint_vi = "chạy trước: axis system set HỆ_THỐNG --receives-by amqp"
