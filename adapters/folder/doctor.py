"""The agent's self-check: everything that must be right for a document to go and to come."""

from __future__ import annotations

import email.utils
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import httpx

from adapters.client.errors import words
from adapters.folder.places import Places, keep, remove
from adapters.folder.run import Agent
from adapters.folder.sending import OPEN
from adapters.folder.settings import load_agent_settings
from adapters.folder.spool import Delivery, Job
from axis.errors import AxisError
from axis.trust.material import load_material
from axis.trust.path import judge_of

Outcome = Literal["ok", "warning", "wrong"]

FREE_BYTES: Final = 1024**3
SKEW: Final = timedelta(minutes=2)
SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one check."""

    check: str
    outcome: Outcome
    text: str
    hint: str = ""


def examine(home: Path) -> Iterator[Finding]:
    """Yield what is found, check by check; where the settings are wrong, nothing else is asked."""
    try:
        settings = load_agent_settings(home)
    except AxisError as error:
        yield _wrong("settings", error, "vi")
        return
    lang = settings.lang
    yield Finding(check="settings", outcome="ok", text=f"{settings.office} → {settings.url}")
    agent = Agent(home)
    checks: list[tuple[str, Callable[[Agent], Finding]]] = [
        ("folders", _folders),
        ("spool", _spool),
        ("key", _key),
        ("trust", _trust),
        ("axis", _axis),
        ("clock", _clock),
        ("log", _log),
        ("waiting", _waiting),
    ]
    for name, check in checks:
        try:
            yield check(agent)
        except AxisError as error:
            yield _wrong(name, error, lang)
        except OSError as error:
            yield Finding(check=name, outcome="wrong", text=error.strerror or str(error))


def _folders(agent: Agent) -> Finding:
    places: Places = agent.places
    for folder in (places.outbox, places.sent, places.rejected, places.inbox, places.bytes):
        probe = folder / ".doctor"
        keep(probe, b"x")
        remove(probe)
    if len({each.stat().st_dev for each in (places.making, places.inbox, places.sent)}) > 1:
        text = "inbox, sent and .agent are not on one disk: folders could not appear at once"
        return Finding(check="folders", outcome="wrong", text=text)
    free = shutil.disk_usage(places.home).free
    outcome: Outcome = "ok" if free > FREE_BYTES else "warning"
    return Finding(check="folders", outcome=outcome, text=f"{free // 1024**2} MiB free")


def _spool(agent: Agent) -> Finding:
    with agent.spool() as spool:
        verdict = spool.check()
    outcome: Outcome = "ok" if verdict == "ok" else "wrong"
    return Finding(check="spool", outcome=outcome, text=verdict)


def _key(agent: Agent) -> Finding:
    certificate = agent.signer.certificate
    left = certificate.not_after - datetime.now(UTC)
    outcome: Outcome = "ok" if left > SOON else "warning" if left > timedelta(0) else "wrong"
    text = f"{certificate.subject}, {left.days} days left"
    return Finding(check="key", outcome=outcome, text=text)


def _trust(agent: Agent) -> Finding:
    folder = agent.places.home / agent.settings.trust
    agent.fetch_lists()
    material = load_material(folder)
    # Our own certificate is judged as our receivers judge it: path, and lists that are fresh.
    judge_of(material).judge(agent.signer.certificate, datetime.now(UTC))
    text = f"{len(material.anchors)} anchors, {len(material.crls)} lists"
    return Finding(check="trust", outcome="ok", text=text)


def _axis(agent: Agent) -> Finding:
    with agent.spool() as spool, agent.client(spool) as client:
        me = client.me()
    missing = {"send", "receive"} - set(me.scopes)
    if missing:
        text = f"{me.system_id}: the token is not for {', '.join(sorted(missing))}"
        return Finding(check="axis", outcome="wrong", text=text)
    return Finding(check="axis", outcome="ok", text=f"{me.system_id}: {', '.join(me.scopes)}")


def _clock(agent: Agent) -> Finding:
    with agent.spool() as spool, agent.client(spool) as client:
        options = dict(client.setup.options())
    try:
        with httpx.Client(**options) as http:
            said = http.get("/v1/me").headers.get("date", "")
        there = email.utils.parsedate_to_datetime(said)
    except (httpx.HTTPError, ValueError, TypeError):
        return Finding(check="clock", outcome="warning", text="the axis does not tell its time")
    apart = abs(datetime.now(UTC) - there)
    outcome: Outcome = "ok" if apart < SKEW else "wrong"
    return Finding(check="clock", outcome=outcome, text=f"{apart.total_seconds():.0f} s apart")


def _log(agent: Agent) -> Finding:
    with agent.spool() as spool, agent.client(spool) as client:
        checkpoint = client.checkpoint()
    return Finding(check="log", outcome="ok", text=f"{checkpoint.origin}: {checkpoint.size}")


def _waiting(agent: Agent) -> Finding:
    with agent.spool() as spool:
        jobs, came = spool.count(Job), spool.count(Delivery)
    suspect = came.get("suspect", 0)
    open_ = sum(jobs.get(state, 0) for state in OPEN)
    rest = sum(
        came.get(state, 0)
        for state in ("known", "kept", "shown", "agreed", "declined", "confirmed")
    )
    text = f"to send {open_}, to take {rest}, suspect {suspect}"
    if offered := came.get("offered", 0):
        text += f", offered to the eOffice {offered}"
    return Finding(check="waiting", outcome="warning" if suspect else "ok", text=text)


def _wrong(check: str, error: AxisError, lang: Literal["vi", "en"]) -> Finding:
    text, hint = words(error, lang)
    return Finding(check=check, outcome="wrong", text=f"{error.code}: {text}", hint=hint)
