"""A document from one folder to another, and its statuses back."""

from __future__ import annotations

from adapters.folder.spool import Delivery, Job
from axis.envelope.writer import encode
from tests.folder.office import FORM, Office
from tests.relay.papers import G22, H41, document, package

PDF = b"%PDF-1.7 noi dung"


def test_a_pdf_with_its_form_arrives_and_is_reported_back(sender: Office, receiver: Office) -> None:
    sender.drop("công văn.pdf", PDF)
    sender.drop("công văn.toml", FORM)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))
    shown = sender.only("sent")
    assert shown.name.endswith("công văn")
    names = sorted(path.name for path in shown.iterdir())
    assert {"công văn.pdf", "công văn.toml", "goi-tin-da-ky.edxml", "ket-qua.txt"} <= set(names)
    assert any(name.endswith(".tlog-proof") for name in names)

    receiver.take(until=lambda: is_done(receiver))
    came = receiver.only("inbox")
    assert "7816-VPCP-TTĐT" in came.name
    assert (came / "công văn.pdf").read_bytes() == PDF
    assert (came / "goi-tin.edxml").read_bytes() == (shown / "goi-tin-da-ky.edxml").read_bytes()
    assert "V/v thử nghiệm" in (came / "thong-tin.txt").read_text(encoding="utf-8-sig")
    assert list(came.glob("bien-nhan-*.tlog-proof"))

    (came / "03.txt").write_text("Đã vào sổ số 15", encoding="utf-8")
    receiver.send(until=lambda: all(job.state == "done" for job in jobs(receiver)))
    assert (came / "trang-thai-03-da-gui.txt").exists()
    assert not (came / "03.txt").exists()

    sender.take(until=lambda: len(list(shown.glob("trang-thai-*.txt"))) == 2)
    reported = sorted(path.name[:13] for path in shown.glob("trang-thai-*.txt"))
    assert reported == ["trang-thai-01", "trang-thai-03"]
    text = next(shown.glob("trang-thai-03*.txt")).read_text(encoding="utf-8-sig")
    assert "Đã vào sổ số 15" in text


def jobs(office: Office) -> list[Job]:
    with office.agent.spool() as spool:
        return spool.all(Job)


def is_done(office: Office) -> bool:
    with office.agent.spool() as spool:
        found = spool.all(Delivery)
    return bool(found) and all(one.state == "done" for one in found)


def test_packages_are_sent_as_they_are_where_they_are_signed(sender: Office) -> None:
    signed = sender.world.axis.sign(G22, package(document(1, to=(H41,))))
    sender.drop("đã ký.edxml", signed)
    sender.drop("chưa ký.edxml", package(document(2, to=(H41,))))
    sender.send(until=lambda: len(sender.names("sent")) == 2 and not sender.names("outbox"))
    bodies = {
        path.name[11:]: (path / "goi-tin-da-ky.edxml").read_bytes()
        for path in (sender.home / "sent").iterdir()
    }
    assert bodies["đã ký"] == signed
    assert b"SignatureValue" in bodies["chưa ký"]


def test_what_cannot_pass_is_rejected_with_reasons_in_vietnamese(sender: Office) -> None:
    sender.drop("sai.edxml", package(document(1)).replace(b"Subject>", b"Subjekt>"))
    sender.drop("thiếu.toml", FORM)
    sender.drop("lạ.toml", FORM + 'khong_co = "x"')
    sender.drop("lạ.pdf", PDF)
    sender.drop("không nơi nhận.toml", FORM.replace("000.00.00.H41", "000.00.00.X99"))
    sender.drop("không nơi nhận.pdf", PDF)
    sender.send(until=lambda: not sender.names("outbox"))
    told = {
        path.name[11:]: (path / "ly-do.txt").read_text(encoding="utf-8-sig")
        for path in (sender.home / "rejected").iterdir()
    }
    assert set(told) == {"sai", "thiếu", "lạ", "không nơi nhận"}
    assert all("Văn bản KHÔNG được gửi" in text for text in told.values())
    assert "agent.no-attachment" in told["thiếu"]
    assert "Cách xử lý" in told["lạ"]
    assert not sender.names("sent")


def test_a_large_file_travels_apart_and_arrives_whole(sender: Office, receiver: Office) -> None:
    import os

    content = os.urandom(20 * 1024 * 1024)
    sender.drop("bản vẽ/tờ khai.toml", FORM)
    sender.drop("bản vẽ/bản vẽ.bin", content)
    sender.drop("bản vẽ/công văn.pdf", PDF)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))
    receiver.take(until=lambda: is_done(receiver))
    came = receiver.only("inbox")
    assert (came / "bản vẽ.bin").read_bytes() == content
    assert (came / "công văn.pdf").read_bytes() == PDF
    assert not any((sender.home / ".agent/bytes").iterdir())


def test_a_status_form_is_sent_too(sender: Office, receiver: Office) -> None:
    sender.drop("a.edxml", encode(document(1), {"1": PDF}))
    sender.send(until=lambda: bool(sender.names("sent")))
    receiver.take(until=lambda: is_done(receiver))
    about = '[[about]]\norgan_id = "000.00.00.G22"\ncode = "1/VPCP-TTĐT"\n'
    about += (
        'document_id = "000.00.00.G22,2015/09/30,1/VPCP-TTĐT"\npromulgation_date = "2015/09/30"\n'
    )
    receiver.drop("trạng thái.toml", 'status_code = "03"\ndescription = "Vào sổ"\n' + about)
    receiver.send(until=lambda: bool(receiver.names("sent")) and not receiver.names("outbox"))
    assert not receiver.names("rejected")
