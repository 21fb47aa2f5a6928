"""``axis envelope new|show|lint`` as people and scripts call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from axis.envelope.package import parse
from axis.envelope.reader import attachment_bytes
from axis.envelope.values import (
    BusinessType,
    DocumentEnvelope,
    ReceiverType,
    StatusCode,
    StatusEnvelope,
)
from axis.errors import AxisError
from cli import axis
from envelope.make_bad import BAD
from envelope.papers import PDF, document, document_bytes, put, status_bytes

DOCUMENT = (
    *("--from", "000.00.00.G22", "--to", "H41", "--to", "H14.12", "--number", "7816"),
    *("--notation", "VPCP-TTĐT", "--subject", "Subject", "--signer", "Signer"),
    *("--date", "2015/09/30"),
)

FORM = """
sender = {organ_id = "000.00.00.G22", organ_name = "Văn phòng Chính phủ"}
recipients = ["H41", {organ_id = "H14.12", organ_name = "UBND xã Mẫu"}]
number = "7816"
notation = "VPCP-TTĐT"
subject = "V/v kết nối"
signer = "Nguyễn Văn Mẫu"
date = "2015/09/30"
place = "Hà Nội"
priority = 2
pages = 3
appendixes = ["Phụ lục"]
to_places = ["Các bộ"]
steering_type = 1
staff = {staff = "Nguyễn Thị Mẫu", department = "Văn thư"}

[[about]]
organ_id = "H41"
document_id = "H41,2015/09/01,1/UBND"
promulgation_date = "2015/09/01"
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(axis, ["envelope", *words], catch_exceptions=True)


def made(*words: str) -> DocumentEnvelope | StatusEnvelope:
    result = run("new", *words, "--out", "new.edxml")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return parse(Path("new.edxml").read_bytes()).envelope


def refusal(*words: str) -> AxisError:
    result = run(*words)
    assert isinstance(result.exception, AxisError), result.output
    return result.exception


# --- new ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["standard", "dotnet", "java"])
def test_a_document_is_made_from_options_and_files(order: str):
    Path("7816.pdf").write_bytes(PDF)
    envelope = made(*DOCUMENT, "--attach", "7816.pdf", "--order", order, "--priority", "3")
    assert isinstance(envelope, DocumentEnvelope)
    assert [one.organ_id for one in envelope.recipients] == ["H41", "H14.12"]
    assert envelope.document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    assert envelope.business.doc_type is BusinessType.NEW
    assert envelope.priority == 3
    assert envelope.manifest[0].attachment_name == "7816.pdf"
    assert envelope.manifest[0].content_type == "application/pdf"
    tree = parse(Path("new.edxml").read_bytes()).tree
    assert b"".join(attachment_bytes(tree, envelope.manifest[0].content_id)) == PDF


def test_without_out_the_package_goes_to_stdout():
    result = run("new", *DOCUMENT)
    assert result.exit_code == 0
    assert parse(result.stdout_bytes).envelope


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_form_says_what_options_do_not(suffix: str):
    import tomllib

    text = FORM if suffix == "toml" else json.dumps(tomllib.loads(FORM))
    Path(f"form.{suffix}").write_text(text, encoding="utf-8")
    envelope = made("--form", f"form.{suffix}", "--subject", "Other")
    assert isinstance(envelope, DocumentEnvelope)
    assert envelope.subject == "Other"
    assert envelope.sender.organ_name == "Văn phòng Chính phủ"
    assert envelope.recipients[1].organ_name == "UBND xã Mẫu"
    assert envelope.response_for[0].document_id == "H41,2015/09/01,1/UBND"
    assert envelope.business.staff_info is not None


def test_a_recall_names_its_document():
    words = ("--type", "recall", "--reason", "Sai sót", "--about", "G22,2015/09/30,1/VPCP")
    envelope = made(*DOCUMENT, *words)
    assert isinstance(envelope, DocumentEnvelope)
    assert envelope.business.doc_type is BusinessType.RECALL
    assert envelope.business.document_id == "G22,2015/09/30,1/VPCP"


def test_an_update_and_a_replacement_list_whom_and_what():
    Path("form.toml").write_text(
        'type = "update"\nreason = "Bổ sung"\nadded = ["H17"]\nremoved = ["H14"]\n'
        'replaces = [{document_id = "A,2015/01/01,1/B", organ_ids = ["H41"]}]\n' + FORM,
        encoding="utf-8",
    )
    envelope = made("--form", "form.toml")
    assert isinstance(envelope, DocumentEnvelope)
    changes = [(one.organ_id, one.receiver_type) for one in envelope.business.receivers]
    assert changes == [("H14", ReceiverType.REMOVED), ("H17", ReceiverType.ADDED)]
    replaced = made("--form", "form.toml", "--type", "replace")
    assert isinstance(replaced, DocumentEnvelope)
    assert replaced.business.replacements[0].organ_ids == ("H41",)


STATUS = ("--type", "status", "--from", "H41", "--about-office", "000.00.00.G22", "--about", "ID")


