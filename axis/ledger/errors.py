"""What the ledger can refuse."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class EntryTooLargeError(AxisError):
    """An entry does not fit into an entry bundle (C2SP tlog-tiles: 65,535 bytes)."""

    code = "ledger.entry-too-large"
    fault = Fault.AXIS
    en = "an entry may have {limit} bytes, this one has {got}"
    vi = "một mục sổ cái được tối đa {limit} byte, mục này có {got}"
    hint_en = "put digests into the entry, never documents"
    hint_vi = "chỉ ghi mã băm vào mục sổ cái, không ghi nội dung văn bản"


class EntryMalformedError(AxisError):
    """The bytes of an entry are not what this version writes, or not in canonical form."""

    code = "ledger.entry-malformed"
    fault = Fault.AXIS
    en = "the bytes are no entry of the ledger: {reason}"
    vi = "chuỗi byte không phải là một mục sổ cái hợp lệ: {reason}"
    hint_en = "compare with docs/ledger.md; bytes that were changed are evidence, keep them"
    hint_vi = "đối chiếu docs/ledger.md; dữ liệu bị sửa là chứng cứ, hãy giữ lại"


class OpeningMismatchError(AxisError):
    """What an opening says is not what the entry committed to."""

    code = "ledger.opening-mismatch"
    fault = Fault.INPUT
    en = "the value given for {name} is not the one that the entry committed to"
    vi = "giá trị của {name} không khớp với cam kết trong mục sổ cái"
    hint_en = "one of the two was changed; compare with another party's receipt"
    hint_vi = "một trong hai đã bị sửa; đối chiếu với biên nhận của bên khác"


class SaltKeyError(AxisError):
    """The key that salts are derived from is absent or too short."""

    code = "ledger.salt-key"
    fault = Fault.OUTAGE
    en = "the salt key must have at least 32 bytes, got {got}"
    vi = "khóa sinh muối phải có ít nhất 32 byte, hiện có {got}"
    hint_en = "run: axis notary init"
    hint_vi = "chạy lệnh: axis notary init"


class NotaryFencedError(AxisError):
    """Another notary has taken over; this one must not write any more."""

    code = "notary.fenced"
    fault = Fault.OUTAGE
    en = "another notary has taken over (epoch {expected} is past)"
    vi = "một tiến trình công chứng khác đã tiếp quản (phiên {expected} đã hết)"
    hint_en = "nothing to do where a standby took over; else see which process runs: axis notary"
    hint_vi = "không cần làm gì nếu máy dự phòng đã tiếp quản; nếu không, kiểm tra tiến trình"


class NotaryBusyError(AxisError):
    """Another notary is active, and there is only one."""

    code = "notary.busy"
    fault = Fault.OUTAGE
    en = "another notary holds the lock"
    vi = "một tiến trình công chứng khác đang giữ khóa"
    hint_en = "a standby waits and takes over by itself; else stop the other process"
    hint_vi = "tiến trình dự phòng sẽ tự tiếp quản; nếu không, dừng tiến trình kia"


class KeyFileUnreadableError(AxisError):
    """A key file cannot be read or created."""

    code = "ledger.key-unreadable"
    fault = Fault.OUTAGE
    en = "the key file {path} cannot be used: {reason}"
    vi = "không dùng được tệp khóa {path}: {reason}"
    hint_en = "run: axis notary init; or correct the path in [notary]"
    hint_vi = "chạy lệnh: axis notary init; hoặc sửa đường dẫn trong mục [notary]"


class KeyFileOpenError(AxisError):
    """A key file can be read by others than its owner."""

    code = "ledger.key-open"
    fault = Fault.OUTAGE
    en = "the key file {path} has mode {got}, others than its owner have rights to it"
    vi = "tệp khóa {path} có quyền {got}, người khác ngoài chủ sở hữu cũng truy cập được"
    hint_en = "find out who could read it; then chmod 600, or make a new key"
    hint_vi = "xác định ai đã đọc được; rồi chmod 600 hoặc tạo khóa mới"


class KeyFileExistsError(AxisError):
    """A key would be replaced."""

    code = "ledger.key-exists"
    fault = Fault.INPUT
    en = "there is a key in {path} already"
    vi = "đã có khóa trong {path}"
    hint_en = "keys are never replaced by a command; move the old one away deliberately"
    hint_vi = "lệnh không bao giờ ghi đè khóa; hãy chủ động chuyển khóa cũ đi nơi khác"


class LedgerEntryUnknownError(AxisError):
    """Nothing in the ledger goes by this name."""

    code = "ledger.unknown"
    fault = Fault.INPUT
    en = "the ledger has nothing under {name}"
    vi = "sổ cái không có mục nào ứng với {name}"
    hint_en = "list what there is: axis ledger list"
    hint_vi = "xem danh sách: axis ledger list"


class HashLengthError(AxisError):
    """A hash has another length than SHA-256 gives."""

    code = "ledger.hash-length"
    fault = Fault.INPUT
    en = "a hash must have {expected} bytes, got {got}"
    vi = "mã băm phải có {expected} byte, nhận được {got}"
    hint_en = "the proof was damaged; ask for it again"
    hint_vi = "bằng chứng bị hỏng; hãy lấy lại"


class InclusionError(AxisError):
    """A proof does not lead from the entry to the root."""

    code = "ledger.not-included"
    fault = Fault.INPUT
    en = "the proof does not show that the entry is number {index} of the {size} in the log"
    vi = "bằng chứng không cho thấy mục này là số {index} trong {size} mục của sổ cái"
    hint_en = "if the file is as it was issued, keep it: it may convict the log; docs/audit.md"
    hint_vi = "nếu tệp còn nguyên như khi cấp, hãy giữ lại làm chứng cứ; xem docs/audit.md"


class ConsistencyError(AxisError):
    """A newer tree does not begin with the older one."""

    code = "ledger.not-consistent"
    fault = Fault.INPUT
    en = "the log of {new} entries is not shown to begin with the log of {old} entries"
    vi = "không chứng minh được sổ cái {new} mục bắt đầu bằng sổ cái {old} mục"
    hint_en = "keep both checkpoints: if the proof is whole, together they convict the log"
    hint_vi = "giữ cả hai bản chốt: nếu bằng chứng đầy đủ, chúng là chứng cứ sổ cái bị sửa"


class NoteMalformedError(AxisError):
    """Bytes are no signed note."""

    code = "ledger.note-malformed"
    fault = Fault.INPUT
    en = "this is no signed note: {reason}"
    vi = "đây không phải là bản ghi có chữ ký hợp lệ: {reason}"
    hint_en = "the form is that of c2sp.org/signed-note; take the file again from its source"
    hint_vi = "định dạng theo c2sp.org/signed-note; lấy lại tệp từ nguồn"


class NoteSignatureError(AxisError):
    """A note is not signed as it must be."""

    code = "ledger.note-signature"
    fault = Fault.INPUT
    en = "the note is not validly signed by {name}: {reason}"
    vi = "bản ghi không có chữ ký hợp lệ của {name}: {reason}"
    hint_en = "check that the key is the log's (axis ledger key); if so, the text was changed"
    hint_vi = "kiểm tra khóa đúng là của sổ cái (axis ledger key); nếu đúng, nội dung đã bị sửa"


class VerifierKeyError(AxisError):
    """A text is no verifier key."""

    code = "ledger.verifier-key"
    fault = Fault.INPUT
    en = "this is no verifier key of a type that is known: {got}"
    vi = "đây không phải là khóa kiểm tra hợp lệ: {got}"
    hint_en = "it looks like name+1a2b3c4d+base64; print the log's: axis ledger key"
    hint_vi = "khóa có dạng tên+1a2b3c4d+base64; in khóa của sổ cái: axis ledger key"


class CheckpointMalformedError(AxisError):
    """A text is no checkpoint, or not one of this log."""

    code = "ledger.checkpoint-malformed"
    fault = Fault.INPUT
    en = "this is no checkpoint of the log: {reason}"
    vi = "đây không phải là bản chốt của sổ cái: {reason}"
    hint_en = "the form is that of c2sp.org/tlog-checkpoint"
    hint_vi = "định dạng theo c2sp.org/tlog-checkpoint"


class BundleMalformedError(AxisError):
    """An entry bundle does not hold the entries that its name says."""

    code = "ledger.bundle-malformed"
    fault = Fault.INPUT
    en = "the bundle must hold {expected} whole entries; it breaks off after {got}"
    vi = "tệp gộp phải có {expected} mục đầy đủ; bị đứt sau {got} mục"
    hint_en = "take the file again from its source"
    hint_vi = "lấy lại tệp từ nguồn"


class TileMalformedError(AxisError):
    """A tile has not the length that its name says."""

    code = "ledger.tile-malformed"
    fault = Fault.INPUT
    en = "{path} must have {expected} bytes, got {got}"
    vi = "{path} phải có {expected} byte, nhận được {got}"
    hint_en = "take the file again from its source"
    hint_vi = "lấy lại tệp từ nguồn"


class ProofMalformedError(AxisError):
    """A file is no proof."""

    code = "ledger.proof-malformed"
    fault = Fault.INPUT
    en = "this is no proof file: {reason}"
    vi = "đây không phải là tệp bằng chứng: {reason}"
    hint_en = "the form is that of c2sp.org/tlog-proof; take the file again from its source"
    hint_vi = "định dạng theo c2sp.org/tlog-proof; lấy lại tệp từ nguồn"


class TileMissingError(AxisError):
    """A tile that a log of this size has is not in its folder."""

    code = "ledger.tile-missing"
    fault = Fault.INPUT
    en = "{path} is missing"
    vi = "thiếu tệp {path}"
    hint_en = "take it again from its source; the notary makes its own anew from the records"
    hint_vi = "lấy lại từ nguồn; tiến trình công chứng tự tạo lại từ dữ liệu gốc"


class TileConflictError(AxisError):
    """A tile is there with other content than the records give: one of the two was changed."""

    code = "ledger.tile-conflict"
    fault = Fault.AXIS
    en = "{path} is there already and says something else than the records"
    vi = "{path} đã tồn tại và khác với dữ liệu trong cơ sở dữ liệu"
    hint_en = "nothing is signed until this is explained: axis ledger verify names what was changed"
    hint_vi = "không ký tiếp cho đến khi làm rõ: axis ledger verify chỉ ra chỗ bị sửa"


class RolledBackError(AxisError):
    """The database is older than what was signed: to go on would be to deny what was promised."""

    code = "notary.rolled-back"
    fault = Fault.AXIS
    en = "the records end at {got} entries, but {expected} were signed for ({where})"
    vi = "dữ liệu chỉ có {got} mục, nhưng đã ký cho {expected} mục ({where})"
    hint_en = "an old backup was restored: restore the newest one, with the log of transactions"
    hint_vi = "đã phục hồi bản sao lưu cũ: hãy phục hồi bản mới nhất kèm nhật ký giao dịch"


class RewrittenError(AxisError):
    """The records do not give the root that was signed."""

    code = "notary.rewritten"
    fault = Fault.AXIS
    en = "the first {size} entries are no longer those that were signed for ({where})"
    vi = "{size} mục đầu tiên không còn là những mục đã ký ({where})"
    hint_en = "nothing more is signed; axis ledger verify names what was changed; keep the evidence"
    hint_vi = "dừng ký; axis ledger verify chỉ ra chỗ bị sửa; hãy giữ nguyên chứng cứ"


class ClockBackwardsError(AxisError):
    """The clock is before what was signed already."""

    code = "notary.clock-backwards"
    fault = Fault.OUTAGE
    en = "the clock says {got}, but something was signed at {expected} already"
    vi = "đồng hồ chỉ {got}, nhưng đã có chữ ký lúc {expected}"
    hint_en = "set the clock right; the notary goes on by itself"
    hint_vi = "chỉnh lại đồng hồ; tiến trình công chứng sẽ tự tiếp tục"


class ClockJumpedError(AxisError):
    """The clock was set while the notary ran."""

    code = "notary.clock-jumped"
    fault = Fault.OUTAGE
    en = "the clock says {got} where {expected} was due"
    vi = "đồng hồ chỉ {got} trong khi phải là {expected}"
    hint_en = "set the clock right, or restart the notary if the new time is the right one"
    hint_vi = "chỉnh lại đồng hồ, hoặc khởi động lại nếu giờ mới là đúng"


class NotaryKeyError(AxisError):
    """A file holds no Ed25519 private key."""

    code = "notary.key"
    fault = Fault.OUTAGE
    en = "{path} holds no Ed25519 private key"
    vi = "{path} không chứa khóa riêng Ed25519"
    hint_en = "correct [notary] key, or make one: axis notary init"
    hint_vi = "sửa [notary] key, hoặc tạo khóa: axis notary init"


class TokenUriError(AxisError):
    """A setting does not name a key in a PKCS#11 token."""

    code = "notary.key-uri"
    fault = Fault.INPUT
    en = "[notary] key is a pkcs11: URI that cannot be used: {reason}"
    vi = "[notary] key là URI pkcs11: không dùng được: {reason}"
    hint_en = "pkcs11:token=T;object=K?module-path=/PATH/libX.so&pin-source=file:/PATH/pin"
    hint_vi = (
        "dùng dạng pkcs11:token=T;object=K?module-path=/PATH/libX.so&pin-source=file:/PATH/pin"
    )


