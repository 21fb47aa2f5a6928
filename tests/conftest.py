"""What every test may ask for: private servers, fresh databases and virtual hosts, an instant.

The servers are started when a test first needs them, once for a whole run: the workers of
pytest-xdist share them, and they end with the last process that holds them.

=====================  =============================================================================
``shared``             the test data beside the checkout; the test skips where they are absent
``now``                an instant, the same in every run
``rabbitmq``           the private RabbitMQ itself, shared by all tests: never stop it
``amqp_url``           a virtual host of its own
``postgresql``         the private PostgreSQL itself, shared by all tests: never stop it
``postgresql_url``     an empty database of its own
``engine``             twice: a SQLite file and a PostgreSQL database of its own, with all tables
``sqlite_engine``      the first of them, for tests where the database cannot matter
``postgresql_engine``  the second of them
``own_rabbitmq``       a private RabbitMQ for this test alone, which may kill and restart it
``own_postgresql``     a private PostgreSQL for this test alone, likewise
=====================  =============================================================================
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from axis.sandbox.errors import NoPostgreSQLError, NoRabbitMQError
from axis.sandbox.lease import is_kept, wait_until_gone
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.sandbox.server import PrivateServer
from axis.store.engine import open_engine
from axis.store.migrate import upgrade

CHECKOUT = Path(__file__).parent.parent

#: Given on under a name of our own, because the axis refuses variables that it does not know.
os.environ["TEST_SHARED"] = (
    os.environ.pop("AXIS_SHARED", None)
    or os.environ.get("TEST_SHARED")
    or str(CHECKOUT.parent / "shared")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-servers",
        action="store_true",
        help="fail, do not skip, where RabbitMQ or PostgreSQL is not installed",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        for folder in [
            *DISK.parent.glob(f"{DISK.name}-*"),
            *MEMORY.parent.glob(f"{MEMORY.name}-*"),
        ]:
            if not _is_alive(int(folder.name.rpartition("-")[2])):  # a run that was killed
                shutil.rmtree(folder, ignore_errors=True)
        place = MEMORY if _has_memory() else DISK
        config.stash[SERVERS] = place.with_name(f"{place.name}-{os.getpid()}")
        config.stash[SERVERS].mkdir(parents=True)
    else:
        config.stash[SERVERS] = Path(config.workerinput["servers"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers are."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Wait until the servers have ended: they do when the last worker has let go."""
    if hasattr(config, "workerinput") or SERVERS not in config.stash:
        return
    folder = config.stash[SERVERS]
    for name in ("rabbitmq", "postgresql"):
        if is_kept(folder / name):
            wait_until_gone(folder / name)
    shutil.rmtree(folder, ignore_errors=True)


SERVERS = pytest.StashKey[Path]()

#: Where the shared servers have their data. No test pulls their plug, so that memory will do, and
#: thousands of small databases come and go sooner there; servers that are killed are on the disk.
DISK = CHECKOUT / "var" / "test" / "servers"
MEMORY = Path("/dev/shm/axis-test")
_NEEDED_BYTES = 6 * 1024**3


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the checkout."""
    folder = Path(os.environ["TEST_SHARED"])
    if not folder.is_dir():
        pytest.skip(f"no test data in {folder} (AXIS_SHARED names another place)")
    return folder


@pytest.fixture
def now() -> datetime:
    """An instant, the same in every run."""
    return datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def rabbitmq(pytestconfig: pytest.Config) -> Iterator[PrivateRabbitMQ]:
    """The private RabbitMQ of this run."""
    folder = pytestconfig.stash[SERVERS]
    server = PrivateRabbitMQ(folder / "rabbitmq", disposable=True, management=True)
    with _held(server, folder, pytestconfig):
        yield server


@pytest.fixture(scope="session")
def _aside() -> Iterator[ThreadPoolExecutor]:
    """Where the next test's database is made, and the last one's is taken away."""
    with ThreadPoolExecutor(1, thread_name_prefix="aside") as aside:
        yield aside


@pytest.fixture
def amqp_url(rabbitmq: PrivateRabbitMQ, _aside: ThreadPoolExecutor) -> Iterator[str]:
    """The URL of an empty virtual host that only this test knows."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    yield rabbitmq.add_vhost(name)
    if rabbitmq.is_running:
        _aside.submit(rabbitmq.delete_vhost, name)


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Iterator[PrivatePostgreSQL]:
    """The private PostgreSQL of this run."""
    folder = pytestconfig.stash[SERVERS]
    server = PrivatePostgreSQL(folder / "postgresql", disposable=True)
    with _held(server, folder, pytestconfig):
        yield server


