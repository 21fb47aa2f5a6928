"""What the checks find; what a check finds through another room keeps that room's code."""

from __future__ import annotations

from typing import ClassVar

from axis.doctor.values import Trouble, Verdict
from axis.errors import AxisError, Fault


class CheckUnknownError(AxisError):
    """There is no such check."""

    code = "doctor.no-such-check"
    fault = Fault.INPUT
    en = "there is no check {name}; there are: {known}"
    vi = "không có phép kiểm tra {name}; hiện có: {known}"
    hint_en = "`axis doctor --list` says what each looks at"
    hint_vi = "`axis doctor --list` cho biết từng phép kiểm tra xem gì"


class NoAnswerError(Trouble):
    """A check did not end in time."""

    code = "doctor.no-answer"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.UNKNOWN
    about: ClassVar[str] = "check"
    en = "the check {check} had no answer: {reason}"
    vi = "phép kiểm tra {check} không có kết quả: {reason}"
    hint_en = "run it alone: axis doctor --only {check}"
    hint_vi = "chạy riêng: axis doctor --only {check}"


class SkippedError(Trouble):
    """A check needs what another one found to be away."""

    code = "doctor.skipped"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.UNKNOWN
    about: ClassVar[str] = "check"
    en = "{check} cannot be looked at before {needs} is well"
    vi = "chưa kiểm tra được {check} khi {needs} còn lỗi"
    hint_en = "mend {needs} first"
    hint_vi = "khắc phục {needs} trước"


class SecretOpenError(Trouble):
    """A secret can be read by others."""

    code = "doctor.secret-open"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "path"
    en = "{path} holds a secret and others can read it (mode {got})"
    vi = "{path} chứa bí mật nhưng người khác đọc được (quyền {got})"
    hint_en = "chmod 600 {path}; if others were on this machine, replace the secret"
    hint_vi = "chmod 600 {path}; nếu máy có người khác dùng, hãy thay bí mật đó"


class SecretAbsentError(Trouble):
    """A key file that the settings name is not there."""

    code = "doctor.secret-absent"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "path"
    en = "{path}, which {key} names, is not there"
    vi = "không có tệp {path} mà {key} chỉ tới"
    hint_en = "put it back from the backup; `axis serve` makes new ones only on a new installation"
    hint_vi = "khôi phục từ bản sao lưu; `axis serve` chỉ tạo mới khi cài đặt lần đầu"


class GatewayOpenError(Trouble):
    """The HTTP doors listen beyond this machine without TLS."""

    code = "doctor.gateway-open"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "the gateway listens on {host} without TLS and behind no named proxy"
    vi = "cổng HTTP mở ở {host} mà không có TLS và không đứng sau proxy nào được khai báo"
    hint_en = "set [gateway] tls_certificate and tls_key, or proxies, or listen on 127.0.0.1"
    hint_vi = "đặt [gateway] tls_certificate và tls_key, hoặc proxies, hoặc chỉ nghe 127.0.0.1"


class TrialAuthorityError(Trouble):
    """The authority of trials is trusted."""

    code = "doctor.trial-authority"
    fault = Fault.INPUT
    about: ClassVar[str] = "path"
    en = "a trial authority is trusted: its private key lies in {path}"
    vi = "đang tin một CA thử nghiệm: khóa riêng của nó nằm ở {path}"
    hint_en = "trust the authorities that the law names, and remove this folder before real use"
    hint_vi = "chỉ tin các CA mà pháp luật quy định, xóa thư mục này trước khi dùng thật"


class GuestAccountError(Trouble):
    """RabbitMQ is used by the account that everybody knows."""

    code = "doctor.guest-account"
    fault = Fault.INPUT
    about: ClassVar[str] = "host"
    en = "RabbitMQ at {host} is used by the account guest with its known password"
    vi = "đang dùng tài khoản guest với mật khẩu ai cũng biết của RabbitMQ ở {host}"
    hint_en = "make an account of its own, delete guest, and name it in [amqp] url"
    hint_vi = "tạo tài khoản riêng, xóa guest, rồi khai báo trong [amqp] url"


