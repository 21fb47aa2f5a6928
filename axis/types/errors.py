"""What the registry of message types can refuse: messages, senders, receivers, and type folders."""

from __future__ import annotations

from collections.abc import Sequence

from axis.envelope.errors import EnvelopeError
from axis.errors import AxisError, Fault, Refusal

# --- messages ------------------------------------------------------------------------------------


class TypeNotActiveError(EnvelopeError):
    """The type is known, and not carried now."""

    code = "type.not-active"
    en = "the axis does not carry {type} now ({state}); it carries {expected}"
    vi = "trục hiện không chuyển loại {type} ({state}); các loại đang chuyển: {expected}"
    hint_en = "send a version that is carried, or ask the operator of the axis to activate it"
    hint_vi = "gửi phiên bản đang được chuyển, hoặc đề nghị đơn vị vận hành trục kích hoạt"


class WrongPayloadError(EnvelopeError):
    """The payload is another element than its type says."""

    code = "type.wrong-payload"
    en = "the payload is not one of {type}: expected {expected}, got {got}"
    vi = "nội dung không thuộc loại {type}: cần {expected}, nhận được {got}"
    hint_en = "name the type and version that the payload has, or send its root element"
    hint_vi = "ghi đúng loại và phiên bản của nội dung, hoặc gửi đúng phần tử gốc"


class TypeLimitError(EnvelopeError):
    """The message is larger than its type allows."""

    code = "type.over-limit"
    en = "the message is over a limit of {type} ({limit}): expected {expected}, got {got}"
    vi = "thông điệp vượt giới hạn của loại {type} ({limit}): cần {expected}, nhận được {got}"
    hint_en = "split it; the limits of a type are shown by axis type show"
    hint_vi = "chia nhỏ thông điệp; axis type show cho biết các giới hạn của loại"


class _NotForError(AxisError):
    fault = Fault.INPUT


class NotAcceptedError(_NotForError):
    """The receiver has not said that it takes messages of this type and version."""

    code = "type.not-accepted"
    en = "{recipient} does not take {type}; it takes {accepts}"
    vi = "{recipient} không nhận loại {type}; nơi này nhận: {accepts}"
    hint_en = "send what it takes; GET /v1/offices/{{code}} tells it before you send"
    hint_vi = "gửi loại mà nơi nhận nhận được; GET /v1/offices/{{code}} cho biết trước khi gửi"


class SenderLevelError(_NotForError):
    """Offices of this level do not send such messages."""

    code = "type.sender-level"
    en = "{office} is of the level {level}; {type} is sent by {expected}"
    vi = "{office} thuộc cấp {level}; loại {type} do cấp {expected} gửi"
    hint_en = "send it from an office of that level; axis type show lists who may send"
    hint_vi = "gửi từ cơ quan đúng cấp; axis type show cho biết cấp được gửi"


class ReceiverLevelError(_NotForError):
    """Offices of this level do not receive such messages."""

    code = "type.receiver-level"
    en = "{office} is of the level {level}; {type} is received by {expected}"
    vi = "{office} thuộc cấp {level}; loại {type} do cấp {expected} nhận"
    hint_en = "address an office of that level; axis type show lists who may receive"
    hint_vi = "gửi tới cơ quan đúng cấp; axis type show cho biết cấp được nhận"


class StatusNotUsedError(_NotForError):
    """The type of the message that a status is about has no such status."""

    code = "type.status-not-used"
    en = "status {got} does not apply to {type}; these do: {expected}"
    vi = "trạng thái {got} không áp dụng cho loại {type}; các trạng thái áp dụng: {expected}"
    hint_en = "report one of the statuses that the type has"
    hint_vi = "báo một trong các trạng thái của loại thông điệp này"


class RevisionKnownError(_NotForError):
    """The very same content has been accepted before, in another package."""

    code = "order.revision-known"
    en = "revision {revision} of {key} was accepted with the same content as {package_id}"
    vi = "bản số {revision} của {key} đã được tiếp nhận với cùng nội dung: {package_id}"
    hint_en = "nothing is to be done: the receipt of that package is the receipt"
    hint_vi = "không cần làm gì thêm: biên nhận của gói tin đó là biên nhận"


class RevisionTakenError(_NotForError):
    """Another content has this number and revision already."""

    code = "order.revision-taken"
    en = "revision {revision} of {key} is taken by another content ({package_id})"
    vi = "bản số {revision} của {key} đã có nội dung khác ({package_id})"
    hint_en = "send what changed as the next revision, {expected}"
    hint_vi = "gửi nội dung thay đổi thành bản kế tiếp, số {expected}"


class RevisionEarlyError(_NotForError):
    """The revision before it has not been accepted yet."""

    code = "order.revision-early"
    en = "revision {revision} of {key} came before revision {expected}"
    vi = "bản số {revision} của {key} đến trước bản số {expected}"
    hint_en = "send revision {expected}, then the same bytes again: they get another hearing"
    hint_vi = "gửi bản số {expected}, rồi gửi lại đúng gói tin này: trục sẽ xét lại"


# --- the registry --------------------------------------------------------------------------------


class TypeStateError(AxisError):
    """A version cannot go from its state to the one that is wanted."""

    code = "type.state"
    fault = Fault.INPUT
    en = "{type} is {state} and cannot be {wanted}"
    vi = "{type} đang ở trạng thái {state}, không chuyển thành {wanted} được"
    hint_en = "axis type list shows the states; edXML's own types are built in"
    hint_vi = "axis type list cho biết trạng thái; các loại của edXML là loại có sẵn"


