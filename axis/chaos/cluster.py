"""Three machines as an installation of more than one has them, and the offices outside.

Each machine runs a RabbitMQ node, a PostgreSQL (one of them is the primary) and a Swift node; two
of them also a gateway, a relay, a courier, a notary and a clock, of which one notary and one clock
work and the others stand by. Everything is a process of its own in the network of its machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import msgspec

from axis.chaos.clustered import (
    USER,
    PostgreSQLNode,
    RabbitMQNode,
    new_secret,
    until,
)
from axis.chaos.endpoint import Endpoint
from axis.chaos.errors import ClusterError
from axis.chaos.network import OUTSIDE, Machine, Network
from axis.chaos.reform import Reform
from axis.chaos.units import Units
from axis.chaos.world import SERVED, Scene, build_country
from axis.sandbox.errors import ServerCommandError
from axis.sandbox.swift import PrivateSwift
from axis.sections import BodiesSettings, MetricSettings
from axis.serve.prepare import prepare
from axis.settings import (
    AmqpSettings,
    ClockSettings,
    CourierSettings,
    DatabaseSettings,
    GatewaySettings,
    RelaySettings,
    Settings,
)
from axis.store.engine import open_engine

NAMES: Final = ("m1", "m2", "m3")
#: Where the processes of the axis are; the third machine gives the servers their majority.
WORKING: Final = ("m1", "m2")
PROCESSES: Final = ("gateway", "relay", "courier", "notary", "clock")
GATEWAY_PORT: Final = 8080
_SWIFT_PORT: Final = 6208
_BALANCER_PORT: Final = 6300
_BUCKET: Final = "axis"


@dataclass(slots=True, kw_only=True)
class Cluster(Scene):
    """All that a run works on."""

    home: Path
    network: Network
    rabbitmq: dict[str, RabbitMQNode]
    postgresql: dict[str, PostgreSQLNode]
    swift: dict[str, PrivateSwift]
    units: dict[str, Units]
    primary: str  #: the machine with the PostgreSQL that is written to

    def machine(self, name: str) -> Machine:
        """Return a machine."""
        return self.network.machines[name]

    @property
    def standbys(self) -> list[str]:
        """The machines whose PostgreSQL follows another one."""
        return [name for name in NAMES if name != self.primary]

    def is_whole(self) -> bool:
        """Say whether all servers run and have all that they should have."""
        try:
            # What costs most is asked last: each word of RabbitMQ's tool starts an Erlang machine.
            return (
                all(one.is_ready() for one in self.rabbitmq.values())
                and all(one.is_answering() for one in self.swift.values())
                and self.postgresql[self.primary].streaming() >= set(self.standbys)
                and self.rabbitmq[self.primary].running_nodes() == len(NAMES)
            )
        except ClusterError:
            return False

    def await_whole(self) -> float:
        """Wait until all servers are there again; return how long that took, in seconds.

        Raises:
            ClusterError: they are not, after two minutes.
        """
        began = monotonic()
        until(self.is_whole, "the cluster", self.machine(self.primary))
        return monotonic() - began

    def fail_over(self) -> str:
        """Promote the standby that has most, let the other follow it; return its machine.

        For a primary that is gone for good: see the procedure in ``docs/operate/cluster.md``.
        """
        # 1. Who has most has everything that was answered: a COMMIT waited for one of the two.
        heirs = [name for name in self.standbys if self.postgresql[name].is_running]
        heir = max(heirs, key=lambda name: self.postgresql[name].received())
        # 2. It becomes the primary, and demands no copy until somebody follows it.
        self.postgresql[heir].promote()
        self.postgresql[heir].demand_copies([])
        self.primary = heir
        # 3. The other one follows, and each COMMIT is on two machines again.
        for name in heirs:
            if name != heir:
                self.postgresql[name].turn_to(self.postgresql[heir])
                until(
                    lambda name=name: name in self.postgresql[heir].streaming(),  # type: ignore[misc]
                    "the other standby",
                    self.machine(name),
                )
        self.demand_copies()
        return heir

    def rejoin(self, name: str) -> None:
        """Make a standby of what was the primary before: its data are taken anew."""
        node = self.postgresql[name]
        node.kill()
        node.follow(self.postgresql[self.primary])
        node.start()
        until(node.is_ready, "PostgreSQL", node.machine)

    def demand_copies(self) -> None:
        """Let each COMMIT wait for one of the two standbys."""
        following = [self.postgresql[name] for name in self.standbys]
        self.postgresql[self.primary].demand_copies(following)


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """Build the cluster, start everything, and take it away again.

    Raises:
        NoNetworkError: machines with addresses of their own cannot be made here.
        NoRabbitMQError, NoPostgreSQLError, NoSwiftError: one is not installed.
        ClusterError: a server does not come up.
    """
    home.chmod(0o755)  # the account that PostgreSQL runs as has to come through
    with ExitStack() as stack:
        network = stack.enter_context(Network(NAMES))
        machines = list(network.machines.values())
        cookie, password = new_secret(), new_secret()
        rabbitmq = {
            one.name: RabbitMQNode(one, home / one.name / "rabbitmq", machines, cookie, password)
            for one in machines
        }
        postgresql = {
            one.name: PostgreSQLNode(one, home / one.name / "postgresql", password)
            for one in machines
        }
        swift = {
            one.name: PrivateSwift(
                home / one.name / "swift",
                address=one.address,
                nodes=[peer.address for peer in machines],
                before=one.run(),
            )
            for one in machines
        }
        for nodes in (rabbitmq, postgresql, swift):
            for node in nodes.values():
                stack.callback(node.kill)
        primary = NAMES[0]
        # Their first start takes all of a processor: one kind after the other.
        for rabbit in rabbitmq.values():
            rabbit.start()
        postgresql[primary].initialise()
        postgresql[primary].start()
        until(postgresql[primary].is_ready, "PostgreSQL", machines[0])
        for name in NAMES[1:]:
            postgresql[name].follow(postgresql[primary])
            postgresql[name].start()
        for object_store in swift.values():
            object_store.start()
        postgresql[primary].execute("create database axis")
        until(partial(_has_bucket, swift[primary]), "Swift", machines[0])
        until(lambda: all(one.is_ready() for one in rabbitmq.values()), "RabbitMQ", machines[0])
        settings = _settings(network, password, home / "outside")
        _balance(stack, network, home / "outside")
        endpoint = Endpoint(home / "endpoint", 8443, host=OUTSIDE)
        settings = msgspec.structs.replace(
            settings,
            courier=msgspec.structs.replace(settings.courier, ca=str(endpoint.certificate)),
        )
        swift[primary].write_credentials(settings.path("s3.credentials"))
        prepare(settings)
        engine = open_engine(settings.database_url, pool_size=10)
        stack.callback(engine.dispose)
        signer, tokens = build_country(engine, settings.path("certs"), endpoint)
        units = {}
        for name in WORKING:
            units[name] = _units(network, name, settings)
            stack.callback(units[name].close)
        one = Cluster(
            settings=settings,
            signer=signer,
            engine=engine,
            gateways=tuple(
                f"http://{network.machines[name].address}:{GATEWAY_PORT}" for name in WORKING
            ),
            tokens=tokens,
            reform=Reform(SERVED),
            endpoint=endpoint,
            home=home,
            network=network,
            rabbitmq=rabbitmq,
            postgresql=postgresql,
            swift=swift,
            units=units,
            primary=primary,
        )
        one.demand_copies()
        one.await_whole()
        for unit in units.values():
            unit.start()
        yield one


def _has_bucket(server: PrivateSwift) -> bool:
    try:
        server.create_bucket(_BUCKET)
    except ServerCommandError:
        return False
    return True


def _settings(network: Network, password: str, home: Path) -> Settings:
    """Return what a machine is set to; its own home and addresses come on top."""
    home.mkdir(parents=True)
    addresses = [one.address for one in network.machines.values()]
    hosts = "&".join(f"host={address}:5432" for address in addresses)
    # A server that is gone without a word is noticed within seconds, not within minutes.
    patience = (
        "target_session_attrs=read-write&connect_timeout=2&tcp_user_timeout=6000"
        "&keepalives_idle=3&keepalives_interval=1&keepalives_count=3"
    )
    return Settings(
        home=str(home),
        database=DatabaseSettings(url=f"postgresql://{USER}:{password}@/axis?{hosts}&{patience}"),
        amqp=AmqpSettings(url=_amqp(addresses, password), publish_timeout_s=5),
        bodies=BodiesSettings(
            url=f"s3://{_BUCKET}/bodies",
            endpoint=f"http://127.0.0.1:{_BALANCER_PORT}",
            credentials="s3.credentials",
            timeout_s=10,
        ),
        relay=RelaySettings(batch=50),
        gateway=GatewaySettings(port=GATEWAY_PORT, rate="1000000/minute"),
        metrics=MetricSettings(port=0),
        courier=CourierSettings(
            allow=(f"{OUTSIDE}/32",), lease_s=5, retry_first_s=1, retry_most_s=5
        ),
        clock=ClockSettings(
            interval_s=1,
            untold_after_s=4,
            unanswered_after_s=20,
            retry_first_s=1,
            retry_most_s=5,
            tries=1000,
        ),
    )


def _amqp(addresses: list[str], password: str) -> str:
    return f"amqp://{USER}:{password}@{','.join(f'{one}:5672' for one in addresses)}/?heartbeat=6"


def _units(network: Network, name: str, outside: Settings) -> Units:
    """Prepare a machine: the keys and certificates of all, and what is its own."""
    machine = network.machines[name]
    home = Path(outside.home).parent / name / "axis"
    shutil.copytree(outside.home, home)
    # Its own servers first: a connection leaves the machine only where it has to.
    own = [machine.address, *(o.address for o in network.machines.values() if o is not machine)]
    password = outside.amqp.url.split(":")[2].partition("@")[0]
    settings = msgspec.structs.replace(
        outside,
        home=str(home),
        amqp=msgspec.structs.replace(outside.amqp, url=_amqp(own, password)),
        gateway=msgspec.structs.replace(outside.gateway, host=machine.address),
    )
    written = home / "axis.toml"
    written.touch(mode=0o600)
    written.write_bytes(msgspec.toml.encode(settings))
    return Units(machine, home, PROCESSES, {"balancer": _balancer(own)})


def _balancer(addresses: list[str]) -> tuple[str, ...]:
    servers = (f"{address}:{_SWIFT_PORT}" for address in addresses)
    return ("-m", "axis.chaos.balancer", str(_BALANCER_PORT), *servers)


def _balance(stack: ExitStack, network: Network, home: Path) -> None:
    """Start the balancer of the offices outside, which look into the bodies too."""
    outside = Outside()
    beside = {"balancer": _balancer([one.address for one in network.machines.values()])}
    units = Units(outside, home, (), beside)
    stack.callback(units.close)
    units.start()
    sleep(1)


class Outside(Machine):
    """Where the offices are: the network of this process."""

    def __init__(self) -> None:
        super().__init__("outside", OUTSIDE, "", "")

    def run(self, *argv: str) -> list[str]:
        """Return how a program is started here."""
        return list(argv)
