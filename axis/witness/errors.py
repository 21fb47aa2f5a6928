"""What a witness can refuse, each with the answer that tlog-witness gives to it."""

from __future__ import annotations

from typing import ClassVar

from axis.errors import AxisError, Fault


class WitnessError(AxisError):
    """The root of a witness's refusals."""

    fault = Fault.INPUT
    status: ClassVar[int] = 400  #: HTTP status of c2sp.org/tlog-witness


class RequestMalformedError(WitnessError):
    """The request is not of the form of add-checkpoint."""

    code = "witness.request-malformed"
    en = "this is no add-checkpoint request: {reason}"
    vi = "đây không phải là yêu cầu add-checkpoint hợp lệ: {reason}"
    hint_en = "the form is that of c2sp.org/tlog-witness"
    hint_vi = "định dạng theo c2sp.org/tlog-witness"
    status = 400


class LogUnknownError(WitnessError):
    """The witness does not follow this log."""

    code = "witness.log-unknown"
    en = "the log {origin} is not followed here"
    vi = "không theo dõi sổ cái {origin}"
    hint_en = "add its verifier key to [witness] logs"
    hint_vi = "thêm khóa kiểm tra của sổ cái vào [witness] logs"
    status = 404


class LogSignatureError(WitnessError):
    """The checkpoint is not signed by the log."""

    code = "witness.log-signature"
    en = "the checkpoint is not signed by the key that is known for {origin}"
    vi = "bản chốt không có chữ ký đúng khóa đã biết của {origin}"
    hint_en = "compare the key of the log with the one in [witness] logs"
    hint_vi = "đối chiếu khóa của sổ cái với khóa trong [witness] logs"
    status = 403


class OldSizeError(WitnessError):
    """The request goes out from another checkpoint than the last one cosigned."""

    code = "witness.old-size"
    en = "the last checkpoint cosigned has {expected} entries, the request says {got}"
    vi = "bản chốt đồng ký gần nhất có {expected} mục, yêu cầu nêu {got}"
    hint_en = "send the proof from there; a log that has fewer entries was rolled back"
    hint_vi = "gửi bằng chứng tính từ đó; sổ cái có ít mục hơn nghĩa là đã bị lùi lại"
    status = 409


class ContradictionError(WitnessError):
    """The checkpoint contradicts the last one cosigned."""

    code = "witness.contradiction"
    en = "the checkpoint of {size} entries of {origin} contradicts the one cosigned before"
    vi = "bản chốt {size} mục của {origin} mâu thuẫn với bản đã đồng ký"
    hint_en = "both are kept in the witness's records: together they may convict the log"
    hint_vi = "cả hai được lưu tại bên chứng kiến: chúng có thể là chứng cứ sổ cái gian dối"
    status = 422


class SameSizeContradictionError(ContradictionError):
    """Two checkpoints of the same size with different roots: a split view."""

    code = "witness.split-view"
    en = "the log {origin} signed two different trees of {size} entries"
    vi = "sổ cái {origin} đã ký hai cây khác nhau cùng có {size} mục"
    status = 409


class WitnessUnusableError(AxisError):
    """The witness does not answer as a witness does."""

    code = "witness.unusable"
    fault = Fault.OUTAGE
    en = "the witness {name} gave no cosignature: {reason}"
    vi = "bên chứng kiến {name} không đồng ký: {reason}"
    hint_en = "the notary asks again by itself; see that the witness runs and knows our key"
    hint_vi = "tiến trình công chứng sẽ tự hỏi lại; kiểm tra bên chứng kiến và khóa của ta"
