"""What lies in ``outbox``: which files belong together, and whether they are whole.

- ``name.edxml`` (or ``.xml``) is a package.
- ``name.toml`` (or ``.json``) is a form; files of the same name beside it are its attachments.
- A folder is one of both: a package with the files that travel apart, or a form with attachments.

A file is whole when it has not changed between two looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final = frozenset({".edxml", ".xml"})
FORMS: Final = frozenset({".toml", ".json"})
#: What programs write while they copy or edit.
_UNFINISHED: Final = (".part", ".tmp", ".crdownload", ".filepart", "~")
#: A form may wait so long (s) for its file; then its clerk is told.
FORM_WAITS_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Files that are one package or one form."""

    name: str
    paths: tuple[Path, ...]  #: all of them; a folder's, then the folder itself is ``folder``
    package: Path | None = None
    form: Path | None = None
    others: tuple[Path, ...] = ()  #: attachments, or what travels apart
    folder: Path | None = None


@dataclass(slots=True)
class _Seen:
    state: tuple[int, int]
    since: float


class Looks:
    """Looks at a folder again and again, and tells what is whole."""

    def __init__(self, outbox: Path, *, settle_s: float) -> None:
        self._outbox = outbox
        self._settle_s = settle_s
        self._seen: dict[Path, _Seen] = {}

    def look(self, now: float, *, busy: Collection[Path]) -> list[Drop]:
        """Return what is whole and not being worked on; ``now`` in seconds of any clock."""
        files = list(_files(self._outbox))
        found = {path: _state(path) for path in files}
        for path, state in found.items():
            seen = self._seen.get(path)
            if state is not None and (seen is None or seen.state != state):
                self._seen[path] = _Seen(state, now)
        self._seen = {path: seen for path, seen in self._seen.items() if path in found}
        drops = _drops(self._outbox, files)
        return [
            drop
            for drop in drops
            if not any(path in busy for path in drop.paths)
            and all(self._age(path, now) >= self._settle_s for path in drop.paths)
            and (drop.others or not self._may_wait(drop, now))
        ]

    def _age(self, path: Path, now: float) -> float:
        seen = self._seen.get(path)
        return -1.0 if seen is None else now - seen.since

    def _may_wait(self, drop: Drop, now: float) -> bool:
        """Say whether a form may still get its file; a status needs none."""
        if drop.form is None or drop.folder is not None or self._is_status(drop.form):
            return False
        return self._age(drop.form, now) < max(FORM_WAITS_S, self._settle_s)

    def _is_status(self, form: Path) -> bool:
        try:
            return "status_code" in form.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return True  # read again, and told of, where it is taken


def _drops(outbox: Path, files: Iterable[Path]) -> list[Drop]:
    found = []
    beside = [path for path in files if path.parent == outbox]
    for path in beside:
        if path.suffix.lower() in PACKAGES:
            found.append(Drop(name=path.stem, paths=(path,), package=path))
        elif path.suffix.lower() in FORMS:
            others = tuple(
                one
                for one in beside
                if one != path
                and one.stem == path.stem
                and one.suffix.lower() not in PACKAGES | FORMS
            )
            found.append(Drop(name=path.stem, paths=(path, *others), form=path, others=others))
    folders = sorted({path.parent for path in files} - {outbox})
    for folder in folders:
        inside = [path for path in files if path.parent == folder]
        packages = [path for path in inside if path.suffix.lower() in PACKAGES]
        forms = [path for path in inside if path.suffix.lower() in FORMS]
        lead = (packages or forms)[:1]
        if len(packages) > 1 or (not packages and len(forms) != 1):
            continue  # nothing says what these files are
        found.append(
            Drop(
                name=folder.name,
                paths=tuple(inside),
                package=lead[0] if packages else None,
                form=None if packages else lead[0],
                others=tuple(path for path in inside if path not in lead),
                folder=folder,
            )
        )
    return found


def _files(outbox: Path) -> Iterable[Path]:
    """Yield files in the folder and in folders in it, never through links."""
    for path in sorted(outbox.iterdir()):
        if path.is_symlink() or _is_unfinished(path):
            continue
        if path.is_dir():
            for inner in sorted(path.iterdir()):
                if inner.is_file() and not inner.is_symlink() and not _is_unfinished(inner):
                    yield inner
        elif path.is_file():
            yield path


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name.lower().endswith(_UNFINISHED)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
