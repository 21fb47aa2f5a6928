"""What the directory refuses: addresses nobody has, and changes that would contradict its facts."""

from __future__ import annotations

from axis.errors import AxisError, Fault, Refusal


class RecipientUnknownError(AxisError):
    """No office has or ever had this code."""

    code = "recipient.unknown"
    fault = Fault.INPUT
    en = "no office has or ever had the code {code}"
    vi = "không có cơ quan nào đang hoặc từng mang mã {code}"
    hint_en = "look the office up by name: axis office search NAME"
    hint_vi = "tra cứu cơ quan theo tên: axis office search TÊN"


class RecipientNotYetError(RecipientUnknownError):
    """The code is assigned, but only from a later day."""

    code = "recipient.not-yet"
    en = "the code {code} takes effect only on {valid_from}"
    vi = "mã {code} chỉ có hiệu lực từ {valid_from}"
    hint_en = "use the code that is in force, or send again from that day on"
    hint_vi = "dùng mã đang có hiệu lực hoặc gửi lại từ ngày đó"


class OfficeUnknownError(AxisError):
    """An administrator named an office that is not in the directory."""

    code = "office.unknown"
    fault = Fault.INPUT
    en = "no office has the code {code} at {at}"
    vi = "không có cơ quan nào mang mã {code} tại thời điểm {at}"
    hint_en = "axis office search NAME finds an office by its name"
    hint_vi = "axis office search TÊN tìm cơ quan theo tên"


class SystemUnknownError(AxisError):
    """An administrator named a system that is not in the directory."""

    code = "system.unknown"
    fault = Fault.INPUT
    en = "there is no system {system_id}"
    vi = "không có hệ thống {system_id}"
    hint_en = "axis system list shows all; axis system add makes one"
    hint_vi = "axis system list liệt kê; axis system add thêm mới"


class SystemExistsError(AxisError):
    """A system of this id is there and differs."""

    code = "system.exists"
    fault = Fault.INPUT
    en = "the system {system_id} exists with {field} = {got}"
    vi = "hệ thống {system_id} đã có với {field} = {got}"
    hint_en = "change it with axis system set, or choose another id"
    hint_vi = "sửa bằng axis system set hoặc chọn mã khác"


class SystemBadIdError(AxisError):
    """The id cannot be part of a queue's name."""

    code = "system.bad-id"
    fault = Fault.INPUT
    en = "a system id has 1 to 64 letters, digits, dots, hyphens or underscores, not {system_id}"
    vi = "mã hệ thống gồm 1–64 chữ cái, chữ số và . - _, không phải {system_id}"
    hint_en = "choose an id such as vpubnd-h49"
    hint_vi = "chọn mã như vpubnd-h49"


class DirectoryRefusedError(AxisError):
    """A change contradicts the directory; ``problems`` lists why and nothing was changed."""

    code = "directory.refused"
    fault = Fault.INPUT
    en = "nothing was changed: {count} problem(s) in {source}"
    vi = "không thay đổi gì: {count} lỗi trong {source}"
    hint_en = "correct every line that is listed and try again"
    hint_vi = "sửa mọi dòng được liệt kê rồi thử lại"

    problems: tuple[Refusal, ...] = ()

    @classmethod
    def of(cls, problems: tuple[Refusal, ...], *, source: str) -> DirectoryRefusedError:
        """Return the refusal that carries these problems."""
        error = cls(count=len(problems), source=source)
        error.problems = problems
        return error


class _ProblemError(AxisError):
    """One reason why a change is refused, with its line and column; each kind has its code."""

    fault = Fault.INPUT


class WrongEncodingError(_ProblemError):
    """The file is not UTF-8."""

    code = "directory.wrong-encoding"
    en = "the file is not UTF-8: byte {byte} at offset {offset}"
    vi = "tệp không phải UTF-8: byte {byte} tại vị trí {offset}"
    hint_en = "save it as CSV UTF-8"
    hint_vi = "lưu lại dạng CSV UTF-8"


