"""A collector: asks offices for a report, assigns a task, and writes what comes back as CSV."""

from __future__ import annotations

import argparse
import csv
import sys

from lxml import etree
from office import Office, element, opened

from axis.envelope.values import Message

REPORT = "urn:axis:type:report:1"
TASK = "urn:axis:type:task:1"


def ask(office: Office, arguments: argparse.Namespace) -> str:
    """Ask offices for the report of a period."""
    return office.send(
        "".join(
            (
                f'<Report xmlns="{REPORT}">',
                element("Sender", office.code),
                *(element("Recipient", one) for one in arguments.to),
                element("Step", "request"),
                element("Template", arguments.template),
                element("Period", arguments.period),
                element("Revision", 1),
                element("Title", arguments.title),
                element("DueAt", f"{arguments.due}T17:00:00+07:00"),
                "</Report>",
            )
        ),
        "report/1",
    )


def assign(office: Office, arguments: argparse.Namespace) -> str:
    """Assign a task to offices."""
    return office.send(
        "".join(
            (
                f'<Task xmlns="{TASK}">',
                element("Sender", office.code),
                *(element("Recipient", one) for one in arguments.to),
                element("Code", arguments.code),
                element("Revision", 1),
                element("Step", "assign"),
                element("Title", arguments.title),
                element("DueAt", arguments.due),
                "</Task>",
            )
        ),
        "task/1",
    )


def collect(office: Office) -> None:
    """Take what came; each table of a report becomes a CSV file."""
    for _, received in office.take():
        message = received.envelope
        print(f"{message.type} {message.sign or ''} from {message.sender.organ_id}")
        if isinstance(message, Message) and message.type == "report":
            root = etree.fromstring(received.body)
            for table in root.iter(f"{{{REPORT}}}Table"):
                write(office, message, table)


def write(office: Office, message: Message, table: etree._Element) -> None:
    """Write a table; a correction takes the place of what it corrects."""
    facts = dict(message.facts)
    name = f"{facts['template']}_{facts['period']}_{message.sender.organ_id}_{table.get('name')}"
    with (office.folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(column.text for column in table.iter(f"{{{REPORT}}}Column"))
        for row in table.iter(f"{{{REPORT}}}Row"):
            rows.writerow(cell.text or "" for cell in row)


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Read the call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, title in (("ask", "Báo cáo kết quả giải quyết hồ sơ"), ("assign", "Nhiệm vụ giao")):
        one = verbs.add_parser(verb)
        one.add_argument("--to", action="append", required=True)
        one.add_argument("--due", required=True, metavar="YYYY-MM-DD")
        one.add_argument("--title", default=title)
        if verb == "ask":
            one.add_argument("--template", default="TTHC-01")
            one.add_argument("--period", required=True)
        else:
            one.add_argument("--code", required=True)
    verbs.add_parser("collect")
    return parser.parse_args(words)


if __name__ == "__main__":
    given = arguments_of(sys.argv[1:])
    with opened(given.settings) as ours:
        if given.verb == "collect":
            collect(ours)
        else:
            answer = {"ask": ask, "assign": assign}[given.verb](ours, given)
            print(f"{given.verb}: {answer}")
            sys.exit(0 if answer == "accepted" else 1)