class DatabaseOldError(Trouble):
    """The database is older than what the axis is tested with."""

    code = "doctor.database-old"
    fault = Fault.INPUT
    en = "the database is {got}; the axis needs {expected}"
    vi = "cơ sở dữ liệu là {got}; trục cần {expected}"
    hint_en = "upgrade the database; take a backup first"
    hint_vi = "nâng cấp cơ sở dữ liệu, sao lưu trước khi làm"


class ConnectionsError(Trouble):
    """The database has hardly any connection left."""

    code = "doctor.connections"
    fault = Fault.OUTAGE
    en = "{used} of {most} connections of the database are taken"
    vi = "đã dùng {used} trong {most} kết nối của cơ sở dữ liệu"
    hint_en = "raise max_connections, or find who keeps them: select * from pg_stat_activity"
    hint_vi = "tăng max_connections, hoặc tìm ai giữ kết nối: select * from pg_stat_activity"


class ChecksumsOffError(Trouble):
    """The database would not notice a disk that changes bytes."""

    code = "doctor.checksums-off"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.REMARK
    en = "data checksums of PostgreSQL are off: bytes that the disk changes go unnoticed"
    vi = "PostgreSQL đang tắt data checksums: ổ đĩa làm hỏng dữ liệu sẽ không bị phát hiện"
    hint_en = "stop PostgreSQL and run pg_checksums --enable"
    hint_vi = "dừng PostgreSQL rồi chạy pg_checksums --enable"


class SuperuserError(Trouble):
    """The axis works as the owner of everything."""

    code = "doctor.superuser"
    fault = Fault.INPUT
    about: ClassVar[str] = "user"
    en = "the axis works as {user}, a superuser of the database"
    vi = "trục đang dùng tài khoản quản trị tối cao {user} của cơ sở dữ liệu"
    hint_en = "give it a user of its own (docs/ledger.md, who may do what)"
    hint_vi = "dùng tài khoản riêng, ít quyền hơn (docs/ledger.md)"


class GrantsError(Trouble):
    """A role of the database has too few rights, or too many."""

    code = "doctor.grants"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "role"
    en = "the role {role} {got} {right} on {table}"
    vi = "vai trò {role} {got} {right} trên bảng {table}"
    hint_en = "grant or revoke it as docs/ledger.md says, or run the migrations as the owner again"
    hint_vi = "cấp hoặc thu quyền như docs/ledger.md, hoặc chạy lại nâng cấp bằng tài khoản chủ"


class TriggerAbsentError(Trouble):
    """Rows of the ledger could be changed without the database refusing it."""

    code = "doctor.trigger-absent"
    fault = Fault.AXIS
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "table"
    en = "the trigger that keeps {table} from being changed is gone or off"
    vi = "trigger bảo vệ bảng {table} không còn hoặc đã bị tắt"
    hint_en = "find out who did it, verify the ledger (axis ledger verify), put the trigger back"
    hint_vi = "tìm ai đã làm, kiểm tra sổ cái (axis ledger verify), rồi đặt lại trigger"


class PlaceError(Trouble):
    """Something that must last lies where it does not."""

    code = "doctor.place"
    fault = Fault.INPUT
    about: ClassVar[str] = "path"
    en = "{path} lies on a file system of type {got}, which {reason}"
    vi = "{path} nằm trên hệ thống tệp {got}: {reason}"
    hint_en = "move it to a local disk, and name it in the settings"
    hint_vi = "chuyển sang ổ đĩa cục bộ rồi sửa cấu hình"


class DiskError(Trouble):
    """A disk is full, or will be soon."""

    code = "doctor.disk"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "path"
    en = "the disk of {path} has {free_mb} MB left, enough for {days} days"
    vi = "ổ đĩa chứa {path} còn {free_mb} MB, đủ dùng {days} ngày"
    hint_en = "add room, or shorten what [retention] keeps and run: axis purge"
    hint_vi = "thêm dung lượng, hoặc giảm thời hạn lưu ở [retention] rồi chạy: axis purge"


class DiskFullError(DiskError):
    """A disk is so full that senders are told to come later."""

    code = "doctor.disk-full"
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "the disk of {path} has {free_mb} MB left: nothing more is accepted"
    vi = "ổ đĩa chứa {path} chỉ còn {free_mb} MB: trục không nhận thêm văn bản"