class WrongColumnsError(_ProblemError):
    """The header is not the documented one, or a line has another number of cells."""

    code = "directory.wrong-columns"
    en = "expected the columns {expected}, got {got}"
    vi = "cần các cột {expected}, nhận được {got}"
    hint_en = "the first line names the columns; docs/directory.md has an example"
    hint_vi = "dòng đầu ghi tên cột; xem ví dụ trong docs/directory.md"


class MissingValueError(_ProblemError):
    """A cell that must be filled is empty."""

    code = "directory.missing-value"
    en = "{column} is empty"
    vi = "{column} để trống"
    hint_en = "fill the cell"
    hint_vi = "điền giá trị vào ô"


class UnknownValueError(_ProblemError):
    """A cell has none of the values that are possible."""

    code = "directory.unknown-value"
    en = "{column} is {got}, expected {expected}"
    vi = "{column} là {got}, cần {expected}"
    hint_en = "use one of the values that are listed"
    hint_vi = "dùng một trong các giá trị được nêu"


class SpanReversedError(_ProblemError):
    """A validity ends before it begins."""

    code = "directory.span-reversed"
    en = "{column} {got} is not after {start}"
    vi = "{column} {got} không sau {start}"
    hint_en = "the end is the first instant that no longer counts"
    hint_vi = "thời điểm kết thúc là lúc bắt đầu hết hiệu lực"


class DuplicateCodeError(_ProblemError):
    """Two lines give the same code to two offices for the same time."""

    code = "directory.duplicate-code"
    en = "the code {code} stands already in line {first_line}"
    vi = "mã {code} đã có ở dòng {first_line}"
    hint_en = "remove one of the lines or make their validities follow each other"
    hint_vi = "bỏ một dòng hoặc sửa cho thời gian hiệu lực nối tiếp nhau"


class CodeTakenError(_ProblemError):
    """Another office has this code in that time, or had it and is not a predecessor."""

    code = "directory.code-taken"
    en = "the code {code} belongs to {name} ({office_id})"
    vi = "mã {code} thuộc về {name} ({office_id})"
    hint_en = "a code passes only to a successor of its last holder; record the succession first"
    hint_vi = "mã chỉ chuyển cho đơn vị kế thừa; hãy ghi nhận việc kế thừa trước"


class ParentMissingError(_ProblemError):
    """The parent is neither in the file nor in the directory."""

    code = "directory.parent-missing"
    en = "no office has the parent's code {code}"
    vi = "không có cơ quan cấp trên mang mã {code}"
    hint_en = "add the parent to the file or import it first"
    hint_vi = "thêm cơ quan cấp trên vào tệp hoặc nhập trước"


class ParentCycleError(_ProblemError):
    """An office would stand under itself."""

    code = "directory.parent-cycle"
    en = "the office {code} would stand under itself: {way}"
    vi = "cơ quan {code} trở thành cấp dưới của chính nó: {way}"
    hint_en = "correct one of the parents on the way"
    hint_vi = "sửa một trong các cấp trên của chuỗi này"


class DiffersError(_ProblemError):
    """The office is in the directory and says something else."""

    code = "directory.differs"
    en = "the office {code} has {column} = {expected} in the directory, the file says {got}"
    vi = "cơ quan {code} có {column} = {expected} trong danh mục, tệp ghi {got}"
    hint_en = "an import only adds; record the change with axis office rename, move or recode"
    hint_vi = "nhập chỉ thêm mới; ghi nhận thay đổi bằng axis office rename, move hoặc recode"


class OverlapError(_ProblemError):
    """Two facts that exclude each other would hold at once."""

    code = "directory.overlap"
    en = "{what} of {office} would hold twice from {start}"
    vi = "{what} của {office} bị chồng thời gian từ {start}"
    hint_en = "end the earlier one first, or choose a later day"
    hint_vi = "kết thúc giá trị trước hoặc chọn ngày muộn hơn"


