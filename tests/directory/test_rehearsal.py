"""A plan tried on a copy: lost codes, other systems, redirected documents, ending certificates."""

from __future__ import annotations

from datetime import timedelta

from axis.directory.change import Change
from axis.directory.rehearsal import CertificateHeld, Undelivered, rehearse
from axis.directory.succession import plan_file
from axis.directory.values import ALWAYS, FOREVER, ActingFact, SystemFact

PLAN = """\
kind,from,to,effective,legal_basis,system
merge,H62,H44,2025-07-01,NQ 202/2025/QH15,
merge,H44.1 H62.1,H44.9=Phường Việt Trì,2025-07-01,NQ 1676,phutho
close,G22,,2025-07-01,NQ 1,
"""


def test_a_rehearsal_answers_what_an_administrator_fears(country, before, reform, after):
    key = {code: country.find(code, before).office_id for code in ("G22", "H44", "H62", "H62.1")}
    systems = {"G22": "vpcp", "H44": "phutho", "H62": "vinhphuc", "H62.1": "vinhphuc"}
    facts = [SystemFact(s, s, "poll", "active", True) for s in ("vpcp", "phutho", "vinhphuc")]
    facts += [ActingFact(key[code], s, ALWAYS, FOREVER) for code, s in systems.items()]
    directory = country.advance(Change(added=tuple(facts)), 2)
    plan = plan_file(directory, PLAN.encode(), source="plan.csv")

    found = rehearse(
        directory,
        plan.draft,
        on=after,
        grace=timedelta(days=90),
        undelivered=[
            Undelivered(delivery_id="1", address="H62", office_id=key["H62"]),
            Undelivered(delivery_id="2", address="H44", office_id=key["H44"]),
            Undelivered(delivery_id="3", address="G22", office_id=key["G22"]),
            Undelivered(delivery_id="4", address="H99", office_id="gone"),
        ],
        certificates=[
            CertificateHeld(certificate="aa", office_id=key["H62"]),
            CertificateHeld(certificate="bb", office_id=key["H44"]),
        ],
    )

    lost = {item.code: item.served_by for item in found.lost_codes}
    assert lost["H62"] == lost["000.00.00.H62"] == lost["26"] == "H44"
    assert lost["H62.1"] == lost["H44.1"] == "H44.9"
    assert lost["G22"] is None
    assert {(r.code, r.before, r.after) for r in found.rehomed} == {
        ("H62", "vinhphuc", None),
        ("H62.1", "vinhphuc", None),
        ("H44.9", None, "phutho"),
        ("G22", "vpcp", None),
    }
    assert found.idle_systems == ("vinhphuc", "vpcp")
    assert [(r.delivery_id, r.outcome, r.to) for r in found.redirections] == [
        ("1", "redirected", "H44"),
        ("3", "held", None),
        ("4", "unknown", None),
    ]
    (expiring,) = found.expiring
    assert (expiring.certificate, expiring.code, expiring.until) == (
        "aa",
        "H62",
        reform + timedelta(days=90),
    )


def test_a_rehearsal_leaves_the_directory_as_it_was(country, after):
    plan_file(country, PLAN.replace("phutho", "").encode(), source="plan.csv")
    assert country.resolve("H62", after).code == "H62"
