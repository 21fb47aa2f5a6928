"""What admission refuses: who may not say it, and to whom it cannot go."""

from __future__ import annotations

from axis.errors import AxisError, Fault


class SenderUnknownError(AxisError):
    """The office in From is not in the directory."""

    code = "sender.unknown-office"
    fault = Fault.INPUT
    en = "the sending office {sender} is not in the directory"
    vi = "đơn vị gửi {sender} chưa đăng ký trong danh mục"
    hint_en = "check From/OrganId, or have the office registered with the axis operator"
    hint_vi = "kiểm tra From/OrganId hoặc đăng ký đơn vị với đơn vị vận hành trục"


class SenderNotOfSystemError(AxisError):
    """The system that sends does not act for the office in From (rule R1 of authority)."""

    code = "sender.not-of-system"
    fault = Fault.INPUT
    en = "the system {system_id} does not act for the office {sender}"
    vi = "hệ thống {system_id} không được gửi thay cho đơn vị {sender}"
    hint_en = "send from the office's own system, or have the axis operator assign the office to it"
    hint_vi = (
        "gửi từ hệ thống của đơn vị, hoặc đề nghị đơn vị vận hành trục gán đơn vị cho hệ thống"
    )


class NobodyHereError(AxisError):
    """Another axis brought a package of which this axis serves no addressee."""

    code = "recipient.not-here"
    fault = Fault.INPUT
    en = "{system_id} brought a package for {addresses}, whom this axis does not serve"
    vi = "{system_id} chuyển gói tin cho {addresses} không thuộc trục này"
    hint_en = "compare the directories of both axes: on which one is each office at home?"
    hint_vi = "đối chiếu danh mục của hai trục: mỗi đơn vị thuộc trục nào?"


class PolicyDeniedError(AxisError):
    """A rule of the policy denies such a message from this office to that one."""

    code = "policy.denied"
    fault = Fault.INPUT
    en = "{sender} may not send {type} to {recipient}: {rule}"
    vi = "{sender} không được gửi loại {type} đến {recipient}: {rule}"
    hint_en = "axis policy check FROM TO TYPE explains it; take the addressee out of To"
    hint_vi = "axis policy check FROM TO TYPE giải thích chi tiết; bỏ nơi nhận đó khỏi To"


class PolicySyntaxError(AxisError):
    """A line of the policy is no rule."""

    code = "policy.syntax"
    fault = Fault.INPUT
    en = "rule {number} of the policy cannot be read: {rule}"
    vi = "không đọc được quy tắc thứ {number}: {rule}"
    hint_en = (
        "write: allow|deny TYPES from TERMS to TERMS [because REASON]; docs/policy.md shows it"
    )
    hint_vi = (
        "viết: allow|deny LOẠI from ĐIỀU-KIỆN to ĐIỀU-KIỆN [because LÝ DO]; xem docs/policy.md"
    )
