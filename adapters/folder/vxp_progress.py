"""How far packages are that were sent: as the axis says, or, without a line, said last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from msgspec.structs import replace

from adapters.client import Client
from adapters.client.values import Recipient
from adapters.folder.spool import Job
from axis.delivery.states import FINAL
from axis.errors import AxisError, Fault

if TYPE_CHECKING:
    from adapters.folder.run import Agent

#: The axis is asked about so many packages for one list, and not again so soon once it is away.
ASKED_AT_ONCE: Final = 20
AWAY_S: Final = 30.0
#: Those that are over with everybody are asked about so much less often.
OVER_TIMES: Final = 60


class Progress:
    """Asks the axis, and keeps what it said in the spool."""

    def __init__(self, agent: Agent, *, ask_s: float) -> None:
        self._agent = agent
        self._ask_s = ask_s
        self._away_until = float("-inf")

    def of(self, jobs: list[Job]) -> list[Job]:
        """Return jobs with what is known of their recipients."""
        now = time.time()
        old = [one for one in jobs if self._is_old(one, now)][:ASKED_AT_ONCE]
        if not old or time.monotonic() < self._away_until:
            return jobs
        fresh: dict[str, Job] = {}
        try:
            with self._agent.spool() as spool, self._agent.client(spool, patience_s=2.0) as client:
                for job in old:
                    recipients = _asked(client, job)
                    with spool.together():  # the thread that sends may have gone on
                        found = spool.find(Job, job.id) or job
                        fresh[job.id] = replace(found, recipients=recipients, asked_at=now)
                        spool.put(fresh[job.id])
        except AxisError as error:
            if error.fault is Fault.OUTAGE:
                self._away_until = time.monotonic() + AWAY_S
        return [fresh.get(one.id, one) for one in jobs]

    def _is_old(self, job: Job, now: float) -> bool:
        if job.package_id is None or job.state != "done":
            return False
        ended = bool(job.recipients) and all(one["state"] in FINAL for one in job.recipients)
        return now - job.asked_at > self._ask_s * (OVER_TIMES if ended else 1)


def _asked(client: Client, job: Job) -> tuple[dict[str, Any], ...]:
    said = client.verdict(UUID(job.package_id), job.sha256)
    return tuple(_kept(one) for one in said.recipients)


def _kept(one: Recipient) -> dict[str, Any]:
    return {
        "delivery_id": str(one.delivery_id),
        "address": one.address,
        "state": one.state,
        "status_code": one.status_code,
        "confirmed_at": one.confirmed_at.isoformat() if one.confirmed_at else None,
    }
