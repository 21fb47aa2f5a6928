"""Checks of RabbitMQ: is it there, does it take, are its queues those that lose nothing."""

from __future__ import annotations

from typing import Any, Final

from axis.bus.topology import PARKED_QUEUE, UNROUTED_QUEUE, intake_queue
from axis.delivery.lanes import Lane
from axis.doctor.errors import (
    BacklogError,
    BrokerAlarmError,
    BrokerDiskLimitError,
    BrokerOldError,
    BrokerUnseenError,
    NoConsumerError,
    NoLeaderError,
    ParkedNoticesError,
    QueueAbsentError,
    QueuePolicyError,
    ReplicasError,
)
from axis.doctor.values import Findings, Patient

_OLDEST: Final = (3, 10)
_DISK_LIMIT: Final = 1_000_000_000
_MEANINGS: Final = {
    PARKED_QUEUE: "the relay could not even try them",
    UNROUTED_QUEUE: "their systems had no queue",
}
#: Settings of a policy that make a queue lose what stands in it.
_LOSES: Final = ("message-ttl", "expires")
_BOUNDS: Final = ("max-length", "max-length-bytes")


def broker(patient: Patient, found: Findings) -> None:
    """RabbitMQ answers, and is of a version that keeps its promises."""
    seen = patient.broker
    found.note(version=seen.version, cluster=seen.cluster)
    if _numbers(seen.version) < _OLDEST:
        expected = ".".join(map(str, _OLDEST))
        found.add(BrokerOldError(got=seen.version, expected=f"{expected} or newer"))
    if not seen.managed:
        found.add(BrokerUnseenError(url=seen.management, reason=seen.unseen))


def alarms(patient: Patient, found: Findings) -> None:
    """RabbitMQ takes messages, and would stop before its disk is full."""
    seen = patient.broker
    found.note(takes="yes" if seen.takes else "no")
    if seen.alarms or not seen.takes:
        found.add(BrokerAlarmError(reason=", ".join(seen.alarms) or "a publish is not confirmed"))
    for node in seen.nodes:
        limit = node.get("disk_free_limit")
        if isinstance(limit, int) and limit < _DISK_LIMIT:
            name = str(node.get("name"))
            found.add(BrokerDiskLimitError(node=name, got_mb=limit // 1_000_000))


def queues(patient: Patient, found: Findings) -> None:
    """Every queue is a quorum queue that refuses when full, with all its replicas."""
    seen = patient.broker
    found.note(queues=len(seen.queues), wanted=len(seen.wanted))
    for error in seen.unsafe:
        found.add(error)
    for queue in seen.wanted:
        if queue not in seen.queues:
            found.add(QueueAbsentError(queue=queue))
    for detail in seen.details:
        members, online = detail.get("members") or (), detail.get("online") or ()
        if detail["name"] not in seen.wanted:
            continue
        if members and detail.get("leader") not in online:
            # Seen after a kill on a busy machine: RabbitMQ says "live", and answers nobody.
            found.add(NoLeaderError(queue=detail["name"]))
        elif len(online) < len(members):
            found.add(ReplicasError(queue=detail["name"], online=len(online), members=len(members)))


def policies(patient: Patient, found: Findings) -> None:
    """No policy of RabbitMQ makes a queue throw notices away."""
    seen = patient.broker
    found.note(policies=len(seen.policies))
    for queue, arguments in seen.wanted.items():
        for policy in seen.policies_of(queue):
            rules: dict[str, Any] = policy["definition"]
            refuses = "x-overflow" in arguments or "reject-publish" in str(rules.get("overflow"))
            for setting in (*_LOSES, *(() if refuses else _BOUNDS)):
                if setting in rules:
                    found.add(
                        QueuePolicyError(
                            policy=policy["name"],
                            queue=queue,
                            setting=setting,
                            got=str(rules[setting]),
                        )
                    )


def consumers(patient: Patient, found: Findings) -> None:
    """Somebody works on the intake, and it does not pile up."""
    seen, limit = patient.broker, patient.settings.intake.waiting
    for lane in Lane:
        queue = intake_queue(lane)
        if queue not in seen.queues:
            continue
        state = seen.queues[queue]
        found.note(**{f"{lane.value}_waiting": state.messages, f"{lane.value}_by": state.consumers})
        if state.consumers == 0:
            found.add(NoConsumerError(queue=queue, count=state.messages, process="axis relay"))
        elif state.messages > limit // 2:
            found.add(BacklogError(queue=queue, count=state.messages, limit=limit))


def parked(patient: Patient, found: Findings) -> None:
    """Nothing lies in a parking queue unseen."""
    for queue, meaning in _MEANINGS.items():
        state = patient.broker.queues.get(queue)
        count = state.messages if state else 0
        found.note(**{queue.replace("axis.", ""): count})
        if count:
            found.add(ParkedNoticesError(queue=queue, count=count, meaning=meaning))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
