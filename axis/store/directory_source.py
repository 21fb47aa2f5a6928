"""Imports the files of 1 July 2025 in one transaction, and gives them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from axis.directory.change import Change
from axis.directory.errors import (
    CodeTakenError,
    ContradictionError,
    DirectoryRefusedError,
    NeverImportedError,
)
from axis.directory.records import name_at
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import CodeFact
from axis.directory.vn2025 import (
    BASIS_COMMUNES,
    COLUMNS,
    COMMUNES,
    PROVINCES,
    SUCCESSION,
    Files,
    read_files,
)
from axis.directory.vn2025_export import Source, encode_rows, export_rows, sources_of
from axis.directory.vn2025_facts import facts_of
from axis.errors import Place
from axis.store.directory import load_directory
from axis.store.directory_changes import Progress, lock_directory, record_change, unwatched
from axis.store.engine import transaction
from axis.store.tables.directory import DIRECTORY_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFiles:
    """What an import of the files did."""

    provinces: int
    communes: int
    edges: int
    facts: int  #: recorded by this import; 0 where the files had been imported before
    explained: Mapping[str, int]
    version: int


def import_vn2025(
    engine: sa.Engine,
    contents: Mapping[str, bytes],
    *,
    by: str,
    at: datetime,
    dry_run: bool,
    progress: Progress = unwatched,
) -> ImportedFiles:
    """Record what the three files say; again is no change.

    Raises:
        DirectoryRefusedError: the files contradict themselves, the directory, or what was imported
            before; every reason is listed with file, line and column.
    """
    problems = Problems()
    files = read_files(contents, problems)
    _refuse(problems)
    with transaction(engine) as connection:
        version = lock_directory(connection)
        known = _sources(connection)
        change = Change()
        if known:
            base = load_directory(connection, version=max(since for since, _ in known))
            _compare(base, [source for _, source in known], files, problems)
        else:
            directory = load_directory(connection, version=version)
            change = Change(added=tuple(facts_of(files)))
            _refuse_taken(directory, change, problems)
        _refuse(problems)
        if change and not dry_run:
            version = record_change(
                connection,
                change,
                kind="import-vn2025",
                by=by,
                at=at,
                legal_basis=BASIS_COMMUNES,
                facts=dict(files.explained),
                progress=progress,
            )
            _keep(connection, sources_of(directory.advance(change, version), files), version)
    return ImportedFiles(
        provinces=len(files.provinces),
        communes=len(files.communes),
        edges=len(files.succession),
        facts=len(change.added),
        explained=dict(files.explained),
        version=version,
    )


def export_vn2025(connection: sa.Connection) -> dict[str, bytes]:
    """Return the three files by name, from the directory of now.

    Raises:
        NeverImportedError: the files were never imported.
    """
    sources = [source for _, source in _sources(connection)]
    if not sources:
        raise NeverImportedError
    rows = export_rows(load_directory(connection), sources)
    return {name: encode_rows(columns, rows[name]) for name, columns in COLUMNS.items()}


def _compare(base: Directory, known: Sequence[Source], files: Files, problems: Problems) -> None:
    """Refuse lines that say something else than those that were imported."""
    lines = {PROVINCES: files.provinces, COMMUNES: files.communes, SUCCESSION: files.succession}
    for name, before in export_rows(base, known).items():
        now = lines[name]
        for row, line in zip(before, now, strict=False):
            for column, cell in line.cells.items():
                if row.get(column) != cell:
                    problems.add(
                        ContradictionError(
                            place=line.place(column),
                            file=name,
                            column=column,
                            got=cell,
                            expected=row.get(column, ""),
                        )
                    )
        if len(before) != len(now):
            problems.add(
                ContradictionError(
                    place=Place(line=min(len(before), len(now)) + 2),
                    file=name,
                    column="the number of lines",
                    got=len(now),
                    expected=len(before),
                )
            )


def _refuse_taken(directory: Directory, change: Change, problems: Problems) -> None:
    for fact in change.added:
        if not isinstance(fact, CodeFact):
            continue
        for holder in directory.holders(fact.code):
            record = directory.record(holder.office_id)
            name = name_at(record, holder.start) if record else ""
            problems.add(CodeTakenError(code=fact.code, name=name, office_id=holder.office_id))


def _refuse(problems: Problems) -> None:
    if problems:
        raise DirectoryRefusedError.of(problems.sorted(), source="the files")


def _sources(connection: sa.Connection) -> list[tuple[int, Source]]:
    c = DIRECTORY_SOURCE.c
    rows = connection.execute(
        sa.select(c.file, c.line, c.cells, c.since_version)
        .where(c.file.in_(list(COLUMNS)))
        .order_by(c.file, c.line)
    )
    return [
        (
            row.since_version,
            Source(
                file=row.file,
                line=row.line,
                offices=row.cells["offices"],
                rest=row.cells["rest"],
            ),
        )
        for row in rows
    ]


def _keep(connection: sa.Connection, sources: Iterable[Source], version: int) -> None:
    connection.execute(
        sa.insert(DIRECTORY_SOURCE),
        [
            {
                "file": source.file,
                "line": source.line,
                "cells": {"offices": dict(source.offices), "rest": dict(source.rest)},
                "since_version": version,
            }
            for source in sources
        ],
    )