class ClockDiffersError(Trouble):
    """Two clocks do not agree."""

    code = "doctor.clock-differs"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "other"
    en = "the clock of {other} differs from this machine's by {seconds} s"
    vi = "đồng hồ của {other} lệch {seconds} giây so với máy này"
    hint_en = "make both follow the same time servers (chrony), then look again"
    hint_vi = "cho cả hai đồng bộ cùng máy chủ thời gian (chrony) rồi kiểm tra lại"


class BrokerOldError(Trouble):
    """RabbitMQ is older than what the axis works with."""

    code = "doctor.broker-old"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "RabbitMQ is {got}; the axis needs {expected}"
    vi = "RabbitMQ là bản {got}; trục cần {expected}"
    hint_en = "upgrade RabbitMQ: older ones lose at-least-once dead letters of quorum queues"
    hint_vi = "nâng cấp RabbitMQ: bản cũ hơn có thể mất thư chết của hàng đợi quorum"


class BrokerUnseenError(Trouble):
    """The management API does not answer, so some things cannot be seen."""

    code = "doctor.broker-unseen"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.REMARK
    en = "the management API at {url} does not answer ({reason}): policies and replicas unseen"
    vi = "API quản trị tại {url} không trả lời ({reason}): không thấy chính sách và bản sao"
    hint_en = "enable the plugin rabbitmq_management, or name it in [hub] management"
    hint_vi = "bật plugin rabbitmq_management, hoặc khai báo ở [hub] management"


class BrokerAlarmError(Trouble):
    """RabbitMQ takes nothing from anybody."""

    code = "doctor.broker-alarm"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "RabbitMQ takes no message from anybody: {reason}"
    vi = "RabbitMQ không nhận bản tin của ai: {reason}"
    hint_en = "free memory or disk of the broker (rabbitmq-diagnostics alarms); nothing is lost"
    hint_vi = "giải phóng bộ nhớ hoặc ổ đĩa của RabbitMQ (rabbitmq-diagnostics alarms)"


class BrokerDiskLimitError(Trouble):
    """RabbitMQ stops too late when its disk fills."""

    code = "doctor.broker-disk-limit"
    fault = Fault.INPUT
    about: ClassVar[str] = "node"
    en = "disk_free_limit of RabbitMQ node {node} is {got_mb} MB"
    vi = "disk_free_limit của nút RabbitMQ {node} chỉ là {got_mb} MB"
    hint_en = "set disk_free_limit.absolute = 2GB or more"
    hint_vi = "đặt disk_free_limit.absolute = 2GB trở lên"


class QueueAbsentError(Trouble):
    """A queue that the axis declares is not there."""

    code = "doctor.queue-absent"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "queue"
    en = "the queue {queue} is not in RabbitMQ"
    vi = "RabbitMQ không có hàng đợi {queue}"
    hint_en = "any process declares it when it starts; was RabbitMQ wiped, then: axis requeue"
    hint_vi = "tiến trình nào khởi động cũng tạo nó; nếu RabbitMQ bị xóa trắng: axis requeue"


class QueuePolicyError(Trouble):
    """A policy of RabbitMQ would throw notices away."""

    code = "doctor.queue-policy"
    fault = Fault.INPUT
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "queue"
    en = "the policy {policy} gives {queue} {setting} = {got}, which throws notices away"
    vi = "chính sách {policy} đặt {setting} = {got} cho {queue}, làm mất thông báo"
    hint_en = "take it back: rabbitmqctl clear_policy {policy} (or clear_operator_policy)"
    hint_vi = "gỡ bỏ: rabbitmqctl clear_policy {policy} (hoặc clear_operator_policy)"


class ReplicasError(Trouble):
    """A queue has lost replicas."""

    code = "doctor.replicas"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "queue"
    en = "{online} of {members} replicas of {queue} are online"
    vi = "hàng đợi {queue} chỉ còn {online} trong {members} bản sao hoạt động"
    hint_en = "start the missing nodes of RabbitMQ; below a majority the queue stops"
    hint_vi = "khởi động lại các nút RabbitMQ còn thiếu; dưới quá bán thì hàng đợi ngừng"


