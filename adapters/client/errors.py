"""What the client refuses on the office's side, and the refusals that the axis answered with."""

from __future__ import annotations

from adapters.client.problem import Problem
from axis.errors import AxisError, Fault, Lang


class ProblemError(AxisError):
    """The axis refused; ``code``, the fault and the words are the axis's own."""

    code = "client.refused"
    fault = Fault.INPUT
    en = "the axis answered {status}: {title}"
    vi = "trục trả lời {status}: {title}"
    hint_en = "next step: {hint}"
    hint_vi = "cách xử lý: {hint}"

    def __init__(self, problem: Problem) -> None:
        super().__init__(status=problem.status, title=problem.title, hint=problem.hint)
        self.problem = problem
        if problem.code:
            self.code = problem.code  # type: ignore[misc]
        self.fault = Fault(problem.fault) if problem.fault in set(Fault) else Fault.INPUT  # type: ignore[misc]

    def __str__(self) -> str:
        return f"{self.code}: {self.problem.title}"


class UnreachableError(AxisError):
    """The axis did not answer, however often it was asked."""

    code = "client.unreachable"
    fault = Fault.OUTAGE
    en = "the axis at {url} does not answer: {reason}"
    vi = "không kết nối được tới trục tại {url}: {reason}"
    hint_en = "check the network and the address; everything may be sent again"
    hint_vi = "kiểm tra mạng và địa chỉ; có thể gửi lại mà không bị trùng"


class PlainHttpError(AxisError):
    """A token would go over the network in the open."""

    code = "client.plain-http"
    fault = Fault.INPUT
    en = "{url} is not https; a token would be seen on the way"
    vi = "{url} không phải https; mã truy cập có thể bị lộ trên đường truyền"
    hint_en = "use an https address; http is taken for this very machine only"
    hint_vi = "dùng địa chỉ https; http chỉ dùng cho chính máy này"


class AnswerUnreadableError(AxisError):
    """The answer is not what the API says."""

    code = "client.answer-unreadable"
    fault = Fault.AXIS
    en = "the answer to {call} cannot be read: {reason}"
    vi = "không đọc được câu trả lời cho {call}: {reason}"
    hint_en = "check that the address is an axis's, not a proxy's page; else tell its operator"
    hint_vi = (
        "kiểm tra địa chỉ đúng là của trục, không phải trang của proxy; nếu đúng, báo vận hành"
    )


class ReceivedDigestError(AxisError):
    """The bytes that came are not those that were announced."""

    code = "client.digest-mismatch"
    fault = Fault.AXIS
    en = "what came has the SHA-256 {got}; {expected} was announced"
    vi = "dữ liệu nhận được có SHA-256 là {got}; trục báo {expected}"
    hint_en = "do not use it; fetch it again, and tell the axis operator if it stays so"
    hint_vi = "không sử dụng; tải lại, nếu vẫn vậy thì báo đơn vị vận hành trục"


class NotAddressedError(AxisError):
    """The sender did not sign this address: the delivery is not for whom it was delivered to."""

    code = "client.not-addressed"
    fault = Fault.INPUT
    en = "the package was delivered to {got}; its sender addressed {expected}"
    vi = "gói được giao cho {got}; bên gửi đề nơi nhận là {expected}"
    hint_en = "do not use it; refuse the delivery and tell the axis operator"
    hint_vi = "không sử dụng; từ chối và báo đơn vị vận hành trục"


class NotOursError(AxisError):
    """The delivery is to an office that is none of ours."""

    code = "client.not-ours"
    fault = Fault.INPUT
    en = "the delivery is to {got}, which is none of our offices ({expected})"
    vi = "gói giao cho {got}, không thuộc các đơn vị của hệ thống ({expected})"
    hint_en = "add the code if it is ours (a former one counts too), else tell the axis operator"
    hint_vi = "bổ sung mã nếu là của đơn vị (kể cả mã cũ), nếu không thì báo đơn vị vận hành trục"


class SenderMismatchError(AxisError):
    """The certificate that signed is not the one that is pinned for the sender."""

    code = "client.not-pinned"
    fault = Fault.INPUT
    en = "{sender} signed with the certificate {got}, which is not pinned for it"
    vi = "{sender} ký bằng chứng thư {got}, không có trong danh sách đã ghim"
    hint_en = "ask the sender by another way whether its certificate was renewed"
    hint_vi = "hỏi lại nơi gửi bằng kênh khác xem đã thay chứng thư chưa"


class NoTrustError(AxisError):
    """Nobody is believed: neither anchors nor pins were given."""

    code = "client.no-trust"
    fault = Fault.INPUT
    en = "what comes cannot be verified: no trust anchors and no pinned certificates were given"
    vi = "không thể kiểm tra gói nhận: chưa khai báo chứng thư gốc hoặc chứng thư được ghim"
    hint_en = "give trust=Trust(anchors=…) or Trust(pins=…)"
    hint_vi = "khai báo trust=Trust(anchors=…) hoặc Trust(pins=…)"


class NoSignerError(AxisError):
    """There is no key to sign with."""

    code = "client.no-signer"
    fault = Fault.INPUT
    en = "a status package must be signed, and no key was given"
    vi = "gói trạng thái phải được ký nhưng chưa khai báo khóa ký"
    hint_en = "give signer=… (axis.trust.sign.signer_of, or open_token_key for a token)"
    hint_vi = "khai báo signer=… (axis.trust.sign.signer_of hoặc open_token_key)"


class NoLogKeyError(AxisError):
    """Receipts cannot be verified without the log's key."""

    code = "client.no-log-key"
    fault = Fault.INPUT
    en = "receipts cannot be verified: the log's key was not given"
    vi = "không thể kiểm tra biên nhận: chưa khai báo khóa công khai của sổ"
    hint_en = "ask the axis operator for the line that `axis ledger key` prints"
    hint_vi = "hỏi đơn vị vận hành trục dòng khóa do `axis ledger key` in ra"


class LogNameError(AxisError):
    """A checkpoint is another log's than the one whose key is at hand."""

    code = "client.log-name"
    fault = Fault.AXIS
    en = "the checkpoint is of the log {got}, not of {expected}"
    vi = "điểm kiểm tra thuộc sổ {got}, không phải {expected}"
    hint_en = "tell the axis operator; do not believe the receipts of this log"
    hint_vi = "báo đơn vị vận hành trục; chưa tin các biên nhận của sổ này"


class NotYetSignedError(AxisError):
    """A step is recorded, and its receipt is not there yet."""

    code = "client.receipt-pending"
    fault = Fault.OUTAGE
    en = "the receipt of {event} is not signed for yet"
    vi = "biên nhận {event} chưa được ký xác nhận"
    hint_en = "ask again in a moment; the notary signs within a second"
    hint_vi = "hỏi lại sau giây lát; sổ được ký trong vòng một giây"


def words(error: AxisError, lang: Lang) -> tuple[str, str]:
    """Return the sentence and the next step; of a refusal of the axis its own words."""
    if isinstance(error, ProblemError):
        return error.problem.title, error.problem.hint
    return error.refusal.text(lang), error.refusal.hint(lang)
