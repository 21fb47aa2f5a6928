"""The agent at work: threads that send and take; each goes on where it, or a crash, left off."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO

from adapters.client import Client
from adapters.folder.beside import listening_at
from adapters.folder.errors import AgentBusyError
from adapters.folder.places import Places
from adapters.folder.receiving import Receiver
from adapters.folder.sending import Sender
from adapters.folder.settings import (
    AgentSettings,
    load_agent_settings,
    open_signer,
    read_text,
    trust_of,
)
from adapters.folder.spool import Spool, SpoolMemory
from axis.errors import AxisError
from axis.trust.fetch import fetch_lists
from axis.trust.sign import Signer

log = logging.getLogger(__name__)


class Agent:
    """An office's folder and what works in it."""

    def __init__(self, home: Path, *, listen: str | None = None) -> None:
        """Read the settings; nothing is sent yet.

        Args:
            home: the folder.
            listen: where the VXP API is served, whatever the settings say of it.

        Raises:
            AgentSettingsError, ListenAddressError: they cannot be used.
        """
        self.places = Places(home.absolute())
        self.settings: AgentSettings = load_agent_settings(self.places.home)
        self.listening = listening_at(self.settings.vxp, listen=listen)
        self.places.prepare()

    @cached_property
    def signer(self) -> Signer:
        """The office's key, opened when first needed; a token that was away is asked again."""
        return open_signer(self.settings, self.places.home)

    def spool(self) -> Spool:
        """Return a connection of one's own to the spool."""
        return Spool(self.places.state / "spool.db")

    def client(self, spool: Spool, *, patience_s: float = 20.0) -> Client:
        """Return a client of one's own.

        Raises:
            AgentSettingsError, CertificateUnreadableError: what the settings name is not there.
        """
        settings, home = self.settings, self.places.home
        return Client(
            settings.url,
            token=read_text(home, settings.token_file),
            trust=trust_of(settings, home),
            log_key=read_text(home, settings.log_key),
            memory=SpoolMemory(spool),
            patience_s=patience_s,
            lang=settings.lang,
            ca=home / settings.ca if settings.ca else None,
        )

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        """Give the way out."""
        with self.spool() as spool, self.client(spool) as client:
            yield Sender(self.settings, self.places, spool, client, lambda: self.signer)

    @contextmanager
    def receiving(self) -> Iterator[Receiver]:
        """Give the way in."""
        with self.spool() as spool, self.client(spool) as client:
            yield Receiver(
                self.settings,
                self.places,
                spool,
                client,
                lambda: self.signer,
                offers=self.listening is not None,
            )

    def fetch_lists(self) -> None:
        """Fetch revocation lists; one that fails leaves the list at hand."""
        folder = self.places.home / self.settings.trust / "crls"
        for one in fetch_lists(self.settings.crl_urls, folder, now=datetime.now(UTC)):
            if one.refusal is not None:
                log.warning("a revocation list was not fetched", extra={"url": one.url})

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``.

        Raises:
            AgentBusyError: another agent works in this folder.
            AddressTakenError: something else listens where the VXP API is to be served.
        """
        works = {"sends": self._send, "takes": self._take}
        with only_one(self.places), ExitStack() as stack:
            if self.listening is not None:
                from adapters.folder.vxp_serve import serving

                works["settles"] = self._settle
                url = stack.enter_context(serving(self))
                log.info("the VXP API is served", extra={"url": url})
            threads = [
                threading.Thread(target=work, args=(stop,), name=name)
                for name, work in works.items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)

    def _send(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with _told_apart("sending"), self.sending() as sender:
                while not stop.is_set():
                    if not sender.round():
                        stop.wait(self.settings.look_s)
            stop.wait(self.settings.look_s)

    def _take(self, stop: threading.Event) -> None:
        lists_at = float("-inf")
        while not stop.is_set():
            with _told_apart("receiving"), self.receiving() as receiver:
                while not stop.is_set():
                    if time.monotonic() - lists_at > self.settings.crl_every_s:
                        self.fetch_lists()
                        lists_at = time.monotonic()
                    receiver.round(wait_s=self.settings.poll_s)
            stop.wait(self.settings.retry_first_s)

    def _settle(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with _told_apart("settling"), self.receiving() as receiver:
                while not stop.is_set():
                    if not receiver.settle():
                        stop.wait(self.settings.look_s)
            stop.wait(self.settings.look_s)


@contextmanager
def _told_apart(what: str) -> Iterator[None]:
    """Let one way go on while the other is broken; this is the boundary of a thread."""
    try:
        yield
    except AxisError as error:
        log.warning("%s rests a while", what, extra={"code": error.code})
    except Exception:
        log.exception("%s failed; it begins again", what)


@contextmanager
def only_one(places: Places) -> Iterator[None]:
    """Hold the folder; a lock ends with its process, however that ends.

    Raises:
        AgentBusyError: another process holds it.
    """
    with (places.state / "lock").open("a+b") as file:
        try:
            _lock()(file)
        except OSError as error:
            raise AgentBusyError(path=str(places.home)) from error
        yield


def _lock() -> Callable[[IO[bytes]], None]:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        def lock_bytes(file: IO[bytes]) -> None:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

        return lock_bytes
    return lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
