"""What the HTTP doors refuse before a room is asked."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class NoSuchPathError(AxisError):
    """There is nothing at this path, whoever asks."""

    code = "http.not-found"
    fault = Fault.INPUT
    en = "there is nothing at this path"
    vi = "không có tài nguyên nào ở đường dẫn này"
    hint_en = "the paths are listed in /v1/openapi.json"
    hint_vi = "xem danh sách đường dẫn trong /v1/openapi.json"


class MethodError(AxisError):
    """The path does not take this method."""

    code = "http.method"
    fault = Fault.INPUT
    en = "this path takes {expected}, not {got}"
    vi = "đường dẫn này nhận {expected}, không nhận {got}"
    hint_en = "use a method that the header Allow names"
    hint_vi = "dùng phương thức nêu trong tiêu đề Allow"


class HeadTooLongError(AxisError):
    """The head of a request is longer than may be."""

    code = "http.head-too-long"
    fault = Fault.INPUT
    en = "the head of a request has at most {limit} bytes"
    vi = "phần đầu của yêu cầu tối đa {limit} byte"
    hint_en = "send fewer or shorter headers"
    hint_vi = "gửi ít tiêu đề hơn hoặc ngắn hơn"


class BadRequestError(AxisError):
    """The bytes are no HTTP request, or one that could be read in two ways."""

    code = "http.malformed"
    fault = Fault.INPUT
    en = "this is not an HTTP request that can be read in one way: {reason}"
    vi = "yêu cầu HTTP không hợp lệ hoặc có thể hiểu theo nhiều cách: {reason}"
    hint_en = "use a well-kept HTTP client; send one Content-Length or chunks, not both"
    hint_vi = "dùng thư viện HTTP chuẩn; gửi một Content-Length hoặc chunked, không gửi cả hai"


class TooSlowError(AxisError):
    """The rest of a request did not come."""

    code = "http.too-slow"
    fault = Fault.INPUT
    en = "the rest of the request did not come within {limit} s"
    vi = "phần còn lại của yêu cầu không đến trong {limit} giây"
    hint_en = "send it again; large attachments can be uploaded apart and resumed"
    hint_vi = "gửi lại; tệp lớn có thể tải lên riêng và tiếp tục khi bị ngắt"


class CutOffError(AxisError):
    """The caller went before its request was whole; nothing of it was kept."""

    code = "http.cut-off"
    fault = Fault.INPUT
    en = "the request ended before it was whole"
    vi = "yêu cầu bị ngắt trước khi gửi xong"
    hint_en = "send it again; nothing of it was accepted"
    hint_vi = "gửi lại; chưa có gì được tiếp nhận"


class CompressedError(AxisError):
    """A body is compressed; nothing is decompressed here."""

    code = "http.compressed"
    fault = Fault.INPUT
    en = "bodies are taken as they are, not with Content-Encoding {got}"
    vi = "nội dung phải gửi nguyên dạng, không dùng Content-Encoding {got}"
    hint_en = "send the bytes that were signed, without compression"
    hint_vi = "gửi đúng các byte đã ký, không nén"


class MediaTypeError(AxisError):
    """A body is of a kind that the path does not take."""

    code = "http.media-type"
    fault = Fault.INPUT
    en = "this path takes {expected}, not {got}"
    vi = "đường dẫn này nhận {expected}, không nhận {got}"
    hint_en = "set the header Content-Type to what is expected"
    hint_vi = "đặt tiêu đề Content-Type đúng loại"


class BodyTooLargeError(AxisError):
    """A body has more bytes than may be."""

    code = "http.body-too-large"
    fault = Fault.INPUT
    en = "a body here has at most {limit} bytes"
    vi = "nội dung tối đa {limit} byte"
    hint_en = "send large attachments apart, by digest"
    hint_vi = "gửi riêng tệp đính kèm lớn theo mã băm"


class DigestWrongError(AxisError):
    """The body is not the one whose digest the caller sent (RFC 9530)."""

    code = "http.digest-mismatch"
    fault = Fault.INPUT
    en = "the body has the {algorithm} {got}; Content-Digest says {expected}"
    vi = "nội dung có {algorithm} là {got}; Content-Digest nêu {expected}"
    hint_en = "send it again; nothing of it was accepted"
    hint_vi = "gửi lại; chưa có gì được tiếp nhận"


class HeaderError(AxisError):
    """A header that the path reads has a value that it does not take."""

    code = "http.header"
    fault = Fault.INPUT
    en = "the header {name} is not valid: {reason}"
    vi = "tiêu đề {name} không hợp lệ: {reason}"
    hint_en = "correct the header; its form is in the documentation"
    hint_vi = "sửa tiêu đề theo tài liệu hướng dẫn"


class ParameterError(AxisError):
    """A parameter of the path, the query or the JSON body has a value that is not taken."""

    code = "http.parameter"
    fault = Fault.INPUT
    en = "the parameter {name} is not valid: {reason}"
    vi = "tham số {name} không hợp lệ: {reason}"
    hint_en = "correct it; its form is in /v1/openapi.json"
    hint_vi = "sửa theo mô tả trong /v1/openapi.json"


class KeyReusedError(AxisError):
    """An Idempotency-Key came again with other bytes."""

    code = "http.key-reused"
    fault = Fault.INPUT
    en = "this Idempotency-Key stands for package {package_id}, which is other bytes"
    vi = "Idempotency-Key này đã dùng cho gói {package_id} có nội dung khác"
    hint_en = "ask for the state of that package; use a new key for a new document"
    hint_vi = "xem trạng thái của gói đó; dùng khóa mới cho văn bản mới"


class RateError(AxisError):
    """Too many requests of one caller."""

    code = "http.rate"
    fault = Fault.OUTAGE
    en = "more than {limit}; come again in {retry_after_s} s"
    vi = "vượt quá {limit}; thử lại sau {retry_after_s} giây"
    hint_en = (
        "wait as long as the header Retry-After says; use long polling instead of asking often"
    )
    hint_vi = "chờ theo tiêu đề Retry-After; dùng long polling thay vì hỏi liên tục"


class QuotaError(AxisError):
    """A system has sent as much as it may for now."""

    code = "http.quota"
    fault = Fault.OUTAGE
    en = "the quota of {limit} is used up; come again in {retry_after_s} s"
    vi = "đã dùng hết hạn mức {limit}; thử lại sau {retry_after_s} giây"
    hint_en = "wait, or ask the axis operator for a larger quota"
    hint_vi = "chờ, hoặc đề nghị đơn vị vận hành trục nâng hạn mức"


class TooManyError(AxisError):
    """The process serves as many callers as it can."""

    code = "http.too-many"
    fault = Fault.OUTAGE
    en = "as many are served as can be; come again in {retry_after_s} s"
    vi = "đang phục vụ tối đa; thử lại sau {retry_after_s} giây"
    hint_en = "wait as long as the header Retry-After says"
    hint_vi = "chờ theo tiêu đề Retry-After"


class AddressTakenError(AxisError):
    """The gateway cannot listen where it should."""

    code = "gateway.address"
    fault = Fault.OUTAGE
    en = "cannot listen on {host} port {port}: {reason}"
    vi = "không mở được cổng {port} tại {host}: {reason}"
    hint_en = "stop what listens there, or change [gateway] host and port"
    hint_vi = "dừng chương trình đang dùng cổng đó, hoặc sửa [gateway] host và port"


class TransportKeysError(AxisError):
    """The certificate or key for TLS cannot be used."""

    code = "gateway.tls"
    fault = Fault.AXIS
    en = "the TLS settings cannot be used: {reason}"
    vi = "không dùng được cấu hình TLS: {reason}"
    hint_en = "check [gateway] tls_certificate, tls_key and client_ca"
    hint_vi = "kiểm tra [gateway] tls_certificate, tls_key và client_ca"
