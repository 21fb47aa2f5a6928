"""What the private servers can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class NoRabbitMQError(AxisError):
    """No RabbitMQ server is installed on this machine."""

    code = "sandbox.no-rabbitmq"
    fault = Fault.OUTAGE
    en = "no RabbitMQ server is installed here"
    vi = "máy này chưa cài máy chủ RabbitMQ"
    hint_en = (
        "install one: apt-get install rabbitmq-server (Debian, Ubuntu), brew install rabbitmq"
        " (macOS), or run the rabbitmq container image and name it with [amqp] url"
    )
    hint_vi = (
        "cài đặt: apt-get install rabbitmq-server (Debian, Ubuntu), brew install rabbitmq (macOS),"
        " hoặc chạy RabbitMQ trong container và khai báo tại khóa [amqp] url"
    )


class NoPostgreSQLError(AxisError):
    """No PostgreSQL server is installed on this machine."""

    code = "sandbox.no-postgresql"
    fault = Fault.OUTAGE
    en = "no PostgreSQL server is installed here"
    vi = "máy này chưa cài máy chủ PostgreSQL"
    hint_en = (
        "install one: apt-get install postgresql (Debian, Ubuntu), brew install postgresql@17"
        " (macOS), or run the postgres container image and name it with [database] url"
    )
    hint_vi = (
        "cài đặt: apt-get install postgresql (Debian, Ubuntu), brew install postgresql@17 (macOS),"
        " hoặc chạy PostgreSQL trong container và khai báo tại khóa [database] url"
    )


class NoSwiftError(AxisError):
    """No object store is installed on this machine."""

    code = "sandbox.no-swift"
    fault = Fault.OUTAGE
    en = "no object store (OpenStack Swift) is installed here"
    vi = "máy này chưa cài kho đối tượng (OpenStack Swift)"
    hint_en = "install one beside the axis: pip install swift"
    hint_vi = "cài đặt cạnh axis: pip install swift"


class ServerNotStartedError(AxisError):
    """A private server ended while it was starting, or was not ready in time."""

    code = "sandbox.not-started"
    fault = Fault.OUTAGE
    en = "the private {server} did not start in {folder}: {reason}\n{log}"
    vi = "máy chủ {server} riêng tại {folder} không khởi động được: {reason}\n{log}"
    hint_en = (
        "read the end of the server's log above; free memory, disk space or ports and try again"
    )
    hint_vi = "xem phần cuối nhật ký ở trên; giải phóng bộ nhớ, đĩa hoặc cổng rồi thử lại"


class ServerInUseError(AxisError):
    """Another process keeps a private server in this folder."""

    code = "sandbox.in-use"
    fault = Fault.OUTAGE
    en = "another process keeps a private {server} in {folder}"
    vi = "một tiến trình khác đang giữ máy chủ {server} riêng tại {folder}"
    hint_en = "end that process, or name another folder"
    hint_vi = "dừng tiến trình đó, hoặc chọn thư mục khác"


class ServerStoppedError(AxisError):
    """A private server was asked for something while it does not run."""

    code = "sandbox.stopped"
    fault = Fault.OUTAGE
    en = "the private {server} in {folder} does not run"
    vi = "máy chủ {server} riêng tại {folder} không chạy"
    hint_en = "start it first"
    hint_vi = "khởi động máy chủ trước"


class ServerCommandError(AxisError):
    """A private server refused one of its own administration commands."""

    code = "sandbox.command-failed"
    fault = Fault.OUTAGE
    en = "the command {command} of the private {server} failed: {reason}"
    vi = "lệnh {command} của máy chủ {server} riêng không thành công: {reason}"
    hint_en = "read the reason; the server's logs stand in its folder"
    hint_vi = "xem lý do; nhật ký của máy chủ nằm trong thư mục của nó"
