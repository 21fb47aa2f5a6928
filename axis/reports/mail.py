"""Mails a report that was written to those whom the schedule names."""

from __future__ import annotations

import socket
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from axis.alerts.send import Sender
from axis.reports.errors import ReportFileError
from axis.reports.forms import Form
from axis.reports.schedule import Entry
from axis.settings import Settings
from axis.store.closed_reports import ReportFile

_TYPES: Final = {
    Form.JSON: ("application", "jsonl"),
    Form.CSV: ("text", "csv"),
    Form.HTML: ("text", "html"),
    Form.PDF: ("application", "pdf"),
    Form.XLSX: ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def mail_file(file: ReportFile, entry: Entry, settings: Settings) -> None:
    """Hand a file to the mail server of ``[alerts]``; sent twice, it has the same Message-ID.

    Raises:
        ReportFileError: the file is not there any more.
        MailUnsentError: the mail server did not take it, or none is set.
        KeyFileUnreadableError, KeyFileOpenError: the password's file cannot be used.
    """
    own, path = settings.alerts, Path(file.path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReportFileError(path=file.path, reason=error.strerror or str(error)) from error
    sender = own.mail_from or f"axis@{socket.getfqdn()}"
    say = entry.lang == "vi"
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(entry.mail_to)
    mail["Subject"] = f"{'Báo cáo' if say else 'Report'} {entry.name} {file.period}"
    mail["Date"] = format_datetime(file.written_at)
    mail["Message-ID"] = (
        f"<report-{file.name}-{file.period}-{file.form}@{sender.rpartition('@')[2] or 'axis'}>"
    )
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers to it
    mail.set_content(f"{path.name}\nSHA-256 {file.digest.hex()}\n")
    maintype, subtype = _TYPES[Form(file.form)]
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=path.name)
    Sender(settings).hand_over(mail)