@pytest.mark.parametrize("code", StatusCode)
def test_a_status_is_made(code: StatusCode):
    envelope = made(*STATUS, "--status", code, "--description", "Lý do")
    assert isinstance(envelope, StatusEnvelope)
    assert envelope.status_code is code
    assert envelope.response_for.organ_id == "000.00.00.G22"


def test_status_14_is_refused_with_the_code_that_was_meant():
    error = refusal("new", *STATUS, "--status", "14")
    assert error.code == "status.code-14"
    assert "15" in error.refusal.hint("vi")


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "H41"),
        (*DOCUMENT, "--date", "hôm qua"),
        (*DOCUMENT, "--date", "2014/02/30"),
        (*DOCUMENT[:2], *DOCUMENT[6:]),
        (*DOCUMENT, "--type", "recall"),
        (*STATUS, "--status", "07"),
        STATUS,
        (*STATUS[:4], "--status", "03"),
    ],
)
def test_an_incomplete_form_is_refused(words: tuple[str, ...]):
    assert refusal("new", *words).code == "envelope.form-invalid"


@pytest.mark.parametrize("text", ["subject = ", "{", "unknown = 1", "sender = 3", 'number = "1"'])
def test_a_form_that_cannot_be_understood_is_refused(text: str):
    Path("form.toml").write_text(text, encoding="utf-8")
    assert refusal("new", "--form", "form.toml").code == "envelope.form-invalid"


def test_a_status_has_no_attachments():
    Path("7816.pdf").write_bytes(PDF)
    error = refusal("new", *STATUS, "--status", "03", "--attach", "7816.pdf")
    assert error.code == "envelope.form-invalid"


def test_what_is_made_passes_the_rules_or_is_refused():
    Path("cong\u202evan.pdf").write_bytes(PDF)
    assert (
        refusal("new", *DOCUMENT, "--attach", "cong\u202evan.pdf").code == "attachment.name-unsafe"
    )


# --- show -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BusinessType)
def test_a_document_is_shown_to_people(kind: BusinessType):
    Path("a.edxml").write_bytes(document_bytes(kind))
    result = run("show", "a.edxml")
    assert result.exit_code == 0
    for text in ("7816/VPCP-TTĐT", "000.00.00.H41", "V/v kết nối", "7816 công văn.pdf"):
        assert text in result.output


def test_a_status_is_shown_in_vietnamese():
    Path("a.edxml").write_bytes(status_bytes(StatusCode.REGISTERED))
    result = CliRunner().invoke(axis, ["--lang", "vi", "envelope", "show", "a.edxml"])
    assert "03 đã tiếp nhận" in result.output


def test_json_has_all_fields_with_hex_digests():
    body = document_bytes()
    Path("a.edxml").write_bytes(body)
    shown = json.loads(run("show", "a.edxml", "--json").output)
    envelope = document()
    assert shown["kind"] == "document"
    assert shown["size_bytes"] == len(body)
    assert shown["sender"]["organ_name"] == envelope.sender.organ_name
    assert shown["promulgation_info"]["promulgation_date"]["date"] == "2015-09-30"
    assert shown["attachments"][0]["sha256"] == envelope.attachments[0].sha256.hex()
    Path("b.edxml").write_bytes(status_bytes())
    assert json.loads(run("show", "b.edxml", "--json").output)["status_code"] == "01"


def test_what_is_refused_is_not_shown():
    Path("a.edxml").write_bytes(BAD["billion-laughs"][1]())
    assert refusal("show", "a.edxml").code == "envelope.doctype"


# --- lint -----------------------------------------------------------------------------------------


def test_remarks_do_not_fail():
    Path("a.edxml").write_bytes(document_bytes())
    result = run("lint", "a.edxml")
    assert result.exit_code == 0
    assert "lint.signature-missing" in result.output


def test_a_refused_package_fails_with_all_its_faults():
    body = put(document_bytes(), "<edXML:Subject>", "<edXML:Urgency/>")
    Path("a.edxml").write_bytes(body.replace(b"Priority>2<", b"Priority>9<"))
    Path("b.edxml").write_bytes(document_bytes())
    result = run("lint", "a.edxml", "b.edxml", "--json")
    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.output.splitlines()]
    refused = [row for row in rows if row["level"] == "refused"]
    assert [row["code"] for row in refused] == ["schema.unexpected-element", "schema.invalid-value"]
    assert refused[1]["expected"] == "0 | 1 | 2 | 3 | 4"
    assert refused[1]["got"] == "9"
    assert refused[1]["xpath"].endswith("/OtherInfo/Priority")
    assert {row["file"] for row in rows} == {"a.edxml", "b.edxml"}


def test_faults_are_told_to_people_with_place_and_next_step():
    Path("a.edxml").write_bytes(BAD["date-that-is-none"][1]())
    result = CliRunner().invoke(axis, ["--lang", "vi", "envelope", "lint", "a.edxml"])
    assert result.exit_code == 1
    assert "hôm qua" in result.output
    assert "yyyy/MM/dd" in result.output
    assert "PromulgationDate" in result.output