class BodyMismatchError(AxisError):
    """A receipt is about other bytes than those at hand."""

    code = "ledger.body-mismatch"
    fault = Fault.INPUT
    en = "the receipt is about {expected}, the file is {got}"
    vi = "biên nhận dành cho {expected}, còn tệp là {got}"
    hint_en = "take the package exactly as it was sent or fetched, to the byte"
    hint_vi = "dùng đúng gói đã gửi hoặc đã nhận, không đổi một byte"


class CosignersMissingError(AxisError):
    """Too few witnesses have cosigned."""

    code = "ledger.cosigners-missing"
    fault = Fault.INPUT
    en = "{expected} of the known witnesses must have cosigned, {got} have"
    vi = "cần {expected} bên chứng kiến đồng ký, mới có {got}"
    hint_en = "get the receipt again after the witnesses have seen a later checkpoint"
    hint_vi = "lấy lại biên nhận sau khi các bên chứng kiến đã xem bản chốt mới hơn"


class TimestampAbsentError(AxisError):
    """No time stamping authority has stamped a checkpoint of this log yet."""

    code = "ledger.no-timestamp"
    fault = Fault.OUTAGE
    en = "no checkpoint of the log {log} has a time stamp yet"
    vi = "chưa có điểm chốt nào của sổ cái {log} được gắn dấu thời gian"
    hint_en = "name an authority in [notary] tsa_url; an outage is made up for by itself"
    hint_vi = "khai báo dịch vụ cấp dấu thời gian ở [notary] tsa_url; gián đoạn sẽ tự được bù"


