"""Whether figures may be believed: nothing lost, the machine loaded, the servers safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from axis.store.engine import durability, open_engine, transaction
from axis.store.unsafe import UNSAFE

#: A machine that was idle for more than so much of the time was not loaded.
IDLE_SHARE: Final = 0.25
#: A run that is over sooner says nothing of the load, since processes have just begun.
SHORTEST_S: Final = 2.0
_NONE_OF: Final = ("lost", "duplicated", "refused")


def wrong_of(figures: Mapping[str, Any], *, demands_load: bool) -> list[str]:
    """Return why figures say nothing; empty where they do. Pure.

    Args:
        figures: of a run.
        demands_load: whether the run was meant to keep all cores busy.
    """
    wrong = [f"{name}: {figures[name]}" for name in _NONE_OF if figures.get(name)]
    busy, seconds = figures.get("busy_share"), figures.get("seconds", 0.0)
    if demands_load and busy is not None and seconds >= SHORTEST_S and busy < 1 - IDLE_SHARE:
        idle = round(100 * (1 - busy))
        wrong.append(f"the machine was idle for {idle} % of the time: it was not loaded")
    return wrong


def unsafe_settings(database_url: str) -> list[str]:
    """Return the settings of a PostgreSQL by which it could forget a commit.

    Raises:
        DatabaseUnavailableError: it cannot be reached.
    """
    url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = open_engine(url)
    try:
        with transaction(engine) as connection:
            return [
                f"unsafe: PostgreSQL runs with {name} = {value}"
                for name, value in durability(connection).items()
                if value in UNSAFE.get(name, ())
            ]
    finally:
        engine.dispose()
