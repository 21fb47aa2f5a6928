"""What a process writes on stderr: a line for each event, as text or as JSON.

An event is a constant message; its facts stand beside it (``package``, ``delivery``, ``code`` …).
Of the libraries of RabbitMQ and PostgreSQL only the last line of a traceback is written: that a
server went away is one fact, and the process waits for it.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

import msgspec

from axis.sections import LogSettings
from axis.settings import SettingsError

_FORMATS: Final = ("text", "json")
_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
#: What every record has; the rest is what the event says.
_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SAID: Final = "error when creating transport"
#: Libraries whose tracebacks say nothing more than their last line.
_BRIEF: Final = ("aiormq", "aio_pika", "asyncio", "psycopg", "sqlalchemy", "uvicorn", "httpx")


def begin_logging(settings: LogSettings, process: str) -> None:
    """Make this process log as the settings say, under its name.

    Raises:
        SettingsError: there is no such format or level.
    """
    for key, value, known in (
        ("format", settings.format, _FORMATS),
        ("level", settings.level, _LEVELS),
    ):
        if value not in known:
            reason = f"[logs] {key} = {value!r}; there are: {', '.join(known)}"
            raise SettingsError(source="[logs]", reason=reason)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Json(process) if settings.format == "json" else _Text(process))
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for name in _BRIEF:  # what they say below a warning is about themselves
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


class _Handler(logging.StreamHandler[TextIO]):
    """Ours: when logging begins anew it is replaced, and nobody else's is touched."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave out what our own refusals say: each try to reach a RabbitMQ that is away."""
        is_said = record.name.startswith("aiormq") and str(record.msg).startswith(_SAID)
        return not is_said and bool(super().filter(record))


class _Lines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        found = {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            found["error"] = f"{type(error).__name__}: {error}".split("\n", 1)[0][:300]
            if not record.name.startswith(_BRIEF):
                found["trace"] = self.formatException(record.exc_info)
        return found

    @staticmethod
    def at(record: logging.LogRecord) -> str:
        instant = datetime.fromtimestamp(record.created, UTC)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "at": self.at(record),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "event": record.getMessage(),
            **self.facts(record),
        }
        return msgspec.json.encode(event, enc_hook=str).decode()


class _Text(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        facts = self.facts(record)
        trace = facts.pop("trace", None)
        said = " ".join(f"{name}={_shown(value)}" for name, value in facts.items())
        line = f"{self.at(record)} {record.levelname.lower()} {self.process}: {record.getMessage()}"
        line = f"{line} {said}".rstrip().replace("\n", " ")
        return f"{line}\n{trace}" if trace else line


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{k}:{_shown(v)}" for k, v in value.items())
    text = str(value)
    return repr(text) if " " in text else text