@pytest.fixture(scope="session")
def postgresql_template(pytestconfig: pytest.Config, postgresql: PrivatePostgreSQL) -> str:
    """The name of a database with all tables, to be copied."""
    name = "axis_template"
    folder = pytestconfig.stash[SERVERS]
    with _turn(folder, "template"):
        # In the folder of the server: it goes with the server that holds the template.
        done = postgresql.folder / "template.done"
        if not done.exists():
            postgresql.drop_database(name)
            _migrate(_sqlalchemy_url(postgresql.create_database(name)))
            done.touch()
    return name


@pytest.fixture
def postgresql_url(postgresql: PrivatePostgreSQL, _aside: ThreadPoolExecutor) -> Iterator[str]:
    """The URL of an empty database that only this test knows."""
    name = _new_name()
    yield postgresql.create_database(name)
    _aside.submit(postgresql.drop_database, name)


class Spares:
    """Databases with all tables, the next of which is made while a test works with the last."""

    def __init__(self, server: PrivatePostgreSQL, template: str, aside: ThreadPoolExecutor) -> None:
        self._server, self._template, self._aside = server, template, aside
        self._next = aside.submit(self._make)

    def _make(self) -> str:
        name = _new_name()
        self._server.create_database(name, template=self._template)
        return name

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give the URL of one that nobody else has, and drop it afterwards."""
        try:
            name = self._next.result()
        finally:
            self._next = self._aside.submit(self._make)
        yield self._server.database_url(name)
        self._aside.submit(self._server.drop_database, name)


@pytest.fixture(scope="session")
def _spares(
    postgresql: PrivatePostgreSQL, postgresql_template: str, _aside: ThreadPoolExecutor
) -> Spares:
    return Spares(postgresql, postgresql_template, _aside)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_engine(tmp_path: Path, sqlite_template: Path) -> Iterator[sa.Engine]:
    """A SQLite file of this test's own, with all tables."""
    path = tmp_path / "axis.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql_engine(_spares: Spares) -> Iterator[sa.Engine]:
    """A PostgreSQL database of this test's own, with all tables."""
    with _spares.one() as url:
        engine = open_engine(_sqlalchemy_url(url))
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> sa.Engine:
    """Each of the two databases in turn, with all tables."""
    found: sa.Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def own_rabbitmq(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[PrivateRabbitMQ]:
    """A running RabbitMQ that this test may kill, stop and restart."""
    try:
        with PrivateRabbitMQ(tmp_path / "rabbitmq", disposable=True) as server:
            yield server
    except NoRabbitMQError as error:
        _do_without(pytestconfig, error)


@pytest.fixture
def own_postgresql(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[PrivatePostgreSQL]:
    """A running PostgreSQL without tables that this test may kill, stop and restart."""
    try:
        with PrivatePostgreSQL(tmp_path / "postgresql", disposable=True) as server:
            yield server
    except NoPostgreSQLError as error:
        _do_without(pytestconfig, error)


def _migrate(url: str) -> None:
    engine = open_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def _new_name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


def _sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def _held(server: PrivateServer, folder: Path, config: pytest.Config) -> Iterator[None]:
    """Start the server, or join it if another worker has, and let go at the end."""
    try:
        with _turn(folder, server.folder.name):
            if not server.join():
                server.start()
        yield
    except (NoPostgreSQLError, NoRabbitMQError) as error:
        _do_without(config, error)
    finally:
        server.leave()


@contextmanager
def _turn(folder: Path, name: str) -> Iterator[None]:
    """Let one worker after the other look for the server, so that only the first one starts it."""
    with (folder / f"{name}.turn").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _has_memory() -> bool:
    if not MEMORY.parent.is_dir() or shutil.disk_usage(MEMORY.parent).free < _NEEDED_BYTES:
        return False
    given = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(given["MemAvailable"].split()[0]) * 1024 > 2 * _NEEDED_BYTES


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _do_without(config: pytest.Config, error: Exception) -> None:
    if config.getoption("--require-servers"):
        pytest.fail(str(error), pytrace=False)
    pytest.skip(str(error))
