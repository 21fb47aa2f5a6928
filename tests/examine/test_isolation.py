"""A package that kills, hangs or fattens its examiner costs one refusal and nothing else."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from axis.envelope.limits import Limits
from axis.envelope.package import Types
from axis.errors import AxisError, Refusal
from axis.examine import isolation
from axis.examine.inspect import Inspection, inspect
from axis.examine.isolation import Budget, Pool
from axis.examine.wire import encode_answers
from axis.trust.pki import init_authority, issue
from axis.trust.sign import sign, signer_of
from tests.trust.conftest import NOW
from tests.trust.material import package


class Loaded:
    """Runs something where it is read as a pickle."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.putenv, (LOADED, "1")


LOADED = "AXIS_TEST_LOADED"


def lie(told: object) -> None:
    """Let this process answer with something else than answers."""
    isolation.encode_answers = lambda _answers: told  # type: ignore[assignment,return-value]


BOMBS = {
    b"pickle": lambda: lie(pickle.dumps(Loaded())),
    b"many": lambda: lie(encode_answers([AxisError()] * 5)),
    b"other": lambda: lie(msgspec.msgpack.encode([["a", 1]])),
    b"hang": lambda: time.sleep(3600),
    b"spin": lambda: all(True for _ in iter(int, 1)),
    b"fat": lambda: bytearray(3 << 30),
    b"die": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    b"leave": lambda: os._exit(0),
}


def explode(body: bytes, *, limits: Limits, second_opinion: bool, types: Types) -> Inspection:
    """Stand for an examination that has a fault which nobody knows of."""
    if body in BOMBS:
        BOMBS[body]()
    return inspect(body, limits=limits, second_opinion=second_opinion, types=types)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder: Path = tmp_path_factory.mktemp("authority")
    init_authority(folder, now=NOW)
    return sign(package(), signer_of(*issue(folder, name="Cơ quan", now=NOW)))


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(workers=2, limits=Limits()) as pool:
        yield pool


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A pool whose processes have the fault."""
    monkeypatch.setattr(isolation, "_serve", _armed_serve)
    with Pool(workers=2, limits=Limits(), budget=Budget(cpu_s=1, wall_s=120)) as pool:
        yield pool


def _armed_serve(pipe, says, limits, second_opinion, budget, types) -> None:
    isolation.inspect = explode  # type: ignore[assignment]
    _SERVE(pipe, says, limits, second_opinion, budget, types)


_SERVE = isolation._serve


def code(answer: Inspection | Refusal) -> str | None:
    return answer.code if isinstance(answer, Refusal) else None


def test_a_sound_package_comes_back_as_it_was_inspected_here(pool: Pool, signed: bytes) -> None:
    assert pool.submit(signed) == inspect(signed, limits=Limits(), second_opinion=True)


def test_a_refusal_comes_back_as_a_value(pool: Pool, signed: bytes) -> None:
    assert code(pool.submit(b"not xml")) == "envelope.not-xml"
    unsigned = pool.submit(package())
    assert isinstance(unsigned, Inspection)
    assert isinstance(unsigned.signature, AxisError)
    assert unsigned.signature.code == "signature.missing"


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        (b"spin", "over its time of CPU"),
        (b"fat", "out of memory"),
        (b"die", "its examiner died of SIGSEGV"),
        (b"leave", "its examiner died"),
    ],
)
def test_each_way_to_end_an_examiner_is_a_refusal_of_that_package(
    armed: Pool, signed: bytes, bomb: bytes, reason: str
) -> None:
    answer = armed.submit(bomb)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["reason"]) == ("examine.resource-limit", reason)
    assert isinstance(armed.submit(signed), Inspection)  # there is a fresh examiner


@pytest.mark.parametrize("lie", [b"pickle", b"many", b"other"])
def test_an_examiner_that_was_taken_over_runs_nothing_here(
    armed: Pool, signed: bytes, lie: bytes
) -> None:
    answers = armed.submit_many([signed, lie, signed])
    assert [code(answer) for answer in answers] == [None, "examine.resource-limit", None]
    assert isinstance(answers[1], Refusal)
    assert answers[1].facts["reason"] == "its examiner gave no answer"
    assert ctypes.CDLL(None).getenv(LOADED.encode()) == 0


def test_an_examiner_that_hangs_is_ended_by_the_clock(
    monkeypatch: pytest.MonkeyPatch, signed: bytes
) -> None:
    monkeypatch.setattr(isolation, "_serve", _armed_serve)
    with Pool(workers=1, limits=Limits(), budget=Budget(wall_s=5)) as pool:
        answer = pool.submit(b"hang")
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.facts["reason"]) == ("examine.resource-limit", "over 5 s")
        assert isinstance(pool.submit(signed), Inspection)


def test_the_others_in_work_do_not_notice(armed: Pool, signed: bytes) -> None:
    with ThreadPoolExecutor(8) as threads:
        bodies = [signed, b"die", signed, b"leave", signed, b"fat", signed, signed] * 3
        answers = list(threads.map(armed.submit, bodies))
    for body, answer in zip(bodies, answers, strict=True):
        expected = None if body is signed else "examine.resource-limit"
        assert code(answer) == expected
    assert len(armed.pids()) <= 2


def test_a_process_makes_room_after_its_share(signed: bytes) -> None:
    with Pool(workers=1, limits=Limits(), budget=Budget(packages=2)) as pool:
        seen = set()
        for _ in range(5):
            assert isinstance(pool.submit(signed), Inspection)
            seen.update(pool.pids())
        assert len(seen) >= 2


def test_closing_leaves_no_process_behind(signed: bytes) -> None:
    pool = Pool(workers=2, limits=Limits())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(pool.submit, [signed] * 20))
    pids = pool.pids()
    assert pids
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_who_comes_after_closing_is_told_to_come_again() -> None:
    pool = Pool(workers=1, limits=Limits())
    pool.close()
    with pytest.raises(AxisError) as caught:
        pool.submit(b"x")
    assert caught.value.code == "examine.unavailable"


def test_many_threads_share_few_processes(pool: Pool, signed: bytes) -> None:
    answers: list[Inspection | Refusal] = []
    threads = [
        threading.Thread(target=lambda: answers.append(pool.submit(signed))) for _ in range(16)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(answers) == 16
    assert len(pool.pids()) <= 2


def test_a_batch_is_answered_in_its_order(pool: Pool, signed: bytes) -> None:
    bodies = [signed, b"not xml", package(), signed, b""] * 20
    answers = pool.submit_many(bodies)
    assert len(answers) == len(bodies)
    assert [code(answer) for answer in answers[:5]] == [
        None,
        "envelope.not-xml",
        None,
        None,
        "envelope.empty",
    ]
    assert [code(answer) for answer in answers[5:]] == [code(answer) for answer in answers[:95]]
    assert pool.submit_many([]) == []


def test_a_death_in_a_batch_costs_that_package_only(armed: Pool, signed: bytes) -> None:
    bodies = [signed, signed, b"die", signed, b"leave", b"fat", signed] * 2
    answers = armed.submit_many(bodies)
    for body, answer in zip(bodies, answers, strict=True):
        assert code(answer) == (None if body is signed else "examine.resource-limit")


def test_large_packages_and_large_answers_do_not_block_each_other(
    pool: Pool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("large")
    init_authority(folder, now=NOW)
    signer = signer_of(*issue(folder, name="Cơ quan", now=NOW))
    large = sign(package({f"a{n}": bytes(20_000) for n in range(40)}), signer)
    answers = pool.submit_many([large] * 12)
    assert all(isinstance(answer, Inspection) for answer in answers)
