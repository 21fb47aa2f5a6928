"""What all commands have in common: forms of rows, and what cannot be taken back."""

from __future__ import annotations

import inspect

from axis.commands.asking import IRREVOCABLE
from axis.people.duties import DUTIES
from house.house import commands

ALL = dict(commands())

#: Shows several tables at once.
SEVERAL_TABLES = {"office rehearse"}

#: What changes something, and how it is taken back; all else has --yes.
TAKEN_BACK = {
    "send": "the document is recalled by another",
    "fetch": "it stays in the inbox until it is confirmed",
    "confirm": "a document that was confirmed can be asked for again",
    "hold": "hold --lift",
    "alert ack": "the next alarm of the kind is told again",
    "alert silence": "alert silence --end",
    "alert end": "it comes back where its cause does",
    "alert test": "it is a test",
    "office import": "office revoke",
    "office merge": "office revoke",
    "office split": "office revoke",
    "office rename": "office revoke",
    "office recode": "office revoke",
    "office move": "office revoke",
    "office close": "office revoke",
    "office apply": "office revoke",
    "office revoke": "the change is recorded again",
    "office rule": "office revoke",
    "office suspend": "office resume",
    "office resume": "office suspend",
    "office contact": "office contact",
    "group set": "group set",
    "type add": "it is carried only once it is activated",
    "type activate": "type retire",
    "type retire": "type activate",
    "type accept": "type decline",
    "type decline": "type accept",
    "system add": "system set",
    "system assign": "system assign",
    "system set": "system set",
    "policy signing": "policy signing",
    "cert register": "cert revoke",
    "system webhook set": "system webhook remove",
    "system webhook replay": "a system knows twice told notices by their ids",
    "system token new": "system token revoke",
    "system secret new": "system secret revoke",
    "system certificate bind": "system certificate release",
    "system certificate release": "system certificate bind",
    "enrollment new": "enrollment reject",
    "enrollment approve": "cert revoke",
    "peer add": "system set",
    "console account add": "console account remove",
    "admin add": "admin remove",
    "admin role": "admin role",
}


def _options(words: str) -> set[str]:
    return {option for parameter in ALL[words].params for option in parameter.opts}


def test_a_command_that_lists_rows_gives_them_as_table_json_and_csv():
    lacking = []
    for words, command in ALL.items():
        assert command.callback is not None
        if "show_rows(" in inspect.getsource(inspect.unwrap(command.callback)):
            missing = {"--json", "--csv", "--table", "--no-pager"} - _options(words)
            if missing and words not in SEVERAL_TABLES:
                lacking.append((words, missing))
    assert lacking == []


def test_what_changes_something_can_be_taken_back_or_takes_yes():
    lacking = [w for w in DUTIES if w not in TAKEN_BACK and "--yes" not in _options(w)]
    assert lacking == []
    assert [words for words in TAKEN_BACK if words not in DUTIES] == []


def test_what_asks_first_is_a_command_and_says_what_it_would_do():
    for words, says in IRREVOCABLE.items():
        names = {parameter.name: "x" for parameter in ALL[words].params}
        assert says.format_map(names).count("x") >= 1, words
