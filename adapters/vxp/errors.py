"""What the VXP door can refuse, beyond what the rooms behind it do."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class HeaderSignatureError(AxisError):
    """The caller holds the secret, but the headers it sent are not the ones that it signed."""

    code = "vxp.headers-differ"
    fault = Fault.INPUT
    en = "the header {name} is not the one that was signed: {reason}"
    vi = "tiêu đề {name} không đúng với giá trị đã ký: {reason}"
    hint_en = "sign exactly the XroadVnpt-… headers that are sent, each once"
    hint_vi = "ký đúng các tiêu đề XroadVnpt-… được gửi, mỗi tiêu đề một lần"


class ParameterError(AxisError):
    """A parameter is missing or has a value that the operation does not take."""

    code = "vxp.parameter"
    fault = Fault.INPUT
    en = "the parameter {name} is not valid: {reason}"
    vi = "tham số {name} không hợp lệ: {reason}"
    hint_en = "send it as the header XroadVnpt-{name}; its values are in docs/integrate/vxp.md"
    hint_vi = "gửi qua tiêu đề XroadVnpt-{name}; các giá trị xem docs/integrate/vxp.md"


class ParameterTwiceError(AxisError):
    """A parameter came with two values, as docId and docid do when one is left from before."""

    code = "vxp.parameter-twice"
    fault = Fault.INPUT
    en = "the parameter {name} has two values: {first} and {second}"
    vi = "tham số {name} có hai giá trị khác nhau: {first} và {second}"
    hint_en = "HTTP headers have no case: docId and docid are one; send one, or two that are equal"
    hint_vi = "tiêu đề HTTP không phân biệt hoa thường: docId và docid là một; chỉ gửi một giá trị"


class HashFileError(AxisError):
    """The body is not the file whose hash-file was signed."""

    code = "vxp.hash-file"
    fault = Fault.INPUT
    en = "the SHA-256 of the body is {got}; hash-file says {expected}"
    vi = "SHA-256 của nội dung là {got}; hash-file là {expected}"
    hint_en = "send it again; the file may have changed while it was sent"
    hint_vi = "gửi lại; tệp có thể đã thay đổi trong lúc gửi"


class DirectoryClosedError(AxisError):
    """Offices are not registered or deleted by systems."""

    code = "vxp.directory-closed"
    fault = Fault.INPUT
    en = "the office {office} is not changed by a system: {reason}"
    vi = "hệ thống không được tự thay đổi đơn vị {office}: {reason}"
    hint_en = "ask the axis operator; offices change by decision of their authority"
    hint_vi = "liên hệ đơn vị vận hành trục; đơn vị chỉ thay đổi theo quyết định của cấp thẩm quyền"


class DocumentIdUnknownError(AxisError):
    """A docId names nothing of this system."""

    code = "vxp.document-unknown"
    fault = Fault.INPUT
    en = "this system has nothing with the docId {doc_id}"
    vi = "hệ thống này không có gói tin nào mang docId {doc_id}"
    hint_en = "use a docId of getReceivedEdocList, or the DocId of sendEdoc"
    hint_vi = "dùng docId lấy từ getReceivedEdocList hoặc DocId do sendEdoc trả về"


class PartsTooLargeError(AxisError):
    """The attachments of a delivery came apart, and are too large for this door."""

    code = "vxp.parts-too-large"
    fault = Fault.INPUT
    en = (
        "with its {parts} attachments that came apart the package has up to {got} bytes; this door "
        "gives out {limit}"
    )
    vi = (
        "gói tin cùng {parts} tệp đính kèm gửi riêng lên tới {got} byte; cổng này chỉ giao tối đa "
        "{limit} byte"
    )
    hint_en = "take it through the HTTP API, AMQP or the office agent, and confirm it there"
    hint_vi = "lấy gói tin qua API HTTP, AMQP hoặc phần mềm tại đơn vị và xác nhận tại đó"