class NoLeaderError(Trouble):
    """A quorum queue has no leader: it takes nothing and gives nothing."""

    code = "doctor.no-leader"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "queue"
    en = "the queue {queue} has no leader: it takes nothing and gives nothing"
    vi = "hàng đợi {queue} không có nút dẫn đầu: không nhận và không giao được gì"
    hint_en = "start the missing nodes of RabbitMQ; if none is missing, restart it: nothing is lost"
    hint_vi = "khởi động các nút RabbitMQ còn thiếu; nếu đủ nút, khởi động lại: không mất gì"


class NoConsumerError(Trouble):
    """Nobody takes what stands in a queue."""

    code = "doctor.no-consumer"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "queue"
    en = "nobody takes from {queue}, where {count} notices stand"
    vi = "không ai lấy từ {queue}, đang có {count} thông báo"
    hint_en = "start {process}"
    hint_vi = "khởi động {process}"


class ParkedNoticesError(Trouble):
    """Notices that nobody could work on were set aside."""

    code = "doctor.parked-notices"
    fault = Fault.AXIS
    about: ClassVar[str] = "queue"
    en = "{count} notices stand in {queue}: {meaning}"
    vi = "{count} thông báo nằm trong {queue}: {meaning}"
    hint_en = "axis audit consistency names what is concerned; axis requeue tells the queues again"
    hint_vi = "axis audit consistency cho biết văn bản nào; axis requeue gửi lại thông báo"


class ParkedDeliveriesError(Trouble):
    """Deliveries were set aside and wait for a person."""

    code = "doctor.parked-deliveries"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "reason"
    en = "{count} deliveries are parked ({reason}), the oldest for {hours} h"
    vi = "{count} lượt gửi đang bị để riêng ({reason}), lâu nhất {hours} giờ"
    hint_en = "axis stuck shows them with their cause; axis release or axis redirect moves them"
    hint_vi = "axis stuck liệt kê kèm lý do; dùng axis release hoặc axis redirect"


class BacklogError(Trouble):
    """Work is piling up in the intake."""

    code = "doctor.backlog"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "queue"
    en = "{count} packages wait in {queue}; above {limit} senders are told to come later"
    vi = "{count} gói tin chờ trong {queue}; trên {limit} thì bên gửi bị hẹn gửi lại"
    hint_en = "start more relays: axis relay --workers N, here or on another machine"
    hint_vi = "chạy thêm relay: axis relay --workers N, trên máy này hay máy khác"


class UntoldError(Trouble):
    """A receiver's queue was not told of a delivery for long."""

    code = "doctor.untold"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "lane"
    en = "a delivery in the lane {lane} has waited {minutes} min for its queue to be told"
    vi = "có lượt gửi ở làn {lane} chờ {minutes} phút mà hàng đợi chưa được báo"
    hint_en = "see that the clock runs and RabbitMQ takes notices; axis stuck names the deliveries"
    hint_vi = "kiểm tra tiến trình clock và RabbitMQ; axis stuck cho biết lượt gửi nào"


class SystemFailingError(Trouble):
    """A system does not take what it is told."""

    code = "doctor.system-failing"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "system"
    en = "{system} takes nothing by {way}, {failures} times in a row: {reason}"
    vi = "{system} không nhận qua {way}, {failures} lần liên tiếp: {reason}"
    hint_en = "ask who runs it; the axis goes on trying by itself"
    hint_vi = "liên hệ đơn vị vận hành hệ thống đó; trục tự thử lại"


class SystemQuietError(Trouble):
    """A system sends nothing for longer than usual."""

    code = "doctor.system-quiet"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "system"
    en = "{system} has sent nothing for {hours} working hours; usually at most {usual}"
    vi = "{system} không gửi gì suốt {hours} giờ làm việc; bình thường không quá {usual} giờ"
    hint_en = "ask who runs it whether it still reaches the axis"
    hint_vi = "hỏi đơn vị vận hành xem hệ thống còn kết nối tới trục không"


