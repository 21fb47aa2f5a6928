"""A province's procedure system: its dossiers go to the portal, its reports and tasks are answered.

Steps of dossiers lie in ``dossiers/`` as JSON, one file for each; what the axis has accepted gets a
file ``.sent`` beside it. Run it again after whatever went wrong: only what is missing is sent.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree
from office import Office, element, opened

from axis.envelope.dates import write_date
from axis.envelope.values import (
    Code,
    DocumentEnvelope,
    DocumentType,
    Message,
    OrganId,
    Organization,
    PromulgationInfo,
    ResponseForTask,
    SignerInfo,
    compose_document_id,
)
from axis.envelope.writer import encode
from axis.trust.sign import sign

DOSSIER = "urn:axis:type:dossier:1"
REPORT = "urn:axis:type:report:1"
TASK = "urn:axis:type:task:1"


def send(office: Office) -> int:
    """Send every step that the axis has not accepted yet, in order; return how many are left."""
    left = 0
    steps = [json.loads(path.read_text()) | {"path": path} for path in files(office)]
    for step in sorted(steps, key=lambda one: (one["number"], one["revision"])):
        done = step["path"].with_suffix(".sent")
        if done.exists():
            continue
        answer = office.send(dossier(office, step), "dossier/1")
        print(f"{step['number']} {step['revision']} {step['step']}: {answer}")
        if answer == "accepted":
            done.touch()
        else:
            left += 1
    return left


def files(office: Office) -> list[Path]:
    """Return the steps of dossiers."""
    return sorted((office.folder / "dossiers").glob("*.json"))


def dossier(office: Office, step: dict[str, str]) -> str:
    """Return a step as the type ``dossier/1`` has it."""
    return "".join(
        (
            f'<Dossier xmlns="{DOSSIER}">',
            element("Sender", office.code),
            element("Recipient", step["to"]),
            element("Number", step["number"]),
            element("Revision", step["revision"]),
            element("Step", step["step"]),
            element("Procedure", step["procedure"], code=step["procedure_code"]),
            element("Title", step["title"]),
            f"<Applicant>{element('Name', step['applicant'])}</Applicant>",
            element("State", step["state"]),
            element("ChangedAt", step["changed_at"]),
            "</Dossier>",
        )
    )


def answer(office: Office) -> int:
    """Answer what was asked of us; return how many messages came."""
    count = 0
    for _, received in office.take():
        count += 1
        asked = received.envelope
        if not isinstance(asked, Message):
            continue
        payload = next(etree.fromstring(received.body).iter(f"{{{REPORT}}}Report"), None)
        if asked.type == "report" and asked.step == "request" and payload is not None:
            office.send(report(office, asked, payload), "report/1")
            print(f"report {asked.sign}: sent")
        elif asked.type == "task" and asked.step == "assign":
            office.send_package(document(office, asked))
            office.send(completion(office, asked), "task/1")
            print(f"task {asked.sign}: answered")
    return count


def report(office: Office, asked: Message, request: etree._Element) -> str:
    """Return our dossiers by state, as the report that was asked for."""
    states = Counter(json.loads(path.read_text())["state"] for path in files(office))
    rows = "".join(
        f"<Row>{element('T', state)}{element('N', number)}</Row>"
        for state, number in sorted(states.items())
    )
    return "".join(
        (
            f'<Report xmlns="{REPORT}">',
            element("Sender", office.code),
            element("Recipient", asked.sender.organ_id),
            element("Step", "report"),
            element("Template", request.findtext(f"{{{REPORT}}}Template")),
            element("Period", request.findtext(f"{{{REPORT}}}Period")),
            element("Revision", 1),
            element("Title", asked.title),
            '<Table name="ho-so">',
            element("Column", "Trạng thái", code="state"),
            element("Column", "Số hồ sơ", code="count"),
            rows,
            "</Table></Report>",
        )
    )


def document(office: Office, asked: Message) -> bytes:
    """Return a letter that answers a task by its code, as eOffice systems write it."""
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    code = Code(number="55", notation="UBND-TH")
    letter = DocumentEnvelope(
        sender=Organization(organ_id=OrganId(office.code)),
        recipients=(Organization(organ_id=asked.sender.organ_id),),
        document_id=compose_document_id(office.code, today, code),
        code=code,
        promulgation_info=PromulgationInfo(place="Nghệ An", promulgation_date=write_date(today)),
        document_type=DocumentType(type=14, type_name="Báo cáo"),
        subject=f"Kết quả thực hiện: {asked.title}",
        signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
        response_for_task=ResponseForTask(task_codes=(asked.sign or "",)),
    )
    return sign(encode(letter), office.signer)


def completion(office: Office, asked: Message) -> str:
    """Return that a task is done."""
    return "".join(
        (
            f'<Task xmlns="{TASK}">',
            element("Sender", office.code),
            element("Recipient", asked.sender.organ_id),
            element("Code", asked.sign),
            element("Revision", 1),
            element("Step", "complete"),
            element("Title", asked.title),
            element("Percent", 100),
            "</Task>",
        )
    )


if __name__ == "__main__":
    with opened(sys.argv[1]) as ours:
        if sys.argv[2:] == ["send"]:
            sys.exit(1 if send(ours) else 0)
        print(answer(ours))
