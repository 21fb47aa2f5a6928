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


class RecipientSelfError(AxisError):
    """An office addresses itself."""

    code = "recipient.self"
    fault = Fault.INPUT
    en = "the office {sender} addresses itself"
    vi = "đơn vị {sender} gửi cho chính mình"
    hint_en = "take the sender out of To"
    hint_vi = "bỏ đơn vị gửi khỏi danh sách nơi nhận (To)"
