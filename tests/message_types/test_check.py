"""A type folder is checked whole: each problem has its code, and all are told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from axis.admission.types import hold_to_type
from axis.directory.snapshot import Directory
from axis.envelope.errors import TypeUnknownError
from axis.envelope.limits import DEFAULT, prescan
from axis.envelope.package import parse
from axis.envelope.reader import read
from axis.envelope.tree import parse_tree
from axis.envelope.values import DocumentEnvelope, Message
from axis.errors import AxisError, Refusal
from axis.examine.inspect import Inspection
from axis.examine.isolation import Pool
from axis.retention.classes import classes
from axis.settings import RetentionSettings
from axis.types.book import OFFICE, SYSTEM, Book, Entry, State, built_in, shipped
from axis.types.check import Stored, check, diagnose, read_payload
from axis.types.compose import File, frame_around
from axis.types.errors import TypeNotActiveError, TypeRefusedError
from axis.types.folder import files_of, folder_of
from axis.types.paths import way_of
from tests.message_types.writing import dossier, framed, report, task
from tests.relay.papers import G22, H14, H41, document, package

Files = dict[str, bytes]
TASK = files_of(folder_of("task", "1"))


def changed(*pairs: tuple[str, str], file: str = "type.toml") -> Files:
    text = TASK[file].decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return {**TASK, file: text.encode()}


def without(name: str) -> Files:
    return {key: data for key, data in TASK.items() if key != name}


_STEP = '<xs:simpleType name="Step">'

FLAWS: dict[str, tuple[Files, str]] = {
    "no rule file": (without("type.toml"), "type.file-missing"),
    "a key that there is not": (changed(("[about]", "[abuot]")), "type.rules-invalid"),
    "a text in one language": (changed(('vi = "Nhiệm vụ giao"', "")), "type.rules-invalid"),
    "a rule file that is no TOML": ({**TASK, "type.toml": b"\xff = ["}, "type.rules-invalid"),
    "a schema that is not there": (without("task.xsd"), "type.file-missing"),
    "a schema that does not compile": (
        changed(('type="Key"/>', 'type="Clef"/>'), file="task.xsd"),
        "type.schema-broken",
    ),
    "a schema that asks for the network": (
        changed(
            (_STEP, '<xs:include schemaLocation="http://x/"/>' + _STEP),
            file="task.xsd",
        ),
        "type.schema-broken",
    ),
    "a root that the schema has not": (changed(('root = "Task"', 'root = "Tusk"')), "type.name"),
    "another version than the folder": (changed(('version = "1"', 'version = "2"')), "type.name"),
    "a path to nowhere": (changed(('subject = "Title"', 'subject = "Titel"')), "type.path-nowhere"),
    "a sender that may be absent": (
        changed(('sender = "Sender"', 'sender = "Content"')),
        "type.path-count",
    ),
    "a day that is a word": (changed(('due = "DueAt"', 'due = "Title"')), "type.path-form"),
    "a step without words": (changed(("[steps.close]", "[steps.klose]")), "type.steps"),
    "a label for nothing": (changed(("[labels.percent]", "[labels.part]")), "type.rules-invalid"),
    "an extension by no step": (changed(('"give-extension"\n', '"grant"\n')), "type.steps"),
    "answers that are due at 17:00": (
        changed(('by = "due"', 'by = "day-close"')),
        "type.rules-invalid",
    ),
    "answers that nobody asks for": (
        changed(
            ('done = "completed"', 'done = "answered"'),
            ('[league]\nask = "assign"\nanswer = "complete"\nextend = "give-extension"\n', ""),
        ),
        "type.rules-invalid",
    ),
    "no example": (
        {key: data for key, data in TASK.items() if "/" not in key},
        "type.file-missing",
    ),
    "an example that does not pass": (
        changed(("<Step>assign", "<Step>asign"), file="examples/assign.xml"),
        "type.example",
    ),
    "a refused example that passes": (
        changed(("160", "60"), file="examples/refused/percent-over-100.xml"),
        "type.example",
    ),
}  # fmt: skip


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_of_a_folder_has_its_code(flaw: str) -> None:
    files, code = FLAWS[flaw]
    _, problems = check(files, name="task", version="1")
    assert code in {problem.code for problem in problems}, problems
    for problem in problems:
        assert problem.text("en") != problem.text("vi") or code == "type.rules-invalid"


def test_all_problems_are_told_at_once_and_the_shipped_types_have_none() -> None:
    files = changed(('subject = "Title"', 'subject = "Titel"'), ('due = "DueAt"', 'due = "Code"'))
    _, problems = check(files, name="task", version="2", others=built_in().values())
    assert {one.code for one in problems} == {"type.name", "type.path-nowhere", "type.path-form"}
    refused = TypeRefusedError(type_id="task/2", problems=problems)
    assert (refused.facts["count"], refused.code) == (3, "type.refused")
    for name in ("dossier", "report", "task"):
        files = files_of(folder_of(name, "1"))
        others = [*built_in().values(), *shipped().named("report" if name == "task" else "task")]
        found, problems = check(files, name=name, version="1", others=others)
        assert problems == []
        assert found is not None
        for file, payload in files.items():
            if file.startswith("examples/") and "refused" not in file:
                assert diagnose(found, payload) == [], file
    cells = report("report", sender=H41, to=(G22,)).replace(b"</N>", b"</N><E/>")
    assert diagnose(shipped().type_of("report", "1"), cells) != []  # XSD 1.1 counts cells


def test_a_version_that_carried_messages_must_read_them_as_before() -> None:
    body = framed(task("A-1", "assign", sender=G22, to=H41), "task/1")
    said = parse(body, types=shipped()).envelope
    assert isinstance(said, Message)
    stored = [Stored("p1", body, said)]
    assert check(TASK, name="task", version="1", stored=stored)[1] == []
    for files in (
        changed(('type="Percent" minOccurs="0"', 'type="Percent"'), file="task.xsd"),
        changed(('key = ["Code"]\n', 'key = ["Code", "Sender"]\n')),
    ):  # fmt: skip
        examples = {key: data for key, data in files.items() if "examples" not in key}
        examples["examples/a.xml"] = TASK["examples/progress.xml"]
        _, problems = check(examples, name="task", version="1", stored=stored)
        assert [one.code for one in problems] == ["type.breaks-stored"]


def test_the_rules_of_documents_say_where_their_own_reader_reads() -> None:
    tree = parse_tree(package(document(to=(H41, H14), priority=2)))
    envelope = read(tree)
    assert isinstance(envelope, DocumentEnvelope)
    rules = built_in()["document"]
    read_by_rule = {
        key: [found.text for found in way_of(path, rules.namespace).find(tree)]
        for key, path in rules.paths().items()
    }
    assert read_by_rule["read.sender"] == [envelope.sender.organ_id]
    assert read_by_rule["read.recipients"] == list(envelope.addresses)
    assert read_by_rule["read.id"] == [envelope.document_id]
    assert read_by_rule["read.subject"] == [envelope.subject]
    assert read_by_rule["read.urgency"] == [str(envelope.priority)]


BAD: dict[str, tuple[bytes, str]] = {
    "type.wrong-payload": (frame_around(b"<Dossier/>", "task", "1"), "type.wrong-payload"),
    "no payload in the payload": (frame_around(b"", "task", "1"), "schema.missing-element"),
    "two things in the payload": (
        frame_around(b"<A/><B/>", "task", "1"),
        "schema.unexpected-element",
    ),
    "a version that nobody has": (framed(dossier("A", 1), "dossier/9"), "type.unknown"),
    "an attachment that is not listed": (
        framed(dossier("A", 1), "dossier/1", File(content_id="a", name="a", data=b"a")).replace(
            b"cid:a", b"cid:b"
        ),
        "attachment.unlisted",
    ),
    "a name that deceives": (
        framed(dossier("A", 1), "dossier/1", File(content_id="a", name="a\u202e.pdf", data=b"a")),
        "attachment.name-unsafe",
    ),
    "an xsi attribute": (
        framed(dossier("A", 1), "dossier/1").replace(
            b"<Number>",
            b'<Number xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x">',
        ),
        "envelope.schema-instance",
    ),
    "more receivers than the type has": (
        framed(dossier("A", 1), "dossier/1").replace(
            b"<Recipient>", b"<Recipient>x</Recipient>" * 21 + b"<Recipient>"
        ),
        "schema.unexpected-element",
    ),
}


@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_message_is_refused_by_a_code_of_its_own(flaw: str) -> None:
    body, code = BAD[flaw]
    with pytest.raises(AxisError) as caught:
        parse(body, types=shipped())
    assert caught.value.code == code, caught.value


def test_what_is_not_active_is_refused_with_what_is_and_can_still_be_read() -> None:
    files = files_of(folder_of("dossier", "1"))
    body = framed(dossier("A", 1), "dossier/1")
    for state in (State.ADDED, State.RETIRED):
        book = Book({("dossier", "1"): Entry(state, files)})
        with pytest.raises(TypeNotActiveError) as caught:
            parse(body, types=book)
        assert caught.value.facts["expected"] == "document/1.0, status/1.0"
        tree = parse_tree(body)
        assert book.type_of("dossier", "1").read(tree, None, prescan(body), DEFAULT).sign == "A"
    with pytest.raises(TypeUnknownError):
        Book().type_of("dossier", "1")
    small = dict(files)
    small["type.toml"] = small["type.toml"].replace(b"attachments = 50", b"attachments = 0")
    whole = framed(dossier("A", 1), "dossier/1", File(content_id="a", name="a.pdf", data=b"a"))
    with pytest.raises(AxisError) as limit:
        parse(whole, types=Book({("dossier", "1"): Entry(State.ACTIVE, small)}))
    assert limit.value.code == "type.over-limit"


class _Offices:
    """As much of a directory as the rules of a type ask."""

    def __init__(self, **levels: str) -> None:
        self._levels = levels

    def office(self, office_id: str, at: datetime) -> object:
        from types import SimpleNamespace

        from axis.directory.values import Level

        return SimpleNamespace(level=Level(self._levels[office_id]))


def test_levels_and_takers_decide_who_sends_what_to_whom() -> None:
    directory: Directory = _Offices(xa="commune", tinh="provincial", bo="central")  # type: ignore[assignment]
    entries = dict(shipped().entries())
    rules = TASK["type.toml"].replace(b"[receive]", b'[receive]\nlevels = ["commune"]')
    entries["task", "2"] = Entry(
        State.ACTIVE, {**TASK, "type.toml": rules.replace(b'version = "1"', b'version = "2"')}
    )
    takes = {
        (OFFICE, "tinh"): frozenset({"task/1"}),
        (SYSTEM, "s"): frozenset({"task/1", "task/2"}),
    }
    book = Book(entries, takes)
    found = read_payload(book.type_of("task", "1"), task("A", "assign", sender="x", to="y"))

    def code(message: Message, sender: str, office: str, system: str | None) -> str | None:
        receivers = [("y", office, system)]
        try:
            hold_to_type(
                book, message, sender, receivers, directory=directory, at=datetime.now(UTC)
            )
        except AxisError as error:
            return error.code
        return None

    kept = {
        one.kind: one.name for one in classes(RetentionSettings(), book.keeps()) if one.accepted
    }
    assert kept == {
        "document": "documents",
        "status": "statuses",
        **dict.fromkeys(("dossier", "report", "task"), "documents"),
    }
    assert code(found, "bo", "tinh", None) is None
    assert code(found, "bo", "xa", "s") is None
    assert code(found, "bo", "xa", None) == "type.not-accepted"
    assert code(found, "xa", "tinh", None) == "type.sender-level"
    assert code(replace(found, step="progress"), "xa", "tinh", None) is None
    assert code(replace(found, version="2"), "bo", "tinh", "s") == "type.receiver-level"
    assert book.accepts("tinh", None) == ["document/1.0", "status/1.0", "task/1"]


def test_documents_have_their_values_by_the_words_of_all_types() -> None:
    found: Callable[..., Message] = lambda payload: read_payload(  # noqa: E731
        shipped().type_of("report", "1"), payload
    )
    one = found(report("request", sender=G22, to=(H41, H14, H41), due="2026-03-05T18:30:00Z"))
    assert one.addresses == (H41, H14)
    assert (str(one.due_on), one.does, one.is_change) == ("2026-03-06", "type=report", False)
    day = read_payload(
        shipped().type_of("task", "1"), task("A", "assign", sender=G22, to=H41, due="2026-03-20")
    )
    assert day.due_at == datetime(2026, 3, 20, 10, tzinfo=UTC)  # 17:00 in Vietnam


def test_examining_processes_know_the_types_of_now() -> None:
    body = framed(dossier("A", 1), "dossier/1")
    with Pool(workers=1, limits=DEFAULT) as pool:
        (refusal,) = pool.submit_many([body], Book())
        assert isinstance(refusal, Refusal)
        assert refusal.code == "type.unknown"
        before = pool.pids()
        (found, document_too) = pool.submit_many([body, package(document())], shipped())
        assert isinstance(found, Inspection)
        assert isinstance(document_too, Inspection)
        assert (found.envelope.type, found.envelope.sign) == ("dossier", "A")
        assert isinstance(found.signature, AxisError)  # nobody has signed it
        assert found.weak is None
        assert pool.pids() != before
