"""The message types for systems: what is carried, what each says, the files that describe it."""

from __future__ import annotations

from typing import Final

from adapters.rest.answer import Answer, as_json
from adapters.rest.call import Call
from adapters.rest.operation import Content, Operation, Parameter
from adapters.rest.shapes import Shape
from axis.access.values import Scope
from axis.directory.snapshot import Directory
from axis.gateway.declaring import Declared, declare
from axis.types.book import Book
from axis.types.rules import Rules


class Text(Shape, frozen=True):
    """A text in both languages."""

    en: str
    vi: str


class Type(Shape, frozen=True):
    """One version of a type."""

    type: str
    version: str
    name: Text
    about: Text
    namespace: str
    root: str  #: of the payload
    read: dict[str, str]  #: where the axis finds what it needs
    steps: dict[str, Text]
    statuses: list[str]  #: that receivers may report
    declared: bool  #: only who has said that it takes it gets it


class Types(Shape, frozen=True):
    """What is carried."""

    items: list[Type]


class Taken(Shape, frozen=True):
    """What a system has said of a type."""

    type: str  #: with its version
    takes: bool
    changed: bool  #: false: it had said so before


async def carried(call: Call) -> Answer:
    """Answer with what is carried."""
    book = await call.installation.in_thread(call.installation.types.current)
    return as_json(Types(items=[_type(book.rules(*one.split("/"))) for one in book.active()]))


async def schema(call: Call) -> Answer:
    """Give the schema of a version, as it was added."""
    name, version = call.word("type", most=16), call.word("version", most=16)
    book = await call.installation.in_thread(call.installation.types.current)
    found = book.type_of(name, version)
    data = found.files[found.rules.schema]
    return Answer(headers={"content-type": XSD}, body=data, length=len(data))


async def take(call: Call) -> Answer:
    """Record that the system takes a version."""
    return await _declare(call, takes=True)


async def decline(call: Call) -> Answer:
    """Record that the system takes a version no more."""
    return await _declare(call, takes=False)


async def _declare(call: Call, *, takes: bool) -> Answer:
    installation, now = call.installation, call.now
    name, version = call.word("type", most=16), call.word("version", most=16)
    code = call.text("office", most=64)

    def write() -> Declared:
        return declare(
            installation.engine,
            installation.sealer,
            call.caller,
            installation.offices.current().directory,
            name=name,
            version=version,
            takes=takes,
            code=code,
            now=now,
        )

    done = await installation.in_thread(write)
    return as_json(Taken(type=done.type_id, takes=done.takes, changed=done.changed))


def accepts(book: Book, directory: Directory, office_id: str, call: Call) -> list[str]:
    """Return the types that an office takes now."""
    system = directory.system_of(office_id, call.now)
    return book.accepts(office_id, system.system_id if system else None)


def _type(rules: Rules) -> Type:
    return Type(
        type=rules.type,
        version=rules.version,
        name=Text(en=rules.name.en, vi=rules.name.vi),
        about=Text(en=rules.about.en, vi=rules.about.vi),
        namespace=rules.namespace,
        root=rules.root,
        read=rules.paths(),
        steps={step: Text(en=words.en, vi=words.vi) for step, words in rules.steps.items()},
        statuses=list(rules.statuses),
        declared=rules.receive.declared,
    )


XSD: Final = "application/xml"
_OFFICE: Final = Parameter(
    name="office", meaning="One office that the system serves; without it, all of them"
)
_TAKEN: Final = {"type": "dossier/1", "takes": True, "changed": True}
_DECLINED: Final = {"type": "dossier/1", "takes": False, "changed": True}
_RECORDED: Final = (
    "Recorded in the ledger, as what an operator says for the system. Senders see it within "
    "seconds in `GET /v1/offices/{code}`. The scope `types` is given only where it is named."
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/types",
        name="listTypes",
        group="Types",
        summary="List the message types that the axis carries, with what each says",
        handler=carried,
        scope=Scope.DIRECTORY,
        answers={200: Content(meaning="The types", shape=Types)},
    ),
    Operation(
        method="GET",
        path="/types/{type}/{version}/schema",
        name="takeSchema",
        group="Types",
        summary="Take the XML schema of a version",
        handler=schema,
        scope=Scope.DIRECTORY,
        path_examples={"type": "dossier", "version": "1"},
        answers={200: Content(meaning="XSD 1.0", media=(XSD,))},
    ),
    Operation(
        method="PUT",
        path="/types/{type}/{version}/taken",
        name="takeType",
        group="Types",
        summary="Say that the system takes messages of a version, for all its offices or for one",
        handler=take,
        scope=Scope.TYPES,
        query=(_OFFICE,),
        path_examples={"type": "dossier", "version": "1"},
        answers={200: Content(meaning="It does", shape=Taken, example=_TAKEN)},
        description=_RECORDED,
    ),
    Operation(
        method="DELETE",
        path="/types/{type}/{version}/taken",
        name="declineType",
        group="Types",
        summary="Say that the system takes messages of a version no more",
        handler=decline,
        scope=Scope.TYPES,
        query=(_OFFICE,),
        path_examples={"type": "dossier", "version": "1"},
        answers={200: Content(meaning="It does not", shape=Taken, example=_DECLINED)},
        description=f"What is on its way is still delivered. {_RECORDED}",
    ),
)