class CertificateEndsError(Trouble):
    """A certificate ends soon."""

    code = "doctor.certificate-ends"
    fault = Fault.INPUT
    about: ClassVar[str] = "mark"  # name and stage: each stage is told of
    en = "the certificate of {subject} ({name}) ends in {days} days"
    vi = "chứng thư của {subject} ({name}) còn {days} ngày là hết hạn"
    hint_en = "register its successor before: axis cert register"
    hint_vi = "đăng ký chứng thư mới trước hạn: axis cert register"


class CertificateUrgentError(CertificateEndsError):
    """A certificate ends within days, or has ended."""

    code = "doctor.certificate-urgent"
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "the certificate of {subject} ({name}) ends in {days} days, and there is no other"
    vi = "chứng thư của {subject} ({name}) còn {days} ngày là hết hạn và chưa có chứng thư khác"


class ListStaleError(Trouble):
    """A revocation list, or an OCSP answer, is out of date or will be soon."""

    code = "doctor.list-stale"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "issuer"
    en = "the newest {kind} of {issuer} is good until {until} only"
    vi = "{kind} mới nhất của {issuer} chỉ còn giá trị đến {until}"
    hint_en = "bring a new one: axis cert fetch; see [trust] crl_urls and ocsp_urls"
    hint_vi = "lấy bản mới: axis cert fetch; xem [trust] crl_urls và ocsp_urls"


class ListEndedError(ListStaleError):
    """A revocation list is out of date: what its issuer certified cannot be accepted."""

    code = "doctor.list-ended"
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "the newest {kind} of {issuer} was good until {until}: its certificates prove nothing now"
    vi = "{kind} mới nhất của {issuer} đã hết giá trị từ {until}: không xác minh được chứng thư"


class ListAbsentError(Trouble):
    """There is no revocation list of an authority whose certificates are registered."""

    code = "doctor.list-absent"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "issuer"
    en = "there is neither a revocation list nor an OCSP answer of {issuer}"
    vi = "không có danh sách thu hồi hay trả lời OCSP nào của {issuer}"
    hint_en = "name its list in [trust] crl_urls and run: axis cert fetch"
    hint_vi = "khai báo ở [trust] crl_urls rồi chạy: axis cert fetch"


class NotaryBehindError(Trouble):
    """Entries wait too long for their place or their signature."""

    code = "doctor.notary-behind"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    en = "{count} ledger entries are not signed for, the oldest for {seconds} s"
    vi = "{count} mục sổ cái chưa được ký, lâu nhất {seconds} giây"
    hint_en = "see that the notary runs and reaches its key; deliveries go on meanwhile"
    hint_vi = "kiểm tra tiến trình notary và khóa ký; việc chuyển văn bản vẫn tiếp tục"


class ProcessAwayError(Trouble):
    """A process that must run somewhere runs nowhere."""

    code = "doctor.process-away"
    fault = Fault.OUTAGE
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "process"
    en = "no {process} runs on this installation"
    vi = "không có tiến trình {process} nào đang chạy"
    hint_en = "start it: axis {process}, or axis serve for all"
    hint_vi = "khởi động: axis {process}, hoặc axis serve cho tất cả"


class WitnessLateError(Trouble):
    """A witness has not cosigned for too long."""

    code = "doctor.witness-late"
    fault = Fault.OUTAGE
    about: ClassVar[str] = "witness"
    en = "the witness {witness} has not cosigned the ledger for {seconds} s"
    vi = "nhân chứng {witness} chưa đồng ký sổ cái suốt {seconds} giây"
    hint_en = "ask who runs it; axis ledger head shows who has cosigned what"
    hint_vi = "liên hệ đơn vị vận hành; axis ledger head cho biết ai đã đồng ký"


class SplitViewSeenError(Trouble):
    """There is evidence that a log told two stories."""

    code = "doctor.split-view"
    fault = Fault.AXIS
    verdict: ClassVar[Verdict] = Verdict.WRONG
    about: ClassVar[str] = "path"
    en = "{path} proves that a log told two different stories, or went back"
    vi = "{path} chứng minh một sổ cái đã nói hai điều khác nhau, hoặc đi lùi"
    hint_en = "keep the file, stop the notary, tell the auditors: docs/audit.md"
    hint_vi = "giữ nguyên tệp, dừng notary, báo kiểm toán: docs/audit.md"
