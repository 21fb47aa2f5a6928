"""Messages of the shipped types, as short as they may be, and what signs and frames them."""

from __future__ import annotations

from axis.store.engine import transaction
from axis.store.types import save_type, set_state, take
from axis.types.book import SYSTEM, State
from axis.types.compose import File, frame_around
from axis.types.folder import files_of, folder_of
from tests.relay.installation import Installation


def dossier(
    number: str,
    revision: int,
    *,
    step: str = "state",
    state: str = "processing",
    sender: str = "000.00.00.H41",
    to: str = "000.00.00.G22",
    title: str = "Đăng ký khai sinh",
) -> bytes:
    return (
        f'<Dossier xmlns="urn:axis:type:dossier:1"><Sender>{sender}</Sender>'
        f"<Recipient>{to}</Recipient><Number>{number}</Number><Revision>{revision}</Revision>"
        f'<Step>{step}</Step><Procedure code="1.001193">Đăng ký khai sinh</Procedure>'
        f"<Title>{title}</Title><Applicant><Name>Nguyễn Văn Mẫu</Name></Applicant>"
        f"<State>{state}</State><ChangedAt>2026-03-02T08:15:00+07:00</ChangedAt></Dossier>"
    ).encode()


def task(
    code: str,
    step: str,
    *,
    sender: str,
    to: str,
    revision: int = 1,
    due: str = "",
    based_on: str = "",
) -> bytes:
    due_at = f"<DueAt>{due}</DueAt>" if due else ""
    based = f"<BasedOn>{based_on}</BasedOn>" if based_on else ""
    return (
        f'<Task xmlns="urn:axis:type:task:1"><Sender>{sender}</Sender><Recipient>{to}</Recipient>'
        f"<Code>{code}</Code><Revision>{revision}</Revision><Step>{step}</Step>"
        f"<Title>Sắp xếp trụ sở sau hợp nhất</Title>{due_at}{based}</Task>"
    ).encode()


def report(
    step: str,
    *,
    sender: str,
    to: tuple[str, ...],
    revision: int = 1,
    due: str = "",
    value: str = "310",
) -> bytes:
    recipients = "".join(f"<Recipient>{one}</Recipient>" for one in to)
    due_at = f"<DueAt>{due}</DueAt>" if due else ""
    table = (
        f'<Table name="a"><Column code="v">Thực hiện</Column><Row><N>{value}</N></Row></Table>'
        if step == "report"
        else ""
    )
    return (
        f'<Report xmlns="urn:axis:type:report:1"><Sender>{sender}</Sender>{recipients}'
        f"<Step>{step}</Step><Template>KTXH-01</Template><Period>2026-02</Period>"
        f"<Revision>{revision}</Revision><Title>Báo cáo tháng 02/2026</Title>{due_at}{table}"
        "</Report>"
    ).encode()


def framed(payload: bytes, type_id: str, *files: File) -> bytes:
    return frame_around(payload, *type_id.split("/"), files)


def activate(axis: Installation, *names: str, systems: tuple[str, ...] = ()) -> None:
    """Add and activate the shipped types, and let systems take them."""
    from datetime import UTC, datetime

    at = datetime.now(UTC)
    with transaction(axis.engine) as connection:
        for name in names:
            save_type(connection, name, "1", files_of(folder_of(name, "1")), at=at)
            set_state(connection, name, "1", State.ACTIVE, at=at)
            for system in systems:
                take(connection, SYSTEM, system, name, "1", at=at)
