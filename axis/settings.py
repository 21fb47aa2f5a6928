"""One TOML file and ``AXIS_…`` variables; an unknown key is refused; secrets come only by path.

``AXIS_DATABASE_URL`` overrides ``url`` in ``[database]``, and so on for every key of every section.
Relative paths stand under ``home``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from axis.errors import AxisError, Fault
from axis.sections import (
    AlertSettings,
    BodiesSettings,
    DoctorSettings,
    LogSettings,
    MetricSettings,
    ReportSettings,
    Section,
    TelemetrySettings,
)
from axis.structs import ready


class SettingsError(AxisError):
    """A setting is unknown or has a value of the wrong kind."""

    code = "settings.invalid"
    fault = Fault.INPUT
    en = "the settings in {source} are not valid: {reason}"
    vi = "cấu hình trong {source} không hợp lệ: {reason}"
    hint_en = "correct the key that is named; docs/settings.md lists them all"
    hint_vi = "sửa khóa cấu hình được nêu; docs/settings.md liệt kê tất cả"


class DatabaseSettings(Section, frozen=True):
    """Where the records are."""

    url: str = "sqlite:///axis.db"  #: ``sqlite:///FILE`` (under home) or ``postgresql://…``


class AmqpSettings(Section, frozen=True):
    """Where RabbitMQ is."""

    url: str = "amqp://guest:guest@127.0.0.1:5672/"  #: with account and vhost; cluster: HOST:PORT,…
    publish_timeout_s: float = 30.0  #: a publish that hangs longer counts as failed
    publish_window: int = 500  #: confirms awaited at once


class RelaySettings(Section, frozen=True):
    """How the relay works through the intake."""

    workers: int = 1  #: processes that share the work
    examiners: int = 1  #: processes of each worker that read, and one for what is urgent; 0: none
    batch: int = 250  #: packages per transaction, at most
    gather_ms: int = 5  #: how long a batch that is not full waits for more, while more comes
    prefetch: int = 750  #: packages that RabbitMQ hands to a worker before they are acknowledged


class TrustSettings(Section, frozen=True):
    """Who is believed."""

    anchors: str = "certs/anchors"  #: folder of certificates that paths may end in
    intermediates: str = "certs/intermediates"  #: folder of certificates between
    crls: str = "certs/crls"  #: folder of CRLs, PEM or DER
    crl_urls: tuple[str, ...] = ()  #: CRLs that the clock and ``axis cert fetch`` bring, no others
    ocsp_urls: tuple[str, ...] = ()  #: responders that are asked about the registered certificates
    fetch_every_s: float = 3600.0  #: how often the clock brings CRLs and OCSP answers that are due
    second_opinion: bool = True  #: verify each signature by two independent implementations


class DirectorySettings(Section, frozen=True):
    """How long the past counts."""

    grace_days: int = 90  #: an office that has ended may still sign for so long
    snapshot_days: int = 30  #: a sealed list of offices may be relied on for so long


class NotarySettings(Section, frozen=True):
    """How entries get their place in the ledger."""

    origin: str = "axis.example/ledger"  #: the ledger's name in checkpoints; never changes
    key: str = "notary.key"  #: path of the signing key (PEM, Ed25519), or a ``pkcs11:`` URI
    tiles: str = "ledger"  #: folder of the logs as tiles, one folder for each year
    salt_key: str = "salt.key"  #: path of the 32-byte key that salts are derived from
    interval_ms: int = 200  #: how often new entries get their place
    batch: int = 2500  #: entries that get their place at once, at most
    witnesses: tuple[str, ...] = ()  #: ``URL VERIFIER-KEY`` of each witness that is asked
    witness_quorum: int = 0  #: so many of them must cosign …
    witness_within_s: float = 60.0  #: … within so long, else there is an alarm
    witness_strict: bool = False  #: then nothing more is accepted either, until they have
    stop_after_s: float = 0.0  #: accept nothing while the notary signed nothing for so long; 0: do
    tsa_url: str = ""  #: time stamping authority (RFC 3161); empty: none
    tsa_roots: str = ""  #: PEM file of the certificates that its tokens may end in
    tsa_every_s: float = 60.0  #: how often a checkpoint is time stamped


class EvidenceSettings(Section, frozen=True):
    """What courtroom packages are sealed with."""

    key: str = ""  #: path of the seal's private key (PEM)
    certificate: str = ""  #: path of the seal's certificate (PEM)


class AuditSettings(Section, frozen=True):
    """Who may take exports and reports, and what these are signed with."""

    people: tuple[str, ...] = ()  #: accounts of this machine that may; empty: whoever can run it
    database_url: str = ""  #: what they read by, a user of its own; empty: as in ``[database]``
    role: str = ""  #: role of PostgreSQL that this user must have, such as ``axis_auditor``
    key: str = ""  #: path of the key (PEM, Ed25519) that manifests are signed with; empty: notary's
    salt_key: str = ""  #: path of the key for the record of an export; empty: the notary's


class WitnessSettings(Section, frozen=True):
    """A witness of the logs of others."""

    name: str = "witness.example"  #: name of its key, a URL without scheme
    key: str = "witness.key"  #: path of its key (PEM, Ed25519), which is used for nothing else
    records: str = "witness.db"  #: file that remembers the last checkpoint of each log
    logs: tuple[str, ...] = ()  #: verifier keys of the logs that it follows
    host: str = "127.0.0.1"  #: address to listen on
    port: int = 8047  #: port to listen on


class PeopleSettings(Section, frozen=True):
    """Who may run the axis, beyond the roles that ``axis admin`` gives."""

    two_persons: tuple[str, ...] = ()  #: commands, or nouns, that a second person must approve


class PolicySettings(Section, frozen=True):
    """Who may send what to whom, beyond what always holds."""

    rules: tuple[str, ...] = ()  #: ``deny new from level=commune to level=central``, first fit wins


class IntakeSettings(Section, frozen=True):
    """When senders are told to come later, before anything of theirs is accepted."""

    waiting: int = 100_000  #: packages in the intake queue above which nothing more is taken
    free_bytes: int = 1024 * 1024 * 1024  #: room on the bodies' disk below which nothing is taken
    retry_after_s: int = 30  #: what senders are told to wait


class AccessSettings(Section, frozen=True):
    """How systems prove themselves."""

    key: str = "access.key"  #: path of the 32-byte key that shared secrets are encrypted with
    token_days: int = 365  #: a token counts for so long where nothing else is said
    overlap_days: int = 14  #: with ``--rotate`` the credentials before count for so long


class GatewaySettings(Section, frozen=True):
    """The HTTP doors."""

    host: str = "127.0.0.1"  #: address to listen on
    port: int = 8040  #: port to listen on
    url: str = ""  #: how callers reach it, for links in answers; empty: as they called
    tls_certificate: str = ""  #: PEM file of the server's certificate chain; empty: plain HTTP
    tls_key: str = ""  #: PEM file of its private key
    client_ca: str = ""  #: PEM file of the authorities of client certificates; empty: none asked
    proxies: tuple[str, ...] = ()  #: addresses or networks of reverse proxies that are believed
    proxy_certificate_header: str = ""  #: header in which they give the client's certificate
    wait_s: float = 20.0  #: the longest time that a submission waits for its verdict
    poll_s: float = 60.0  #: the longest time that a mailbox is waited for
    look_ms: int = 250  #: how often the records are asked for all who wait
    again_s: float = 300.0  #: after so long a mailbox cursor starts over with what is unconfirmed
    head_bytes: int = 32768  #: the longest head of a request
    head_s: float = 10.0  #: a head must be there within so long
    body_s: float = 30.0  #: a body that stands still for so long is given up
    idle_s: float = 75.0  #: a connection without a request is closed after so long
    connections: int = 4096  #: above so many, callers are told to come later
    submitting: int = 256  #: packages that are read at once
    rate: str = "12000/minute"  #: requests of one system
    anonymous_rate: str = "120/minute"  #: failed proofs from one address
    quota: str = "100000/day"  #: packages of one system
    quota_bytes: int = 200 * 1024 * 1024 * 1024  #: bytes that one system may submit in a day
    limits_store: str = "memory://"  #: where counts are kept; ``redis://…`` shares them


class ConsoleSettings(Section, frozen=True):
    """The web console for administrators and auditors."""

    name: str = "Trục liên thông văn bản"  #: what it calls itself, in titles and authenticators
    idle_minutes: int = 30  #: a session in which nothing is asked ends after so long
    session_hours: int = 10  #: every session ends after so long
    signin_rate: str = "10/minute"  #: tries to sign in, of one address and of one account
    openid_issuer: str = ""  #: OpenID provider that people may sign in by; empty: none
    openid_client: str = ""  #: by what name the provider knows this console
    openid_secret: str = ""  #: path of the file with the client's secret; empty: a public client
    openid_claim: str = "preferred_username"  #: claim that holds the name of the account


class PartSettings(Section, frozen=True):
    """Attachments that are brought apart, before the envelope that names them."""

    part_bytes: int = 4 * 1024 * 1024 * 1024  #: the largest attachment that may be brought apart
    waiting_bytes: int = 32 * 1024 * 1024 * 1024  #: of one system's, without an envelope yet
    uploads: int = 64  #: uploads of one system under way at once
    keep_hours: int = 72  #: what no package names goes after this; so does an upload that rests


class HubSettings(Section, frozen=True):
    """The AMQP door."""

    management: str = ""  #: URL of RabbitMQ's management API; empty: port 15672 of the broker
    prefix: str = ""  #: before users and virtual hosts, where installations share a broker
    inline_bytes: int = 1024 * 1024  #: the largest package inside a message
    piece_bytes: int = 1024 * 1024  #: a larger delivery is given out in pieces of so much
    prefetch: int = 16  #: messages of one system that are worked on at once
    window: int = 500  #: deliveries that stand in a system's own queue at once, at most
    held_s: float = 1200.0  #: a package waits so long while the axis takes none; then: later
    receipt_s: float = 5.0  #: how long an acceptance waits for its receipt
    refresh_s: float = 5.0  #: how often the list of systems is looked at


class VxpSettings(Section, frozen=True):
    """The door for clients of the VXP API."""

    wait_s: float = 20.0  #: how long sendEdoc waits for the verdict; then it answers accepted
    short_ids: bool = False  #: give docIds of 24 hex digits instead of UUIDs; both are understood
    sent_days: int = 30  #: getSentEdocList without dates goes back so far


class CourierSettings(Section, frozen=True):
    """Pushes to systems' own endpoints."""

    key: str = "courier.key"  #: path of the key (PEM, Ed25519) that notices are signed with
    timeout_s: float = 10.0  #: an endpoint must have answered within so long
    batch: int = 50  #: deliveries in one notice, at most
    look_s: float = 1.0  #: how often the records are asked for what is due
    lease_s: float = 60.0  #: what a courier that died was pushing is due again after so long
    retry_first_s: float = 5.0  #: the first wait after an endpoint took nothing; it doubles
    retry_most_s: float = 3600.0  #: the longest such wait
    breaker_after: int = 5  #: failures in a row after which only one delivery is tried at a time
    allow: tuple[str, ...] = ()  #: networks that are pushed to beside the public ones
    ca: str = ""  #: PEM file of authorities that endpoints' certificates may end in, too


