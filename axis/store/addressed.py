"""Which deliveries a status or a change may be about: those of the documents that it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa

from axis.delivery.states import State
from axis.delivery.statuses import Addressed
from axis.store.arrays import is_postgresql
from axis.store.tables.delivery import DELIVERY, PACKAGE

#: Field of :class:`Addressed` → column.
_ADDRESSED_AS: Final = {
    "document_id": PACKAGE.c.document_id,
    "sender_office": PACKAGE.c.sender_office,
    "business_type": PACKAGE.c.business_type,
    "type": PACKAGE.c.kind,
    "delivery_id": DELIVERY.c.id,
    "package_id": DELIVERY.c.package_id,
    "office_id": DELIVERY.c.office_id,
    "address": DELIVERY.c.address,
    "state": DELIVERY.c.state,
    "status_code": DELIVERY.c.status_code,
    "redirect_of": DELIVERY.c.redirect_of,
}
_ADDRESSED_IN: Final = (
    sa.select(*_ADDRESSED_AS.values())
    .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
    .where(
        PACKAGE.c.document_id.in_(sa.bindparam("ids", expanding=True)),
        PACKAGE.c.kind.in_(sa.bindparam("papers", expanding=True)),
        PACKAGE.c.accepted,
    )
    .order_by(PACKAGE.c.decided_at, PACKAGE.c.id, DELIVERY.c.position)
)
_ADDRESSED: Final = f"""
select {", ".join(str(column) for column in _ADDRESSED_AS.values())}
from delivery join package on package.id = delivery.package_id
where package.document_id = any(%b::text[]) and package.kind = any(%b::text[]) and package.accepted
order by package.decided_at, package.id, delivery.position
"""  # noqa: S608  constants only


def addressed_under(
    connection: sa.Connection, document_ids: Collection[str], *, papers: Collection[str]
) -> Mapping[str, list[Addressed]]:
    """Return the deliveries of accepted packages with these DocumentIds, oldest first.

    Args:
        connection: to the records.
        document_ids: what the packages are called.
        papers: the types of which there are statuses and changes.
    """
    if is_postgresql(connection):
        rows = connection.exec_driver_sql(_ADDRESSED, (list(document_ids), list(papers))).fetchall()
    else:
        query = _ADDRESSED_IN.params(ids=list(document_ids), papers=list(papers))
        rows = connection.execute(query).fetchall()
    found: dict[str, list[Addressed]] = {}
    for row in rows:
        values = dict(zip(_ADDRESSED_AS, row, strict=True))
        values["business_type"] = values["business_type"] or 0
        values["state"] = State(values["state"])
        found.setdefault(values["document_id"], []).append(Addressed(**values))
    return found
