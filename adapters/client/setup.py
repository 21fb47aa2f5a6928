"""How a client is set up: address, proof of who it is, patience, and what it keeps."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import httpx

from adapters.client.errors import NoSignerError, PlainHttpError
from adapters.client.ledger import LogKey
from adapters.client.memory import BriefMemory, FolderMemory, Memory
from adapters.client.trust import Trust
from axis import __version__
from axis.trust.sign import Signer

#: Seconds that a connection, and a silence within an answer, may take.
CONNECT_S: Final = 10.0
SILENT_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What both clients are made of."""

    url: str
    token: str | None = None
    certificate: tuple[Path, Path] | None = None  #: PEM files of a client certificate and its key
    ca: Path | None = None  #: PEM file of the authority of the axis's own certificate
    trust: Trust = field(default_factory=Trust)
    log_key: LogKey | None = None
    signer: Signer | None = None
    memory: Memory = field(default_factory=BriefMemory)
    patience_s: float = 60.0  #: for so long a call is carried again before it is given up
    lang: Literal["en", "vi"] = "en"

    def options(self) -> Mapping[str, Any]:
        """Return what an httpx client is made with.

        Raises:
            PlainHttpError: the token would be sent in the open.
        """
        url = httpx.URL(self.url)
        if url.scheme != "https" and not _is_here(url.host):
            raise PlainHttpError(url=self.url)
        headers = {"User-Agent": f"axis-client/{__version__}", "Accept-Language": self.lang}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        verify: ssl.SSLContext | bool = True
        if url.scheme == "https":
            verify = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
            if self.certificate is not None:
                verify.load_cert_chain(*map(str, self.certificate))
        return {
            "base_url": self.url.rstrip("/"),
            "headers": headers,
            "verify": verify,
            "follow_redirects": False,
            "trust_env": False,
        }

    def timeout(self, wait_s: float) -> httpx.Timeout:
        """Return the bounds of one attempt, for which the axis may take ``wait_s`` by agreement."""
        return httpx.Timeout(SILENT_S, connect=CONNECT_S, read=SILENT_S + wait_s)

    def demand_signer(self) -> Signer:
        """Return the key.

        Raises:
            NoSignerError: there is none.
        """
        if self.signer is None:
            raise NoSignerError
        return self.signer


class Words(TypedDict, total=False):
    """What a client is set up with, beside the address."""

    token: str  #: bearer token
    certificate: tuple[Path | str, Path | str]  #: PEM files of a client certificate and its key
    ca: Path | str | None  #: PEM file of the authority of the axis's own certificate
    trust: Trust  #: whom we believe, and who we are
    log_key: str  #: the line that ``axis ledger key`` prints
    signer: Signer  #: our key, for statuses
    memory: Memory | Path | str  #: a folder that keeps the last checkpoint and uploads under way
    patience_s: float  #: for so long a call is carried again
    lang: Literal["en", "vi"]  #: of the axis's words


def setup_of(url: str, words: Words) -> Setup:
    """Return the setup that a user's words mean.

    Raises:
        PlainHttpError: a token would be sent in the open.
        VerifierKeyError: the log's key is none.
    """
    memory = words.get("memory")
    certificate, ca, log_key = words.get("certificate"), words.get("ca"), words.get("log_key")
    return Setup(
        url=url,
        token=words.get("token"),
        certificate=(Path(certificate[0]), Path(certificate[1])) if certificate else None,
        ca=Path(ca) if ca is not None else None,
        trust=words.get("trust") or Trust(),
        log_key=LogKey(log_key) if log_key is not None else None,
        signer=words.get("signer"),
        memory=FolderMemory(memory) if isinstance(memory, Path | str) else memory or BriefMemory(),
        patience_s=words.get("patience_s", 60.0),
        lang=words.get("lang", "en"),
    )


def retries(setup: Setup, hook: Callable[[Exception], Any]) -> Mapping[str, Any]:
    """Return how stamina is to carry a call again: patience bounds it, not a number of tries."""
    return {
        "on": hook,
        "attempts": None,
        "timeout": setup.patience_s,
        "wait_initial": 0.2,
        "wait_max": 15.0,
        "wait_jitter": 1.0,
    }


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