class RetentionSettings(Section, frozen=True):
    """How long bodies are kept after everything about them is over; 0 keeps them for ever."""

    documents_days: int = 0  #: accepted documents; the law names no time for the axis
    statuses_days: int = 0  #: accepted statuses
    refused_days: int = 90  #: what was refused


class ClockSettings(Section, frozen=True):
    """How the clock tells again, lets expire and reminds."""

    interval_s: float = 5.0  #: how often it looks for what is due
    batch: int = 500  #: deliveries of one system that are told again at once
    untold_after_s: float = 60.0  #: a queue that was not told of a delivery is told after this
    unanswered_after_s: float = 21600.0  #: an empty queue is told again of what is not confirmed
    retry_first_s: float = 30.0  #: the first wait after a queue took nothing; it doubles
    retry_most_s: float = 3600.0  #: the longest such wait
    breaker_after: int = 5  #: failures in a row after which only one delivery is tried at a time
    tries: int = 20  #: failures after which a delivery is parked
    expire_express_days: int = 15  #: time to live in the express lane
    expire_normal_days: int = 60  #: time to live in the normal lane
    late_express_minutes: int = 60  #: an urgent delivery that is not confirmed then is late
    escalate_hours: int = 24  #: a late delivery is escalated after this long
    contact: str = ""  #: who is told of what is late where the office names nobody


