"""The way out: from ``outbox`` over the spool to the axis, and on to ``sent`` or ``rejected``.

Each step is written down before the next; whatever a crash leaves is found and finished:

1. the package is made and kept, then the job is in the spool: from here it will be sent; what the
   eOffice beside us gave is in the spool as it came, and is signed now;
2. attachments that travel apart are brought;
3. the package is handed over, and the verdict is in the spool;
4. receipts are fetched and verified, and the folder for the clerk appears;
5. what was dropped is taken away, and the job is done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from adapters.client import Client
from adapters.client.errors import ProblemError
from adapters.client.measuring import measure
from adapters.folder import telling
from adapters.folder.compose import keep_package, make_job, signed_package, told_of
from adapters.folder.drops import Drop, Looks
from adapters.folder.errors import NotJudgedYetError
from adapters.folder.names import safe_name
from adapters.folder.pace import is_final, next_try
from adapters.folder.places import Places, free_name, keep, lay, remove
from adapters.folder.reporting import report_files, report_job
from adapters.folder.settings import AgentSettings
from adapters.folder.spool import Delivery, Job, Spool
from axis.errors import AxisError
from axis.trust.sign import Signer

log = logging.getLogger(__name__)

#: Jobs that are on their way.
OPEN: Final = ("taken", "ready", "accepted", "refused")


class Sender:
    """Sends what is dropped; one thread."""

    def __init__(
        self,
        settings: AgentSettings,
        places: Places,
        spool: Spool,
        client: Client,
        open_signer: Callable[[], Signer],
    ) -> None:
        self._settings = settings
        self._places = places
        self._spool = spool
        self._client = client
        self._open_signer = open_signer
        self._looks = Looks(places.outbox, settle_s=settings.settle_s)

    def round(self, *, clock: float | None = None) -> int:
        """Do what can be done now; return how many jobs moved."""
        moved = 0
        for drop in self._whole(time.monotonic() if clock is None else clock):
            moved += self._take(drop)
        moved += self._report()
        for job in self._spool.due(Job, OPEN, time.time()):
            moved += self._advance(job)
        return moved

    def _report(self) -> int:
        """Take the statuses that clerks ask for by files in ``inbox``."""
        taken = 0
        asked = report_files(
            self._places, self._spool, now_s=time.time(), settle_s=self._settings.settle_s
        )
        for delivery, code, said, source in list(asked):
            try:
                job = report_job(
                    delivery,
                    code,
                    self._places,
                    self._open_signer(),
                    now=datetime.now(UTC),
                    said=said,
                    source=source,
                )
            except AxisError as error:
                log.warning("a status cannot be taken now", extra={"code": error.code})
                continue
            self._spool.put(job)
            taken += 1
        return taken

    def _whole(self, now: float) -> list[Drop]:
        busy = {
            self._places.home / source.path
            for job in self._spool.due(Job, OPEN, float("inf"))
            for source in job.sources
        }
        return self._looks.look(now, busy=busy)

    def _take(self, drop: Drop) -> bool:
        """Step 1. A crash before the end leaves bytes that nothing refers to, and the drop."""
        try:
            job = make_job(
                drop, self._settings, self._places, self._open_signer(), now=datetime.now(UTC)
            )
        except AxisError as error:
            log.warning("a drop cannot be taken now", extra={"code": error.code})
            return False
        self._spool.put(job)
        return True

    def _advance(self, job: Job) -> bool:
        try:
            if job.state == "taken":
                job = self._sign(job)
            if job.state == "ready":
                job = self._hand_over(job)
            if job.state in ("accepted", "refused"):
                self._show(job)
        except AxisError as error:
            if job.state in ("taken", "ready") and is_final(error):
                told = told_of(error, self._settings.lang, _more(error))
                job = replace(job, state="refused", told=told)
                self._spool.put(job)
                return True
            self._later(job, error)
            return False
        return True

    def _sign(self, job: Job) -> Job:
        """Step 1 of what came by VXP. After a crash it is signed again; nobody saw the first."""
        assert job.came is not None  # noqa: S101  such a job has its bytes
        package = signed_package((self._places.bytes / job.came).read_bytes(), self._open_signer())
        job = replace(job, state="ready", sha256=keep_package(package, self._places))
        self._spool.put(job)
        return job

    def _hand_over(self, job: Job) -> Job:
        assert job.sha256 is not None  # noqa: S101  only a refused job has no package
        # 2. Attachments. What got through stays; the spool knows where an upload is.
        for part in job.parts:
            self._client.bring(self._places.bytes / part)
        # 3. The package. If the answer is lost, the same bytes give the same answer.
        sent = self._client.submit(
            self._places.bytes / job.sha256, key=job.id, wait_s=self._settings.verdict_s
        )
        if sent.state != "accepted":
            raise NotJudgedYetError(package_id=str(sent.package_id))
        job = replace(job, state="accepted", package_id=str(sent.package_id), told=None, tries=0)
        self._spool.put(job)
        return job

    def _show(self, job: Job) -> None:
        """Steps 4 and 5."""
        if job.report_of is not None:
            self._show_report(job)
        else:
            files = self._result(job)
            folder = self._places.sent if job.state == "accepted" else self._places.rejected
            if job.target is None:
                # The name is fixed first, so that after a crash the folder is not made twice.
                day = job.made_at[:10]
                name = free_name(folder, f"{day} {safe_name(job.name, otherwise='van-ban')}")
                job = replace(job, target=name)
                self._spool.put(job)
            assert job.target is not None  # noqa: S101  set above
            lay(folder / job.target, files, making=self._places.making)
        self._clear(job)
        told = job.told if job.state == "refused" else None  # what was in the way is over
        self._spool.put(replace(job, state="done", told=told))
        for digest in {one for one in (job.sha256, job.came, *job.parts) if one is not None}:
            if not self._is_needed(digest):
                remove(self._places.bytes / digest)

    def _result(self, job: Job) -> dict[str, bytes | Path]:
        files: dict[str, bytes | Path] = {}
        for source in job.sources:
            path = self._places.home / source.path
            if path.is_file() and measure(path).sha256.hex() == source.sha256:
                files[safe_name(path.name, otherwise="tep", taken=files)] = path
        if job.state == "refused":
            assert job.told is not None  # noqa: S101  a refusal has its reason
            files["ly-do.txt"] = telling.refused(job.told, self._settings.lang)
            if job.came is not None:
                files["goi-tin.edxml"] = self._places.bytes / job.came
            return files
        assert job.package_id is not None  # noqa: S101  an accepted job has one
        assert job.sha256 is not None  # noqa: S101  likewise
        sent = self._client.verdict(UUID(job.package_id), job.sha256)
        body = (self._places.bytes / job.sha256).read_bytes()
        for number, receipt in enumerate(self._client.receipts(sent, body=body), 1):
            event = receipt.event.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
            files[f"bien-nhan-{number:02}-{event}.tlog-proof"] = receipt.proof.encode()
        files["goi-tin-da-ky.edxml"] = body
        files["ket-qua.txt"] = telling.accepted(job, sent, self._settings.lang)
        return files

    def _show_report(self, job: Job) -> None:
        """Write what became of a status beside the document that it is about."""
        about = self._spool.find(Delivery, job.report_of or "")
        folder = self._places.inbox / (about.target or "") if about and about.target else None
        if folder is None or not folder.is_dir() or not job.sources:
            return  # the clerk has put it elsewhere, or the agent reported by itself
        code = job.name
        if job.state == "accepted":
            text = telling.status_text(code, self._settings.lang).encode()
            keep(folder / f"trang-thai-{code}-da-gui.txt", b"\xef\xbb\xbf" + text)
        elif job.told is not None:
            text = telling.refused(job.told, self._settings.lang)
            keep(folder / f"trang-thai-{code}-bi-tu-choi.txt", text)

    def _clear(self, job: Job) -> None:
        """Take away what was dropped, where it is still what was sent."""
        folders = set()
        for source in job.sources:
            path = self._places.home / source.path
            if path.is_file() and measure(path).sha256.hex() == source.sha256:
                remove(path)
                folders.add(path.parent)
        for folder in folders - {self._places.outbox}:
            if folder.parent == self._places.outbox and not any(folder.iterdir()):
                folder.rmdir()

    def _is_needed(self, digest: str) -> bool:
        return any(
            digest in (job.sha256, job.came, *job.parts)
            for job in self._spool.due(Job, OPEN, float("inf"))
        )

    def _later(self, job: Job, error: AxisError) -> None:
        tries = job.tries + 1
        told = told_of(error, self._settings.lang)
        self._spool.put(
            replace(job, tries=tries, told=told if job.state != "refused" else job.told),
            due=next_try(self._settings, tries),
        )
        log.warning("a job is tried again later", extra={"code": error.code, "tries": tries})


def _more(error: AxisError) -> list[str]:
    if not isinstance(error, ProblemError):
        return []
    return [f"{one.text} → {one.hint}" for one in error.problem.errors[1:]]