class OddCodeError(_ProblemError):
    """A warning, never a refusal: the code has none of the usual forms."""

    code = "directory.odd-code"
    en = "the code {code} has none of the usual forms; it is used as it is"
    vi = "mã {code} không theo dạng thông thường; vẫn được dùng nguyên trạng"
    hint_en = "usual are 000.00.00.H49, H49.12.34 and statistics codes"
    hint_vi = "dạng thường gặp: 000.00.00.H49, H49.12.34 và mã thống kê"


class BeforeExistenceError(_ProblemError):
    """An act takes effect before the office was there."""

    code = "directory.before-existence"
    en = "the office {code} is there only from {start}, the act takes effect on {at}"
    vi = "cơ quan {code} chỉ có từ {start}, sự kiện có hiệu lực từ {at}"
    hint_en = "correct the day of the act"
    hint_vi = "sửa ngày hiệu lực"


class AlreadyClosedError(_ProblemError):
    """An act ends or changes an office that has ended, or that a later act changes."""

    code = "directory.already-closed"
    en = "the office {code} is closed from {end}"
    vi = "cơ quan {code} đã chấm dứt từ {end}"
    hint_en = "axis office history shows by which act; axis office revoke takes an act back"
    hint_vi = "axis office history cho biết theo sự kiện nào; axis office revoke hủy ghi nhận"


class LaterFactsError(_ProblemError):
    """An act would take effect before one that is recorded already and depends on it."""

    code = "directory.later-facts"
    en = "{what} of {office} is recorded from {start}, after this act"
    vi = "{what} của {office} đã được ghi nhận từ {start}, sau sự kiện này"
    hint_en = "axis office revoke the later act, record this one, then record that again"
    hint_vi = "hủy sự kiện sau bằng axis office revoke, ghi sự kiện này rồi ghi lại"


class SuccessorMissingError(_ProblemError):
    """The successor is not in the directory, or does not work when the act takes effect."""

    code = "directory.successor-missing"
    en = "no office works under the code {code} on {at}"
    vi = "không có cơ quan hoạt động mang mã {code} vào {at}"
    hint_en = "write CODE=NAME to found the office by the same act"
    hint_vi = "ghi MÃ=TÊN để thành lập cơ quan trong cùng sự kiện"


class SuccessionCycleError(_ProblemError):
    """The successor is, in the end, succeeded by the office itself."""

    code = "directory.succession-cycle"
    en = "{code} would in the end succeed itself: {way}"
    vi = "{code} rốt cuộc sẽ kế thừa chính mình: {way}"
    hint_en = "correct the direction of one of the acts"
    hint_vi = "sửa chiều của một trong các sự kiện"


class NoRuleError(_ProblemError):
    """An office is divided and nothing says where letters to it go."""

    code = "directory.no-rule"
    en = "{code} is divided among {count} successors and no rule is set"
    vi = "{code} được chia cho {count} đơn vị kế thừa nhưng chưa có quy tắc"
    hint_en = "set a default, a rule by sub-unit or document type, or hold for a person"
    hint_vi = "đặt mặc định, quy tắc theo đơn vị hoặc loại văn bản, hoặc giữ cho người quyết định"


class OrphanQueueError(_ProblemError):
    """Deliveries would wait in a queue that nobody empties, or have no queue at all."""

    code = "directory.orphan-queue"
    en = "{code} would have no system on {at}, its predecessors are served by {systems}"
    vi = "{code} sẽ không có hệ thống nào từ {at}, các đơn vị trước thuộc {systems}"
    hint_en = "name the system that is to act for it"
    hint_vi = "nêu hệ thống sẽ tiếp nhận cho cơ quan này"


class OrphanOfficesError(_ProblemError):
    """Offices stand under one that ends, and nothing says where they go."""

    code = "directory.orphan-offices"
    en = "{count} offices stand under {code} on {at}, such as {example}"
    vi = "có {count} cơ quan trực thuộc {code} vào {at}, chẳng hạn {example}"
    hint_en = "move or close them first, on the same day"
    hint_vi = "chuyển hoặc chấm dứt các cơ quan đó trước, cùng ngày"


class NothingToChangeError(_ProblemError):
    """An act lacks what it would change, or the office is so already."""

    code = "directory.nothing-to-change"
    en = "the act {kind} of {code} changes nothing"
    vi = "sự kiện {kind} của {code} không thay đổi gì"
    hint_en = "name what is to be different"
    hint_vi = "nêu nội dung cần thay đổi"