class TypeRefusedError(AxisError):
    """A type folder has problems; all of them are listed."""

    code = "type.refused"
    fault = Fault.INPUT
    en = "{type} has {count} problems, nothing was changed"
    vi = "{type} có {count} lỗi, chưa thay đổi gì"
    hint_en = "correct what is listed and add it again; axis type test shows it at any time"
    hint_vi = "sửa các lỗi đã nêu rồi thêm lại; axis type test kiểm tra bất cứ lúc nào"

    def __init__(self, *, type_id: str, problems: Sequence[Refusal]) -> None:
        super().__init__(type=type_id, count=len(problems))
        self.problems = tuple(problems)


class _ProblemError(AxisError):
    """One thing that is wrong with a type folder."""

    fault = Fault.INPUT


class TypeFileMissingError(_ProblemError):
    """A file that a type must have is not there."""

    code = "type.file-missing"
    en = "{file} is not in the folder"
    vi = "thư mục không có {file}"
    hint_en = "add the file, or take out where type.toml names it"
    hint_vi = "thêm tệp, hoặc bỏ chỗ nêu tên tệp trong type.toml"


class TypeRulesError(_ProblemError):
    """The rule file is not what a rule file may be."""

    code = "type.rules-invalid"
    en = "{file} is not valid: {reason}"
    vi = "{file} không hợp lệ: {reason}"
    hint_en = "docs/integrate/message-type.md lists every key that type.toml may have"
    hint_vi = "docs/integrate/message-type.md liệt kê mọi khóa của type.toml"


class TypeNameError(_ProblemError):
    """The folder and the rule file name different types, or another type has the same root."""

    code = "type.name"
    en = "{key}: expected {expected}, got {got}"
    vi = "{key}: cần {expected}, nhận được {got}"
    hint_en = "the folder is <type>/<version>; each version has a namespace of its own"
    hint_vi = "thư mục là <loại>/<phiên bản>; mỗi phiên bản có không gian tên riêng"


class TypeSchemaError(_ProblemError):
    """A schema does not compile."""

    code = "type.schema-broken"
    en = "{file} does not compile: {reason}"
    vi = "{file} không biên dịch được: {reason}"
    hint_en = (
        "the gate reads XSD 1.0, and only what lies in the folder; xmllint --schema tells more"
    )
    hint_vi = "cổng kiểm tra đọc XSD 1.0 và chỉ các tệp trong thư mục; dùng xmllint --schema để xem"


class TypePathError(_ProblemError):
    """A rule points at something that the schema does not have."""

    code = "type.path-nowhere"
    en = "{key} = {path} points nowhere: below {parent} the schema has {expected}"
    vi = "{key} = {path} không trỏ tới đâu: dưới {parent} lược đồ có {expected}"
    hint_en = "write the path from the root element, with the names of the schema"
    hint_vi = "viết đường dẫn từ phần tử gốc, đúng tên trong lược đồ"


class TypePathCountError(_ProblemError):
    """A rule points at something that may be absent or may repeat where it must not."""

    code = "type.path-count"
    en = "{key} = {path}: expected {expected}, got {got}"
    vi = "{key} = {path}: cần {expected}, nhận được {got}"
    hint_en = "make it stand as often in the schema, or point elsewhere"
    hint_vi = "sửa số lần xuất hiện trong lược đồ, hoặc trỏ tới chỗ khác"


class TypePathFormError(_ProblemError):
    """A rule points at a text of the wrong form."""

    code = "type.path-form"
    en = "{key} = {path} is of the form {got}, expected {expected}"
    vi = "{key} = {path} có dạng {got}, cần {expected}"
    hint_en = "give the element that form in the schema, or point elsewhere"
    hint_vi = "khai báo đúng dạng trong lược đồ, hoặc trỏ tới chỗ khác"


class TypeStepsError(_ProblemError):
    """The texts of the steps, the steps that rules name, and those of the schema differ."""

    code = "type.steps"
    en = "{key}: expected {expected}, got {got}"
    vi = "{key}: cần {expected}, nhận được {got}"
    hint_en = "each step of the schema's list has its words in [steps], and rules name only these"
    hint_vi = "mỗi bước trong lược đồ có lời ở [steps], và quy tắc chỉ nêu các bước đó"


class TypeExampleError(_ProblemError):
    """An example does not do what it is there for."""

    code = "type.example"
    en = "{file}: expected that it {expected}, got {got}"
    vi = "{file}: cần {expected}, nhận được {got}"
    hint_en = "files of examples/ pass, those of examples/refused/ do not"
    hint_vi = "tệp trong examples/ phải đạt, tệp trong examples/refused/ phải bị từ chối"


class TypeBreaksStoredError(_ProblemError):
    """Messages that were carried could not be read any more, or would be read otherwise."""

    code = "type.breaks-stored"
    en = "the stored message {package_id} would be {got}, expected {expected}"
    vi = "thông điệp đã lưu {package_id} sẽ thành {got}, cần {expected}"
    hint_en = "add what is new as a new version; a version that carried messages keeps reading them"
    hint_vi = "thêm thay đổi thành phiên bản mới; phiên bản đã dùng phải đọc được thông điệp cũ"


class TypeNeedsNoWordError(AxisError):
    """A declaration about a type that every office takes."""

    code = "type.needs-no-word"
    fault = Fault.INPUT
    en = "{type} is taken by every office; nobody says so"
    vi = "mọi cơ quan đều nhận {type}; không cần khai báo"
    hint_en = "leave it out; GET /v1/types says which types are to be declared"
    hint_vi = "bỏ qua loại này; GET /v1/types cho biết loại nào cần khai báo"
