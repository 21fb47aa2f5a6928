"""What stays after the day: the ledger, verified, and the story of a document."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import sqlalchemy as sa

from adapters.demo.story import Teller
from axis.notary.office import folder_of, signer_of
from axis.notary.verification import verify_log
from axis.settings import Settings
from axis.store.checkpoints import last_checkpoint
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.ledger import head_size, latest_log, waiting
from axis.trace.gather import gather
from axis.trace.timeline import tell as tell_story

LEDGER_TIMEOUT_S = 120.0


def verify_ledger(settings: Settings, engine: sa.Engine, teller: Teller) -> None:
    """Verify the ledger of an installation, every row and hash up to the signed root."""
    log, size = _until_signed(engine)
    if log is None:
        teller.check(False, "entries were signed for", "các mục đã được ký")
        return
    verdict = verify_log(
        settings.database_url,
        log=log,
        folder=folder_of(settings, log),
        key=signer_of(settings, log).verifier,
        processes=1,
    )
    teller.check(
        verdict.is_good and verdict.entries == size > 0,
        f"{size} entries, root {verdict.checkpoint.root.hex()[:12]}",
        f"{size} mục, gốc {verdict.checkpoint.root.hex()[:12]}",
    )


def _until_signed(engine: sa.Engine) -> tuple[int | None, int]:
    """Wait until every entry has its place and is signed for; return the log and its size."""
    until = time.monotonic() + LEDGER_TIMEOUT_S
    while True:
        with transaction(engine) as connection:
            left = waiting(connection)
            log = latest_log(connection)
            size = head_size(connection, log) or 0 if log is not None else 0
            signed = last_checkpoint(connection, log) if log is not None else None
        if not left and signed is not None and signed.size == size:
            return log, size
        if time.monotonic() > until:
            return None, size
        time.sleep(0.05)


def show_story(engine: sa.Engine, name: str, teller: Teller, *, stories: bool = False) -> None:
    """Tell what the records of an installation say of a document, or of a whole story."""
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        directory = load_directory(connection)

    def name_of(code: str) -> str:
        office = directory.find(code, now)
        return office.name if office else code

    story = gather(engine, name, stories=stories)
    for chapter in tell_story(story, lang=teller.lang, name_of=name_of):
        teller.note(f"[{chapter.title}] {chapter.package.sign or ''}")
        for line in chapter.lines:
            index = "…" if line.index is None else line.index
            teller.note(f"  {line.at.astimezone():%H:%M:%S}  {line.text}  #{index}")
