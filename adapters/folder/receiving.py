"""The way in: from the mailbox over the spool to ``inbox``, confirmed when it is on the disk.

1. what the mailbox names is in the spool;
2. it is fetched, verified and kept; what is not to be believed goes to ``suspect``, unconfirmed;
3. the folder for the clerk appears in ``inbox``, under a name that was fixed before;
4. it is confirmed; from here the axis has done its part;
5. receipts are fetched, verified and laid beside it, and 01 (arrived) is reported.

Where an eOffice beside us takes what comes by VXP, step 4 waits for its word: ``done`` confirms,
``fail`` refuses. Its word is in the spool before it is answered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec.structs import replace

from adapters.client import Client, Received
from adapters.client import Delivery as Announced
from adapters.client.errors import ProblemError
from adapters.client.files import reporter_of
from adapters.client.flows import mailbox
from adapters.folder import telling
from adapters.folder.compose import told_of
from adapters.folder.names import safe_name
from adapters.folder.pace import next_try
from adapters.folder.places import Places, free_name, keep, lay, remove
from adapters.folder.reporting import about_of, report_job
from adapters.folder.settings import AgentSettings
from adapters.folder.spool import Delivery, Job, Spool
from adapters.folder.unpack import unpack
from axis.envelope.values import DocumentEnvelope, Envelope, Message, StatusCode, StatusEnvelope
from axis.errors import AxisError, Fault
from axis.structs import ready
from axis.trust.sign import Signer

log = logging.getLogger(__name__)

#: What is still to be taken, and what is to be ended with the axis.
TAKING = ("known", "kept", "shown")
ENDING = ("agreed", "declined", "confirmed")
_FAILED: Final = "updateStatus fail"
#: The axis has ended the delivery: recalled, refused, expired, given to another.
_ENDED = frozenset({404, 409, 410})


class Receiver:
    """Takes what comes; one thread."""

    def __init__(
        self,
        settings: AgentSettings,
        places: Places,
        spool: Spool,
        client: Client,
        open_signer: Callable[[], Signer],
        *,
        offers: bool = False,
    ) -> None:
        """Keep what is worked with.

        Args:
            settings: of the agent.
            places: its folders.
            spool: a connection of its own.
            client: likewise.
            open_signer: gives the office's key.
            offers: an eOffice beside us takes what comes; :meth:`settle` must be called too.
        """
        self._settings = settings
        self._places = places
        self._spool = spool
        self._client = client
        self._open_signer = open_signer
        self._cursor: str | None = None
        self._offers = offers
        self._open = TAKING if offers else (*TAKING, *ENDING)

    def round(self, *, wait_s: float = 0.0) -> int:
        """Do what can be done now, waiting ``wait_s`` for something to come where nothing is."""
        moved = self._listen(0 if self._spool.due(Delivery, self._open, time.time()) else wait_s)
        if not self._offers:
            self._take_back()
        for delivery in self._spool.due(Delivery, self._open, time.time()):
            moved += self._advance(delivery)
        return moved

    def settle(self) -> int:
        """End with the axis what the eOffice has spoken of, and forget what was kept for it."""
        moved = 0
        for delivery in self._spool.due(Delivery, ENDING, time.time()):
            moved += self._advance(delivery)
        for delivery in self._spool.due(Delivery, ("stored",), time.time()):
            self._forget(delivery)
        return moved

    def _take_back(self) -> None:
        """Confirm what an eOffice was offered that is no longer served: it is in ``inbox``."""
        for delivery in self._spool.due(Delivery, ("offered",), float("inf")):
            self._spool.put(replace(delivery, state="agreed"))
        for delivery in self._spool.due(Delivery, ("stored",), float("inf")):
            self._forget(delivery)

    def _forget(self, delivery: Delivery) -> None:
        remove(self._places.bytes / str(delivery.facts["sha256"]))
        self._spool.put(replace(delivery, state="done"))

    def _listen(self, wait_s: float) -> int:
        """Step 1."""
        page = self._client.run(mailbox(self._cursor, wait_s=wait_s, limit=100))
        new = 0
        with self._spool.together():
            for item in page.items:
                known = self._spool.find(Delivery, str(item.delivery_id))
                if known is None or known.state in ("done", "stored"):
                    # One that is done and offered again was never confirmed, for the axis: again.
                    state = "known" if known is None else "agreed"
                    facts: dict[str, Any] = msgspec.to_builtins(item)
                    one = known or Delivery(id=str(item.delivery_id), facts=facts)
                    self._spool.put(replace(one, state=state))
                    new += 1
        self._cursor = page.cursor
        return new

    def _advance(self, delivery: Delivery) -> bool:
        try:
            self._take_steps(delivery)
        except ProblemError as error:
            if error.problem.status in _ENDED and delivery.state != "confirmed":
                told = told_of(error, self._settings.lang)
                self._spool.put(replace(delivery, state="gone", told=told))
                return True
            self._later(delivery, error)
        except AxisError as error:
            self._later(delivery, error)
        else:
            return True
        return False

    def _take_steps(self, delivery: Delivery) -> None:
        if delivery.state in ("known", "kept"):
            try:
                received = self._fetch(delivery)
            except ProblemError:
                raise
            except AxisError as error:
                if error.fault is Fault.OUTAGE or error.code.startswith("agent."):
                    raise
                self._set_aside(delivery, error)
                return
            delivery = self._show(delivery, received)
        if delivery.state == "shown" and self._offers:
            self._spool.put(replace(delivery, state="offered", tries=0, told=None))
            return
        if delivery.state == "declined":
            self._client.refuse(UUID(delivery.id), _FAILED)
            self._spool.put(replace(delivery, state="refused", tries=0, told=None))
            remove(self._places.bytes / str(delivery.facts["sha256"]))
            return
        if delivery.state in ("shown", "agreed"):
            # 4. Again is no news.
            self._client.confirm(UUID(delivery.id))
            delivery = replace(delivery, state="confirmed", tries=0, told=None)
            self._spool.put(delivery)
        if delivery.state == "confirmed":
            self._finish(delivery)

    def _fetch(self, delivery: Delivery) -> Received:
        """Step 2. After a crash it is fetched again, which is no news to the axis."""
        announced = msgspec.convert(delivery.facts, ready(Announced), strict=False)
        received = self._client.fetch(announced, folder=self._places.bytes)
        keep(self._places.bytes / announced.sha256, received.body)
        return received

    def _show(self, delivery: Delivery, received: Received) -> Delivery:
        """Step 3."""
        envelope, lang = received.envelope, self._settings.lang
        if isinstance(envelope, StatusEnvelope) and self._show_status(
            delivery, envelope, received.body
        ):
            delivery = replace(delivery, state="shown", tries=0)
            self._spool.put(delivery)
            return delivery
        ours: dict[str, bytes | Path] = {"goi-tin.edxml": received.body, "thong-tin.txt": b""}
        files: dict[str, bytes | Path] = {}
        about: dict[str, Any] = {}
        if isinstance(envelope, DocumentEnvelope):
            files = unpack(received.body, envelope, received.parts, taken=ours)
            about = about_of(envelope, reporter=reporter_of(received))
        elif isinstance(envelope, Message):
            files = unpack(received.body, envelope, received.parts, taken=ours)
        ours["thong-tin.txt"] = telling.came(
            envelope, delivery.facts, received.signature, list(files), lang, received.instead
        )
        if delivery.target is None:
            name = free_name(self._places.inbox, _folder_name(envelope, delivery.facts))
            delivery = replace(delivery, state="kept", target=name, about=about)
            self._spool.put(delivery)
        assert delivery.target is not None  # noqa: S101  set above
        lay(self._places.inbox / delivery.target, ours | files, making=self._places.making)
        delivery = replace(delivery, state="shown", tries=0)
        self._spool.put(delivery)
        return delivery

    def _show_status(self, delivery: Delivery, envelope: StatusEnvelope, body: bytes) -> bool:
        """Lay a status, in words and as it was signed, beside the document that we sent.

        False where that is not here.
        """
        wanted = envelope.response_for.document_id
        for job in self._spool.all(Job):
            if wanted is None or job.document_id != wanted or not job.target:
                continue
            folder = self._places.sent / job.target
            if folder.is_dir():
                sender = safe_name(str(envelope.sender.organ_id), otherwise="noi-nhan")
                name = f"trang-thai-{envelope.status_code}-{sender}-{delivery.id[:8]}"
                keep(folder / f"{name}.edxml", body)
                keep(folder / f"{name}.txt", telling.status_line(envelope, self._settings.lang))
                return True
        return False

    def _finish(self, delivery: Delivery) -> None:
        """Step 5."""
        announced = msgspec.convert(delivery.facts, ready(Announced), strict=False)
        receipts = self._client.receipts(announced)
        folder = self._places.inbox / delivery.target if delivery.target else None
        if folder is not None and folder.is_dir():  # else the clerk has put it elsewhere
            for number, receipt in enumerate(receipts, 1):
                event = receipt.event.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
                name = f"bien-nhan-{number:02}-{event}.tlog-proof"
                keep(folder / name, receipt.proof.encode())
        report = None
        if delivery.about and self._settings.arrived:
            # One id for this report: after a crash here the job is there, or it is made again.
            job_id = uuid5(NAMESPACE_URL, f"{delivery.id}/01").hex
            if self._spool.find(Job, job_id) is None:
                report = report_job(
                    delivery,
                    StatusCode.ARRIVED,
                    self._places,
                    self._open_signer(),
                    now=datetime.now(UTC),
                    job_id=job_id,
                )
        with self._spool.together():
            if report is not None:
                self._spool.put(report)
            if self._offers:
                kept_s = self._settings.vxp.keep_days * 86400.0
                ended = replace(delivery, state="stored", told=None, tries=0)
                self._spool.put(ended, due=time.time() + kept_s)
            else:
                self._spool.put(replace(delivery, state="done", told=None, tries=0))
        if not self._offers:
            remove(self._places.bytes / announced.sha256)

    def _set_aside(self, delivery: Delivery, error: AxisError) -> None:
        """Show what is not to be believed, apart; it stays unconfirmed until a person decides."""
        told = told_of(error, self._settings.lang)
        facts = delivery.facts
        name = f"{str(facts.get('routed_at'))[:10]} {delivery.id}"
        text = telling.refused(told, self._settings.lang, head="suspect")
        lay(self._places.suspect / name, {"ly-do.txt": text}, making=self._places.making)
        self._spool.put(replace(delivery, state="suspect", told=told, target=name))
        log.error("a delivery is not to be believed", extra={"code": error.code, "id": delivery.id})

    def _later(self, delivery: Delivery, error: AxisError) -> None:
        current = self._spool.find(Delivery, delivery.id) or delivery
        tries = current.tries + 1
        told = told_of(error, self._settings.lang)
        self._spool.put(
            replace(current, tries=tries, told=told), due=next_try(self._settings, tries)
        )
        log.warning("a delivery is taken later", extra={"code": error.code, "tries": tries})


def _folder_name(envelope: Envelope, facts: dict[str, Any]) -> str:
    day = str(facts.get("routed_at") or "")[:10]
    if isinstance(envelope, DocumentEnvelope):
        what = f"{envelope.sender.organ_id} {envelope.code.sign.replace('/', '-')}"
    elif isinstance(envelope, Message):
        sign = (envelope.sign or "").replace("/", "-")
        what = f"{envelope.type} {envelope.sender.organ_id} {sign} {envelope.revision or ''}"
    else:
        sign = (envelope.response_for.code or "").replace("/", "-")
        what = f"trang-thai {envelope.status_code} {envelope.sender.organ_id} {sign}"
    return safe_name(f"{day} {what}.".strip(), otherwise=str(facts.get("delivery_id")))
