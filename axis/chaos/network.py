"""Machines in one network, each a network namespace of this kernel with an address of its own.

The network is this process's own namespace with a bridge in it; pulling a machine's plug sets its
link down, and nothing of that is seen by the machine that all this runs on. Needs root and Linux.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from axis.chaos.errors import NoNetworkError

_CLONE_NEWNET: Final = 0x40000000
_BRIDGE: Final = "axis"
#: Of the documentation's ranges none is large enough for a habit; this one is private.
_PREFIX: Final = "10.77.0."
OUTSIDE: Final = f"{_PREFIX}1"  #: where the offices are


class Machine:
    """One of the machines."""

    def __init__(self, name: str, address: str, namespace: str, plug: str) -> None:
        self.name = name
        self.address = address  #: in the network of the run
        self.namespace = namespace
        self.link = plug  #: its end at the bridge

    def run(self, *argv: str) -> list[str]:
        """Return how a program is started on this machine."""
        return ["ip", "netns", "exec", self.namespace, *argv]

    def unplug(self) -> None:
        """Take the machine off the network; what runs there goes on by itself."""
        _ip("link", "set", self.link, "down")

    def plug(self) -> None:
        """Put it back."""
        _ip("link", "set", self.link, "up")


class Network:
    """As many machines as are named; use as a context manager, before any thread is started.

    Raises:
        NoNetworkError: this process may not make namespaces, or the system has none.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.machines = {
            name: Machine(
                name, f"{_PREFIX}{11 + number}", f"axis{os.getpid()}{name}", f"plug-{name}"
            )
            for number, name in enumerate(names)
        }

    def __enter__(self) -> Self:
        _forget_dead()
        _leave_the_network_of_the_machine()
        try:
            _ip("link", "set", "lo", "up")
            _ip("link", "add", _BRIDGE, "type", "bridge")
            _ip("address", "add", f"{OUTSIDE}/24", "dev", _BRIDGE)
            _ip("link", "set", _BRIDGE, "up")
            for one in self.machines.values():
                namespace = one.namespace
                _ip("netns", "add", namespace)
                _ip("link", "add", one.link, "type", "veth", "peer", "eth0", "netns", namespace)
                _ip("link", "set", one.link, "master", _BRIDGE, "up")
                for words in (
                    ("address", "add", f"{one.address}/24", "dev", "eth0"),
                    ("link", "set", "eth0", "up"),
                    ("link", "set", "lo", "up"),
                ):
                    _ip("-n", namespace, *words)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for one in self.machines.values():
            _forget(one.namespace)


def _leave_the_network_of_the_machine() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        raise NoNetworkError(reason="only root may make network namespaces, and only on Linux")
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise NoNetworkError(reason=os.strerror(ctypes.get_errno()))


def _forget_dead() -> None:
    """Remove the namespaces of runs that were killed."""
    for path in Path("/run/netns").glob("axis[0-9]*m[0-9]"):
        owner = path.name.removeprefix("axis").rpartition("m")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _forget(path.name)


def _forget(namespace: str) -> None:
    words = ["ip", "netns", "delete", namespace]
    subprocess.run(words, capture_output=True, check=False)


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NoNetworkError(reason="the program ip (iproute2) is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoNetworkError(reason=f"ip {' '.join(words)}: {error.stderr.strip()}") from error
