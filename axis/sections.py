"""Sections of the settings: the bytes, watching over an installation, and what all share."""

from __future__ import annotations

import msgspec


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of the file; unknown keys are refused."""


class BodiesSettings(Section, frozen=True):
    """Where the exact bytes of envelopes are."""

    path: str = "bodies"  #: folder, on a disk that keeps what was synced; with S3: for what comes
    url: str = ""  #: ``s3://BUCKET/PREFIX`` where there are several machines; empty: the folder
    endpoint: str = ""  #: URL of the S3 service; empty: that of AWS in ``region``
    region: str = "us-east-1"  #: region that requests are signed for
    credentials: str = ""  #: path of an AWS credentials file; empty: the ``AWS_…`` variables
    ca: str = ""  #: PEM file of authorities that the service's certificate may end in, too
    timeout_s: float = 30.0  #: a request that takes longer counts as failed


class DoctorSettings(Section, frozen=True):
    """Where the checks of ``axis doctor`` begin to say that something needs a person."""

    answer_s: float = 4.0  #: a check that has not ended after so long cannot tell
    certificate_days: tuple[int, ...] = (60, 30, 7)  #: days before its end that one is told of
    list_hours: float = 12.0  #: a revocation list must be good for so much longer
    clock_s: float = 2.0  #: clocks may differ by so much
    notary_s: float = 60.0  #: entries may wait so long for their signature
    express_s: float = 600.0  #: an urgent document may wait so long in the intake or untold
    normal_s: float = 3600.0  #: any other document
    disk_days: float = 30.0  #: disks must have room for so many days more, at the pace of the week
    quiet_factor: float = 3.0  #: a system is quiet after so often its usual silence
    quiet_least_h: float = 8.0  #: … but never before so many hours of working days


class AlertSettings(Section, frozen=True):
    """Who is told of what is wrong, how and when."""

    every_s: float = 60.0  #: how often the clock runs the checks and looks for what is to be told
    settle_s: float = 120.0  #: what is over again within so long is told to nobody
    mail_to: tuple[str, ...] = ()  #: addresses that are told of everything
    escalate_to: tuple[str, ...] = ()  #: addresses that are told of what nobody saw to
    escalate_after_s: float = 3600.0  #: … within so long
    again_s: float = 86400.0  #: what goes on and was not seen to is told again after so long
    webhooks: tuple[str, ...] = ()  #: https addresses that get signed notices, by ``[courier] key``
    lang: str = "vi"  #: language of the messages: ``vi`` or ``en``
    name: str = ""  #: of this installation, in subjects; empty: the name of the machine
    mail_from: str = ""  #: sender's address; empty: ``axis@`` and the name of the machine
    smtp_host: str = ""  #: the mail server; empty: no mail goes out
    smtp_port: int = 587  #: its port
    smtp_security: str = "starttls"  #: ``starttls``, ``tls`` or, on one machine, ``none``
    smtp_user: str = ""  #: account there; empty: none is needed
    smtp_password: str = ""  #: path of the file with its password
    smtp_ca: str = ""  #: PEM file of authorities that the server's certificate may end in, too
    smtp_timeout_s: float = 20.0  #: the server must have taken a message within so long
    retry_first_s: float = 30.0  #: the first wait after a message was not taken; it doubles
    retry_most_s: float = 3600.0  #: the longest such wait


class MetricSettings(Section, frozen=True):
    """What Prometheus can read."""

    host: str = "127.0.0.1"  #: address that ``axis metrics`` listens on
    port: int = 8049  #: its port; 0: ``axis serve`` starts no metrics, and nothing is counted
    folder: str = "metrics"  #: where the processes of this machine keep their counts
    records: bool = True  #: also read the records; one machine of several is enough
    records_s: float = 15.0  #: the records are read at most so often


class ScheduledReport(Section, frozen=True):
    """A report that the clock writes again and again: a ``[[reports.schedule]]``."""

    name: str  #: begins the names of its files; small letters, digits and hyphens
    report: str  #: ``daily``, ``weekly`` or ``monthly``
    office: str = ""  #: code of one office
    province: str = ""  #: code of a province: it and all below it
    level: str = ""  #: ``central``, ``provincial`` or ``commune``
    by: str = "office"  #: what is counted together: ``office``, ``level`` or ``province``
    formats: tuple[str, ...] = ("pdf",)  #: ``pdf``, ``xlsx``, ``html``, ``csv``, ``json``
    folder: str = "reports"  #: where its files go
    at: str = ""  #: not before this time of the day, such as ``13:30``; empty: when it is closed
    lang: str = "vi"  #: ``vi`` or ``en``
    mail_to: tuple[str, ...] = ()  #: addresses that get the files


class ReportSettings(Section, frozen=True):
    """Reports that are written by themselves, into folders."""

    schedule: tuple[ScheduledReport, ...] = ()  #: see ``docs/operate/reports.md``
    every_s: float = 20.0  #: how often the clock looks for figures to close and files to write


class LogSettings(Section, frozen=True):
    """What processes write on stderr."""

    format: str = "text"  #: ``text``, or ``json``: an object on a line for each event
    level: str = "warning"  #: ``debug``, ``info`` (a line for each package), ``warning``, ``error``


class TelemetrySettings(Section, frozen=True):
    """Traces of packages by OpenTelemetry; needs the extra ``axis[telemetry]``."""

    endpoint: str = ""  #: OTLP over HTTP, such as ``http://127.0.0.1:4318/v1/traces``; empty: none
