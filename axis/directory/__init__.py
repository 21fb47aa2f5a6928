"""To whom: offices, their codes, names, parents and systems, each with the time when it holds.

Offices live in time. A fact (this office has this code from then until then) is written once; it is
corrected by a newer fact, never edited. Everything here is pure: it takes facts and instants and
gives answers; ``axis.store`` reads and writes the facts.

An organ id on an envelope is an opaque key: whatever text the directory knows as a code. Its form
(QCVN 102:2016 §2.1, QĐ 20/2020/QĐ-TTg) gives warnings only.
"""
