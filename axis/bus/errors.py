"""What the carriage can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class BusUnavailableError(AxisError):
    """RabbitMQ cannot be reached now, or went away; what was under way is done again."""

    code = "bus.unavailable"
    fault = Fault.OUTAGE
    en = "RabbitMQ cannot be reached: {reason}"
    vi = "không kết nối được RabbitMQ: {reason}"
    hint_en = "check that RabbitMQ runs and that [amqp] url names it; nothing is lost meanwhile"
    hint_vi = "kiểm tra RabbitMQ đang chạy và khóa [amqp] url là đúng; không có gì bị mất"


class PublishUnconfirmedError(AxisError):
    """RabbitMQ did not confirm a notice; whether it has it is unknown, so it is published again."""

    code = "bus.publish-unconfirmed"
    fault = Fault.OUTAGE
    en = "RabbitMQ did not confirm a notice to {routing_key}: {reason}"
    vi = "RabbitMQ không xác nhận thông báo tới {routing_key}: {reason}"
    hint_en = "check RabbitMQ's memory and disk alarms and the length of the queue"
    hint_vi = "kiểm tra cảnh báo bộ nhớ, ổ đĩa của RabbitMQ và độ dài hàng đợi"


class NoticeUnreadableError(AxisError):
    """What stands in a queue is not one of our notices."""

    code = "bus.notice-unreadable"
    fault = Fault.AXIS
    en = "a message in {queue} is not a notice of the axis: {reason}"
    vi = "một bản tin trong {queue} không phải thông báo của trục: {reason}"
    hint_en = "find out who may write to this queue; the message is in the parking queue"
    hint_vi = "kiểm tra ai có quyền ghi vào hàng đợi này; bản tin nằm ở hàng đợi chờ xử lý"


class UnsafeQueueError(AxisError):
    """A queue or exchange is there with other properties, under which notices could be lost."""

    code = "bus.unsafe"
    fault = Fault.AXIS
    en = "{queue} in RabbitMQ has {setting} = {got}, the axis needs {expected}"
    vi = "{queue} trong RabbitMQ có {setting} = {got}, trục cần {expected}"
    hint_en = "stop all processes, delete it in RabbitMQ, start again, then: axis requeue"
    hint_vi = "dừng mọi tiến trình, xóa nó trong RabbitMQ, chạy lại, rồi dùng: axis requeue"
