"""The agent's settings: one TOML file in its folder; secrets only by path."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from adapters.client.trust import Trust
from adapters.folder.errors import AgentSettingsError
from axis.structs import ready
from axis.trust.certificates import read_one
from axis.trust.keys import load_key
from axis.trust.sign import Signer, signer_of
from axis.trust.token import open_token_key, signer_of_token
from axis.trust.values import Weakness

FILE: Final = "agent.toml"


class TokenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signing key in a PKCS#11 token."""

    module: str  #: the token's library
    token: str  #: its label
    label: str  #: of the key
    pin_file: str  #: file that only its owner may read


class VxpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The VXP API for the eOffice beside the agent."""

    listen: str = ""  #: address and port, such as ``127.0.0.1:8041``; empty: it is not served
    beyond: bool = False  #: take calls from other machines too; the client's line is not encrypted
    system: str = ""  #: the client's ``systemid``; empty: the office's code
    secret_file: str = "keys/vxp.secret"  # noqa: S105  a path
    short_ids: bool = False  #: give docIds of 24 hex digits instead of UUIDs
    package_bytes: int = 64 * 1024 * 1024  #: the largest package that is taken
    free_bytes: int = 256 * 1024 * 1024  #: with less room on the disk, nothing is taken
    sent_days: int = 30  #: getSentEdocList without dates goes back so far
    keep_days: int = 30  #: what was confirmed can be fetched again for so long
    ask_s: float = 60.0  #: how old the axis's word about recipients may be
    offices_s: float = 3600.0  #: how old the list of offices may be


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that an agent can be told; paths stand under its folder."""

    url: str  #: of the axis, ``https://…``
    office: str  #: code of the office, which signs and reports
    former: tuple[str, ...] = ()  #: its codes of before, under which documents may still come
    groups: tuple[str, ...] = ()  #: groups of addressees that it is in
    token_file: str = "keys/token"  # noqa: S105  a path
    ca: str = ""  #: PEM file of the authority of the axis's own certificate; empty: the system's
    certificate: str = "keys/office.pem"  #: the office's certificate
    key: str = "keys/office.key"  #: its private key (PEM); not asked for with ``pkcs11``
    pkcs11: TokenSettings | None = None  #: the key is in a token instead
    trust: str = "trust"  #: folder of authorities that signers' certificates may end in
    crl_urls: tuple[str, ...] = ()  #: revocation lists that are fetched into it
    crl_every_s: float = 21600.0  #: how often
    log_key: str = "trust/axis.vkey"  #: file with the line of ``axis ledger key``
    weak: tuple[Weakness, ...] = ()  #: signatures of today's systems that are let in
    arrived: bool = True  #: report 01 (arrived) by itself once a document is in inbox
    apart_bytes: int = 16 * 1024 * 1024  #: larger files travel apart, in pieces
    settle_s: float = 2.0  #: a file that did not change for so long is whole
    poll_s: float = 30.0  #: how long one call waits for what comes
    verdict_s: float = 60.0  #: how long a verdict is waited for; later it is asked for again
    look_s: float = 1.0  #: how often outbox is looked at
    retry_first_s: float = 5.0  #: the first wait after a failure; it doubles
    retry_most_s: float = 900.0  #: the longest such wait
    lang: Literal["vi", "en"] = "vi"  #: of what clerks read
    vxp: VxpSettings = VxpSettings()


def load_agent_settings(folder: Path) -> AgentSettings:
    """Read the settings of a folder.

    Raises:
        AgentSettingsError: the file is absent, or says something unknown.
    """
    path = folder / FILE
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ready(AgentSettings))
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise AgentSettingsError(path=str(path), reason=reason) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AgentSettingsError(path=str(path), reason=str(error)) from error


def open_signer(settings: AgentSettings, folder: Path) -> Signer:
    """Return the office's key, from its file or its token.

    Raises:
        KeyUnreadableError, KeyPermissionsError, CertificateUnreadableError: it cannot be used.
        TokenUnavailableError: the token does not work now.
    """
    path = folder / settings.certificate
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise AgentSettingsError(path=str(path), reason=reason) from error
    certificate = read_one(data, source=str(path))
    if settings.pkcs11 is None:
        return signer_of(load_key(folder / settings.key), certificate)
    token = settings.pkcs11
    key = open_token_key(
        Path(token.module),
        token=token.token,
        label=token.label,
        pin_file=folder / token.pin_file,
    )
    return signer_of_token(key, certificate)


def read_text(folder: Path, name: str) -> str:
    """Return a small file that the settings name.

    Raises:
        AgentSettingsError: it cannot be read.
    """
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AgentSettingsError(path=str(folder / name), reason=str(error)) from error


def trust_of(settings: AgentSettings, folder: Path) -> Trust:
    """Return whom the office believes; read anew, so that fetched lists count.

    Raises:
        CertificateUnreadableError: a file in the folder holds no certificate.
    """
    return Trust(
        anchors=folder / settings.trust,
        offices=[settings.office, *settings.former],
        groups=settings.groups,
        weak=settings.weak,
    )
