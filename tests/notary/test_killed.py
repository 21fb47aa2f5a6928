"""A notary that is killed at any moment loses nothing, repeats nothing and contradicts nothing."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from pathlib import Path

import sqlalchemy as sa
from ledger.material import sealed

from axis.ledger.entry import Sealer
from axis.ledger.errors import NotaryBusyError
from axis.ledger.keys import make_notary_key
from axis.notary.office import folder_of, signer_of
from axis.notary.process import run, sequence_pending
from axis.notary.verification import verify_log
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.engine import open_engine, transaction

COUNT = 3_000
KILLS = 6


def be_the_notary(url: str, home: str) -> None:
    settings = Settings(home=home, notary=NotarySettings(batch=64, interval_ms=1))
    run(open_engine(url), settings, threading.Event())


def test_a_notary_killed_again_and_again_under_load_leaves_a_log_that_verifies(
    engine: sa.Engine, tmp_path: Path
) -> None:
    settings = Settings(home=str(tmp_path / "home"))
    make_notary_key(settings.path(settings.notary.key))
    url = engine.url.render_as_string(hide_password=False)
    entries = sealed(Sealer(b"k" * 32), COUNT)
    chosen = random.Random(1)
    context = multiprocessing.get_context("spawn")
    patience = threading.Event()
    part = COUNT // KILLS
    for low in range(0, COUNT, part):
        notary = context.Process(target=be_the_notary, args=(url, settings.home))
        notary.start()
        for start in range(low, low + part, 50):
            with transaction(engine) as connection:
                ledger.append(connection, entries[start : start + 50])
        while not _has_begun(engine, low):
            assert notary.is_alive()
            patience.wait(0.005)
        patience.wait(chosen.random() * 0.2)
        notary.kill()
        notary.join()
    _sequence_once_free(engine, settings, patience)
    with transaction(engine) as connection:
        log = ledger.latest_log(connection)
        assert log is not None
        assert ledger.head_size(connection, log) == COUNT
    verdict = verify_log(
        url,
        log=log,
        folder=folder_of(settings, log),
        key=signer_of(settings, log).verifier,
        processes=1,
    )
    assert (verdict.is_good, verdict.findings, verdict.entries) == (True, [], COUNT)
    leaves = list(ledger.leaves_between(engine, log, 0, COUNT, chunk=COUNT))
    assert sorted(leaves) == sorted(entry.leaf for entry in entries)


def _sequence_once_free(engine: sa.Engine, settings: Settings, patience: threading.Event) -> None:
    """Give the rest its places once the server has seen that the last of the killed is gone."""
    until = time.monotonic() + 120
    while True:
        try:
            sequence_pending(engine, settings)
        except NotaryBusyError:
            assert time.monotonic() < until
            patience.wait(0.05)
        else:
            return


def _has_begun(engine: sa.Engine, size: int) -> bool:
    with transaction(engine) as connection:
        log = ledger.latest_log(connection)
        return log is not None and (ledger.head_size(connection, log) or 0) > size
