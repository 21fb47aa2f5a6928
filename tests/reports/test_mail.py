"""A report goes by mail to those whom the schedule names, once, when the mail server takes it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from axis.sandbox.ports import free_ports
from axis.sections import AlertSettings, ReportSettings, ScheduledReport
from axis.settings import Settings
from axis.store.alarms import alarms
from axis.store.engine import transaction
from tests.alerts.mailserver import PASSWORD, USER, Inbox, mail_server
from tests.courier.endpoint import endpoint_at
from tests.reports.rows import at, keep, package
from tests.reports.test_schedule import Working

MANAGER = "chanhvanphong@example.vn"


def test_a_report_is_mailed_once_though_the_server_was_away_and_the_file_goes_with_it(
    sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    keep(sqlite_engine, package("a", at("03 09:00")))
    password = tmp_path / "smtp.password"
    password.write_bytes(PASSWORD + b"\n")
    password.chmod(0o600)
    (port,) = free_ports(1)
    inbox = Inbox(port=int(port))
    own = Settings(
        home=str(tmp_path),
        alerts=AlertSettings(
            mail_from="axis@example.vn",
            smtp_host="127.0.0.1",
            smtp_port=inbox.port,
            smtp_user=USER.decode(),
            smtp_password="smtp.password",
            smtp_ca="endpoint-ca.pem",
        ),
        reports=ReportSettings(
            schedule=(
                ScheduledReport(name="tuan", report="weekly", formats=("csv",), mail_to=(MANAGER,)),
                ScheduledReport(name="khac", report="weekly", formats=("csv",)),
            )
        ),
    )

    def wrong() -> list[tuple[str, str]]:
        with transaction(sqlite_engine) as connection:
            return [(one.code, one.subject) for one in alarms(connection)]

    with endpoint_at(tmp_path):  # its certificate is the mail server's, too
        work = Working(sqlite_engine, own)
        work.until_nothing_is_due("10 08:00")
        assert wrong() == [("alert.mail-unsent", "tuan")]
        with mail_server(tmp_path / "endpoint.pem", inbox):
            work.now += timedelta(minutes=4)
            assert work.clerk.round() == 0  # a server that is away is not asked all the time
            work.now += timedelta(minutes=2)
            assert work.clerk.round() == 1
            work.until_nothing_is_due("10 09:00")
    (mail,) = inbox.of(MANAGER)
    assert mail["Subject"] == "Báo cáo tuan 2026-W45"
    (attached,) = mail.iter_attachments()
    file = tmp_path / "reports" / "tuan-2026-W45.csv"
    assert attached.get_filename() == file.name
    assert attached.get_payload(decode=True) == file.read_bytes()
    assert wrong() == []