class CheckpointAbsentError(AxisError):
    """Nothing was signed for this log yet."""

    code = "ledger.no-checkpoint"
    fault = Fault.INPUT
    en = "nothing was signed yet for the log of {log}"
    vi = "sổ cái năm {log} chưa có bản chốt nào được ký"
    hint_en = "make the key (axis notary init) and let the notary run (axis notary --once)"
    hint_vi = "tạo khóa (axis notary init) và chạy tiến trình công chứng (axis notary --once)"


class SplitViewError(AxisError):
    """The log signed two trees of the same size."""

    code = "ledger.split-view"
    fault = Fault.INPUT
    en = "the log signed two different trees of {size} entries: {a} and {b}"
    vi = "sổ cái đã ký hai cây khác nhau cùng có {size} mục: {a} và {b}"
    hint_en = "keep both checkpoints and raise the alarm: together they convict the log"
    hint_vi = "giữ cả hai bản chốt và báo động: chúng là chứng cứ sổ cái gian dối"


class RollbackSeenError(AxisError):
    """The log offers a smaller tree than it did before."""

    code = "ledger.rolled-back"
    fault = Fault.INPUT
    en = "the log offers {got} entries, but {expected} were signed for before"
    vi = "sổ cái đưa ra {got} mục, trong khi trước đó đã ký cho {expected} mục"
    hint_en = "ask for the newest checkpoint; if there is none, the log was rolled back"
    hint_vi = "yêu cầu bản chốt mới nhất; nếu không có, sổ cái đã bị lùi lại"


