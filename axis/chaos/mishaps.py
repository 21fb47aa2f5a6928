"""What happens to a cluster: each mishap, how it is mended, and whether it really happened.

A mishap does something, and returns how it is undone. Between the two the installation works with
what is left, and only where a person would have to act does the mending act.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from axis.chaos.cluster import NAMES, PROCESSES, WORKING, Cluster
from axis.chaos.clustered import until
from axis.chaos.units import SOURCE
from axis.notary.lock import held_from, is_held

#: Undoes a mishap, and says whether it happened.
Mend = Callable[[], bool]
#: Of these one works and the others stand by.
ALONE: Final = ("notary", "clock")
_PACKAGES: Final = ("axis", "adapters", "migrations", "xsd")


def kill_process(process: str) -> Callable[[Cluster], Mend]:
    """Return the mishap that kills a process of the axis; another machine's goes on without it.

    Of the notaries and the clocks it meets the one that works, not the one that stands by.
    """

    def happen(one: Cluster) -> Mend:
        name = works_on(one, process)
        units = one.units[name]
        before = units.kill(process, stay=True)

        def mend() -> bool:
            took_over = process not in ALONE or works_on(one, process) != name
            units.start(process)
            _await_process(one, name, process)
            return bool(before) and took_over

        return mend

    return happen


def works_on(one: Cluster, process: str) -> str:
    """Return the machine on which a process works, and does not only stand by."""
    if process not in ALONE:
        return WORKING[0]
    until(lambda: is_held(one.engine, process), process, one.machine(WORKING[0]))
    address = held_from(one.engine, process)
    return next((name for name in WORKING if one.machine(name).address == address), WORKING[0])


def kill_rabbitmq(one: Cluster) -> Mend:
    """Kill the RabbitMQ node that most connections are to."""
    node = one.rabbitmq[WORKING[0]]
    node.kill()
    gone = not node.is_running

    def mend() -> bool:
        node.start()
        return gone

    return mend


def kill_swift(one: Cluster) -> Mend:
    """Kill the object store of a machine that writes to it."""
    server = one.swift[WORKING[0]]
    server.kill()
    gone = not server.is_running

    def mend() -> bool:
        server.start()
        return gone

    return mend


def kill_standby(one: Cluster) -> Mend:
    """Kill a standby of PostgreSQL; the other one has what is written meanwhile."""
    node = one.postgresql[one.standbys[0]]
    node.kill()
    gone = not node.is_running

    def mend() -> bool:
        node.start()
        return gone

    return mend


def kill_primary(one: Cluster) -> Mend:
    """Kill the primary of PostgreSQL and promote a standby, as the procedure says."""
    before = one.primary
    one.postgresql[before].kill()
    one.fail_over()

    def mend() -> bool:
        one.rejoin(before)
        return one.primary != before

    return mend


def unplug_minority(one: Cluster) -> Mend:
    """Take a machine off the network that is neither the primary nor works for the axis."""
    name = next(name for name in reversed(NAMES) if name != one.primary)
    machine = one.machine(name)
    machine.unplug()
    # The majority sees it go; by itself it pauses, and takes nothing that it could not keep.
    witness = one.rabbitmq[next(other for other in NAMES if other != name)]
    until(lambda: witness.running_nodes() == len(NAMES) - 1, "the majority", witness.machine)

    def mend() -> bool:
        machine.plug()
        return True

    return mend


def unplug_primary(one: Cluster) -> Mend:
    """Take the machine of the primary off the network, and promote a standby.

    Before, the old primary is ended there, as the procedure says: by itself it could answer nobody,
    because no standby takes its COMMITs, but nobody should ask it either.
    """
    name = one.primary
    machine = one.machine(name)
    machine.unplug()
    one.postgresql[name].kill()
    one.fail_over()

    def mend() -> bool:
        machine.plug()
        one.rejoin(name)
        return one.primary != name

    return mend


def lose_machine(one: Cluster) -> Mend:
    """End everything on a working machine at once: as when its power fails."""
    name = next(name for name in WORKING if name != one.primary)
    one.units[name].kill_all()
    for server in (one.rabbitmq[name], one.postgresql[name], one.swift[name]):
        server.kill()
    gone = not one.rabbitmq[name].is_running

    def mend() -> bool:
        one.swift[name].start()
        one.postgresql[name].start()
        one.rabbitmq[name].start()
        one.units[name].start()
        return gone

    return mend


def lose_primary_machine(one: Cluster) -> Mend:
    """The same on the machine of the primary; a standby is promoted."""
    name = one.primary
    units = one.units.get(name)
    if units is not None:
        units.kill_all()
    one.rabbitmq[name].kill()
    one.swift[name].kill()
    one.postgresql[name].kill()
    one.fail_over()

    def mend() -> bool:
        one.swift[name].start()
        one.rabbitmq[name].start()
        one.rejoin(name)
        if units is not None:
            units.start()
        return one.primary != name

    return mend


def restart_all(one: Cluster) -> Mend:
    """Restart every server and process, one after the other, each as its manual says."""
    by_themselves = True
    for name in NAMES:
        one.rabbitmq[name].stop()
        one.rabbitmq[name].start()
        one.await_whole()
        one.swift[name].stop()
        one.swift[name].start()
        one.await_whole()
    for name in (*one.standbys, one.primary):
        one.postgresql[name].stop()
        one.postgresql[name].start()
        one.await_whole()
    for name in WORKING:
        for process in PROCESSES:
            by_themselves = one.units[name].restart(process) and by_themselves
            _await_process(one, name, process)
    return lambda: by_themselves


def upgrade_all(one: Cluster) -> Mend:
    """Put another copy of the code in the place of this one, machine by machine."""
    code = one.home / "next"
    if not code.exists():
        for package in _PACKAGES:
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(SOURCE / package, code / package, ignore=unwanted)
        shutil.copy(SOURCE / "cli.py", code)
    for name in WORKING:
        units = one.units[name]
        units.source = code
        for process in PROCESSES:
            units.restart(process)
            _await_process(one, name, process)

    def mend() -> bool:
        return all(
            _source_of(one.units[name].process_id(process)) == code
            for name in WORKING
            for process in PROCESSES
        )

    return mend


def _await_process(one: Cluster, name: str, process: str) -> None:
    units = one.units[name]
    until(lambda: units.process_id(process) is not None, process, units.machine)
    if process in ALONE:
        until(lambda: is_held(one.engine, process), process, units.machine)


def _source_of(process_id: int | None) -> Path | None:
    """Return whose code a process runs."""
    try:
        environment = Path(f"/proc/{process_id}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    found = [one for one in environment if one.startswith(b"PYTHONPATH=")]
    return Path(found[0].partition(b"=")[2].decode()) if found else None


#: In the order in which they happen; every one begins on a cluster that is whole.
MISHAPS: Final[Mapping[str, Callable[[Cluster], Mend]]] = {
    "gateway killed": kill_process("gateway"),
    "relay killed": kill_process("relay"),
    "courier killed": kill_process("courier"),
    "notary killed, standby takes over": kill_process("notary"),
    "clock killed, standby takes over": kill_process("clock"),
    "RabbitMQ node killed": kill_rabbitmq,
    "object store node killed": kill_swift,
    "PostgreSQL standby killed": kill_standby,
    "PostgreSQL primary killed, standby promoted": kill_primary,
    "minority cut off": unplug_minority,
    "machine of the primary cut off": unplug_primary,
    "machine lost": lose_machine,
    "machine of the primary lost": lose_primary_machine,
    "rolling restart": restart_all,
    "rolling upgrade": upgrade_all,
}
