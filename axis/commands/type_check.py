"""``axis type test``: everything that is wrong with a type, and what it reads of payloads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axis.commands.output import instant, json_option, say, show_object
from axis.commands.session import Session
from axis.commands.type import rules_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from axis.errors import Refusal
    from axis.types.book import Book
    from axis.types.check import Stored
    from axis.types.reader import MessageType

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

#: Messages of a version that are read again where its files change.
_MOST_STORED = 100_000


@click.command
@click.argument("what", metavar="FOLDER|TYPE/VERSION")
@click.argument("payloads", metavar="[PAYLOAD]…", nargs=-1, type=_FILE)
@json_option
@click.pass_context
def test(context: click.Context, what: str, payloads: tuple[Path, ...], as_json: bool) -> None:
    """Check a type folder, or a type that was added; and what it reads of payloads. Exit 1: no.

    A payload is the root element of the type, without the frame around it. Where the type has a
    schema in XSD 1.1, it is asked too.

    \b
    Examples:
      axis type test xsd/dossier/1
      axis type test dossier/1 submission.xml --json
    """
    from axis.errors import AxisError
    from axis.store.engine import transaction
    from axis.store.types import load_types
    from axis.types.check import diagnose, read_payload
    from axis.types.errors import TypeRefusedError
    from axis.types.folder import files_of

    session: Session = context.obj
    folder = Path(what)
    if folder.is_dir():
        name, version = folder.resolve().parent.name, folder.resolve().name
        files: Any = files_of(folder)
    else:
        with transaction(session.engine) as connection:
            rules = rules_named(load_types(connection), what)
            name, version = rules.type, rules.version
            files = load_types(connection).type_of(name, version).files
    found, problems = examined(session, files, name, version)
    if problems or found is None:
        show_problems(problems, session.lang, as_json=as_json)
        raise TypeRefusedError(type_id=f"{name}/{version}", problems=problems)
    if not payloads:
        say("{type} has no problem", type=f"{name}/{version}")
    bad = False
    for path in payloads:
        try:
            message = read_payload(found, path.read_bytes())
        except AxisError as error:
            bad = True
            show_problems([error.refusal], session.lang, as_json=as_json)
            continue
        faults = diagnose(found, path.read_bytes())
        bad = bad or bool(faults)
        show_object(
            {
                "file": path.name,
                "sender": message.sender.organ_id,
                "recipients": list(message.addresses),
                "document_id": message.document_id,
                "sign": message.sign,
                "subject": message.title,
                "step": message.step,
                "revision": message.revision,
                "due_at": instant(message.due_at) if message.due_at else None,
                "stories": [f"{kind} {key}" for kind, key in sorted(message.stories)],
                "facts": dict(message.facts),
                "diagnosis": faults,
            }
        )
    if bad:
        context.exit(1)


def examined(
    session: Session, files: Any, name: str, version: str
) -> tuple[MessageType | None, Sequence[Refusal]]:
    """Return a type and its problems, over all other types and what it carried."""
    from axis.commands.logs import progress_bar
    from axis.store.engine import transaction
    from axis.store.types import count_stored, load_types, stored_of
    from axis.types.book import built_in
    from axis.types.check import check

    with transaction(session.engine) as connection:
        book = load_types(connection)
        size = min(count_stored(connection, name, version), _MOST_STORED)
        carried = list(stored_of(connection, name, version, most=_MOST_STORED)) if size else []
    others = [*built_in().values(), *(book.rules(*key) for key in book.entries())]
    with progress_bar("type") as progress:
        done = 0

        def on_read() -> None:
            nonlocal done
            done += 1
            progress(done, size)

        return check(
            files,
            name=name,
            version=version,
            others=others,
            stored=_stored(session, book, name, version, carried),
            progress=on_read,
        )


def _stored(
    session: Session, book: Book, name: str, version: str, carried: list[tuple[str, bytes]]
) -> Iterator[Stored]:
    """Yield what was carried, read by the rules that it was carried by."""
    from axis.bodies import open_bodies
    from axis.bodies.errors import BodyMissingError
    from axis.envelope.limits import DEFAULT, prescan
    from axis.envelope.tree import parse_tree
    from axis.types.check import Stored

    if not carried:
        return
    bodies = open_bodies(session.settings)
    old = book.type_of(name, version)
    for package_id, digest in carried:
        try:
            body = bodies.read(digest)
        except BodyMissingError:
            continue  # removed after the time of keeping, a moment ago
        said = old.read(parse_tree(body), None, prescan(body), DEFAULT)
        yield Stored(package_id, body, said)


def show_problems(problems: Sequence[Refusal], lang: str, *, as_json: bool) -> None:
    """Print every problem: JSON Lines on stdout, or text on stderr."""
    chosen: Any = "vi" if lang == "vi" else "en"
    for problem in problems:
        text = problem.text(chosen)
        if as_json:
            show_object({"code": problem.code, "text": text, "facts": dict(problem.facts)})
        else:
            say("{code}: {text}", code=problem.code, text=text)
