"""Offices as the CSV file that an import reads: what was exported can be imported elsewhere."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from axis.directory.office_rows import OPTIONAL, REQUIRED
from axis.directory.records import in_force, office_at
from axis.directory.snapshot import Directory
from axis.directory.values import State, micros, moment


def export_offices(directory: Directory, at: datetime) -> bytes:
    """Return the offices that work at ``at``, one a line, in UTF-8."""
    t = micros(at)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*REQUIRED, *OPTIONAL], lineterminator="\n")
    writer.writeheader()
    for record in directory.records():
        office = office_at(record, t)
        if office.state in (State.CLOSED, State.PLANNED):
            continue
        codes = [fact for fact in record.codes if fact.start <= t < fact.end]
        first = next(fact for fact in codes if fact.code == office.code)
        parent = directory.office(office.parent_id, at) if office.parent_id else None
        start = moment(first.start)
        contact = in_force(record.contacts, t)
        writer.writerow(
            {
                "code": office.code,
                "name": office.name,
                "level": office.level,
                "parent_code": parent.code if parent else "",
                "kind": office.kind,
                "scheme": first.scheme,
                "other_codes": " ".join(f"{f.scheme}:{f.code}" for f in codes if f is not first),
                "state": office.state,
                "valid_from": start.isoformat() if start else "",
                "valid_to": "",
                "email": contact.email if contact else "",
                "phone": contact.phone if contact else "",
                "address": contact.address if contact else "",
            }
        )
    return text.getvalue().encode()
