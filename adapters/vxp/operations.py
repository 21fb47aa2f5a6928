"""The names of the operations, as clients put them into the path."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = (
    "sendEdoc",
    "getSentEdocList",
    "getReceivedEdocList",
    "getEdoc",
    "downloadEdoc",
    "updateStatus",
    "countReceiveEdoc",
    "countReceiveStatus",
    "getAgenciesList",
    "getAgenciesListQD20",
    "getSynchronizeUnit",
    "registerAgency",
    "deleteAgency",
)