class PeerSettings(Section, frozen=True):
    """The links to other axes."""

    patience_s: float = 10.0  #: one call is carried again for so long; then the link is down
    retry_most_s: float = 60.0  #: the longest wait between two tries of a link that is down


class LimitSettings(Section, frozen=True):
    """What a package may cost."""

    package_bytes: int = 64 * 1024 * 1024  #: the largest package, attachments included


class Settings(Section, frozen=True):
    """Everything that an installation can set."""

    home: str = "var"  #: folder that relative paths stand under
    database: DatabaseSettings = DatabaseSettings()
    amqp: AmqpSettings = AmqpSettings()
    bodies: BodiesSettings = BodiesSettings()
    relay: RelaySettings = RelaySettings()
    trust: TrustSettings = TrustSettings()
    directory: DirectorySettings = DirectorySettings()
    notary: NotarySettings = NotarySettings()
    witness: WitnessSettings = WitnessSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    audit: AuditSettings = AuditSettings()
    intake: IntakeSettings = IntakeSettings()
    access: AccessSettings = AccessSettings()
    gateway: GatewaySettings = GatewaySettings()
    console: ConsoleSettings = ConsoleSettings()
    parts: PartSettings = PartSettings()
    hub: HubSettings = HubSettings()
    vxp: VxpSettings = VxpSettings()
    courier: CourierSettings = CourierSettings()
    peer: PeerSettings = PeerSettings()
    clock: ClockSettings = ClockSettings()
    retention: RetentionSettings = RetentionSettings()
    doctor: DoctorSettings = DoctorSettings()
    alerts: AlertSettings = AlertSettings()
    metrics: MetricSettings = MetricSettings()
    reports: ReportSettings = ReportSettings()
    logs: LogSettings = LogSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    limits: LimitSettings = LimitSettings()
    policy: PolicySettings = PolicySettings()
    people: PeopleSettings = PeopleSettings()

    def path(self, name: str) -> Path:
        """Return a configured path, absolute; relative ones stand under ``home``."""
        return Path(self.home).absolute() / name

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL, with a relative SQLite file placed under ``home``."""
        return self._database_url(self.database.url)

    @property
    def audit_database_url(self) -> str:
        """Return the SQLAlchemy URL that exports and reports are read by."""
        return self._database_url(self.audit.database_url or self.database.url)

    def _database_url(self, url: str) -> str:
        prefix = "sqlite:///"
        if url.startswith(prefix):
            return f"{prefix}{self.path(url.removeprefix(prefix))}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)


def parse_settings(text: str, variables: Mapping[str, str], *, source: str) -> Settings:
    """Read settings from TOML text and environment variables.

    Raises:
        SettingsError: a key is unknown or a value is of the wrong kind.
    """
    try:
        values: dict[str, Any] = msgspec.toml.decode(text)
        for name, value in sorted(variables.items()):
            _override(values, name, value)
        return msgspec.convert(values, ready(Settings), strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(source=source, reason=str(error)) from error
    except msgspec.DecodeError as error:
        raise SettingsError(source=source, reason=str(error)) from error


#: Variables that say how a command is called, not how the axis is set.
_OF_THE_CALL = frozenset({"AXIS_CONFIG", "AXIS_LANG"})


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings: from ``path``, else ``$AXIS_CONFIG``, else ``axis.toml`` if present.

    Raises:
        SettingsError: the file cannot be read or says something unknown.
    """
    chosen = path or (Path(os.environ["AXIS_CONFIG"]) if "AXIS_CONFIG" in os.environ else None)
    variables = {
        k: v for k, v in os.environ.items() if k.startswith("AXIS_") and k not in _OF_THE_CALL
    }
    if chosen is None and Path("axis.toml").exists():
        chosen = Path("axis.toml")
    try:
        text = chosen.read_text(encoding="utf-8") if chosen else ""
    except OSError as error:
        raise SettingsError(source=str(chosen), reason=error.strerror or "unreadable") from error
    return parse_settings(text, variables, source=str(chosen or "the environment"))


def _override(values: dict[str, Any], name: str, value: str) -> None:
    if name == "AXIS_HOME":
        values["home"] = value
        return
    for section in msgspec.structs.fields(Settings):
        prefix = f"AXIS_{section.name.upper()}_"
        if section.name != "home" and name.startswith(prefix):
            # A list is written as in the file: ["one", "two"].
            given = msgspec.toml.decode(f"it = {value}")["it"] if value.startswith("[") else value
            values.setdefault(section.name, {})[name.removeprefix(prefix).lower()] = given
            return
    raise msgspec.ValidationError(f"unknown variable {name}")