class SplitViewUnprovenError(AxisError):
    """A file does not show that two checkpoints contradict each other."""

    code = "ledger.split-view-unproven"
    fault = Fault.INPUT
    en = "the checkpoints of {a} and {b} entries agree"
    vi = "hai bản chốt {a} và {b} mục nhất quán với nhau"
    hint_en = "the log is not convicted by this file"
    hint_vi = "tệp này không phải là chứng cứ sổ cái gian dối"


class SourceUnavailableError(AxisError):
    """The server that has a log's files does not answer."""

    code = "ledger.source-unavailable"
    fault = Fault.OUTAGE
    en = "{url} cannot be read: {reason}"
    vi = "không đọc được {url}: {reason}"
    hint_en = "try again later, or take another copy of the log"
    hint_vi = "thử lại sau, hoặc dùng bản sao khác của sổ cái"


class CosignersOverdueError(AxisError):
    """Too few witnesses have cosigned for too long."""

    code = "notary.cosigners-overdue"
    fault = Fault.OUTAGE
    en = "the checkpoint of {size} entries lacks {expected} cosignatures for {seconds} s"
    vi = "bản chốt {size} mục chưa đủ {expected} chữ ký chứng kiến sau {seconds} giây"
    hint_en = "see that the witnesses run and can be reached; they may know why they refuse"
    hint_vi = "kiểm tra các bên chứng kiến có hoạt động và lý do họ từ chối"


class TimestampError(AxisError):
    """A time stamp token is not valid for this checkpoint."""

    code = "ledger.timestamp"
    fault = Fault.INPUT
    en = "the time stamp is not valid: {reason}"
    vi = "dấu thời gian không hợp lệ: {reason}"
    hint_en = "check it with: openssl ts -verify; see docs/audit.md"
    hint_vi = "kiểm tra bằng: openssl ts -verify; xem docs/audit.md"