class ChangeUnknownError(AxisError):
    """There is no such version to take back."""

    code = "directory.change-unknown"
    fault = Fault.INPUT
    en = "the directory has no change {version}"
    vi = "danh mục không có lần thay đổi {version}"
    hint_en = "axis office history CODE names the changes of an office"
    hint_vi = "axis office history MÃ liệt kê các lần thay đổi của một cơ quan"


class ChangeBuiltUponError(AxisError):
    """A later change rests on the one that is to be taken back."""

    code = "directory.built-upon"
    fault = Fault.INPUT
    en = "a later change of {office} rests on change {version}"
    vi = "có thay đổi sau của {office} dựa trên lần thay đổi {version}"
    hint_en = "take the later change back first"
    hint_vi = "hủy lần thay đổi sau trước"


class SenderClosedError(AxisError):
    """The office whose code stands in From has ended, and its time to finish is over."""

    code = "sender.closed"
    fault = Fault.INPUT
    en = "the office {code} ended on {closed_at} and could sign until {until}; now {successor}"
    vi = "cơ quan {code} chấm dứt từ {closed_at}, được ký đến {until}; nay là {successor}"
    hint_en = "send as {successor} with its certificate"
    hint_vi = "gửi với tư cách {successor} bằng chứng thư của cơ quan đó"


class FileMissingError(_ProblemError):
    """A folder lacks one of the files that belong together."""

    code = "directory.file-missing"
    en = "the folder has no {file}"
    vi = "thư mục không có tệp {file}"
    hint_en = "docs/directory.md names the files of each format"
    hint_vi = "docs/directory.md nêu các tệp của từng định dạng"


class ContradictionError(_ProblemError):
    """Two lines say something different about one thing, and no rule explains it."""

    code = "directory.contradiction"
    en = "{file}: {column} is {got}, elsewhere it is {expected}"
    vi = "{file}: {column} là {got}, ở chỗ khác là {expected}"
    hint_en = "correct one of the two lines"
    hint_vi = "sửa một trong hai dòng"


class NeverImportedError(AxisError):
    """There is nothing to give back."""

    code = "directory.never-imported"
    fault = Fault.INPUT
    en = "the files of this format were never imported"
    vi = "các tệp theo định dạng này chưa từng được nhập"
    hint_en = "axis office import --format vn2025 FOLDER"
    hint_vi = "axis office import --format vn2025 THƯ_MỤC"


class SealBrokenError(AxisError):
    """A sealed list is not what was signed."""

    code = "directory.seal-broken"
    fault = Fault.INPUT
    en = "the sealed directory cannot be used: {reason}"
    vi = "danh mục có niêm phong không dùng được: {reason}"
    hint_en = "fetch it again from the axis"
    hint_vi = "tải lại từ trục"


class SealExpiredError(AxisError):
    """A sealed list is too old to be relied on."""

    code = "directory.seal-expired"
    fault = Fault.INPUT
    en = "the sealed directory was valid until {valid_until}"
    vi = "danh mục có niêm phong chỉ có giá trị đến {valid_until}"
    hint_en = "fetch a newer one from the axis"
    hint_vi = "tải bản mới từ trục"


class GroupUnknownError(AxisError):
    """There is no such group at that time."""

    code = "group.unknown"
    fault = Fault.INPUT
    en = "there is no group {group_id} at {at}"
    vi = "không có nhóm {group_id} tại thời điểm {at}"
    hint_en = "axis group list shows all"
    hint_vi = "axis group list liệt kê các nhóm"


class GroupRuleError(AxisError):
    """The rule of a group cannot be read."""

    code = "group.bad-rule"
    fault = Fault.INPUT
    en = "{got} is no condition, expected {expected}"
    vi = "{got} không phải điều kiện, cần {expected}"
    hint_en = "write conditions such as: level=commune below=H44"
    hint_vi = "viết điều kiện như: level=commune below=H44"
