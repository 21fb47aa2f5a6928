"""The ASGI application of the VXP door: verify the signature, then find the operation."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.gateway.errors import MethodError, NoSuchPathError
from adapters.gateway.limits import Limits
from adapters.gateway.refusals import as_refusal, headers_of, status_of
from adapters.rest.answer import Answer
from adapters.vxp import offices, receiving, sending
from adapters.vxp.answers import refused
from adapters.vxp.behind import Behind
from adapters.vxp.codes import said_of
from adapters.vxp.installed import Installed
from adapters.vxp.kinds import TYPES
from adapters.vxp.request import Request
from axis.errors import AxisError, Fault
from axis.gateway import Installation

log = logging.getLogger(__name__)

Operation = Callable[[Request], Awaitable[Answer]]

#: The client executes as POST what it declares as GET; both are taken.
_EITHER: Final = frozenset({"GET", "POST"})
_POST: Final = frozenset({"POST"})

#: What is read of a body that the operation does not need.
_IGNORED_MOST: Final = 64 * 1024


class VxpApp:
    """The VXP door of one process, before an axis or an agent."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        sender = sending.Sending(behind.bounds.at_once)
        self._operations: Mapping[str, tuple[Operation, frozenset[str]]] = {
            "sendEdoc": (sender.send, _POST),
            "getSentEdocList": (sending.sent, _EITHER),
            "getReceivedEdocList": (receiving.received, _EITHER),
            "getEdoc": (receiving.get, _EITHER),
            "downloadEdoc": (receiving.download, _EITHER),
            "updateStatus": (receiving.update, _POST),
            "countReceiveEdoc": (receiving.counting(TYPES["edoc"]), _EITHER),
            "countReceiveStatus": (receiving.counting(TYPES["status"]), _EITHER),
            "getAgenciesList": (offices.agencies, _EITHER),
            "getAgenciesListQD20": (offices.agencies_qd20, _EITHER),
            "getSynchronizeUnit": (offices.synchronize, _EITHER),
            "registerAgency": (offices.register, _POST),
            "deleteAgency": (offices.delete, _POST),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].rpartition("/")[2]
        if name != "downloadEdoc":  # the others give no part of an answer
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"range"]}
        try:
            answer = await self._answer(scope, receive, name)
        except AxisError as error:
            answer = self._refusal(name, error)
        except Exception as error:
            # The boundary: the operator gets the trace, the client a number that it knows.
            log.exception("a request failed", extra={"operation": name[:32]})
            answer = self._refusal(name, error)
        patience = self._behind.bounds.body_s
        await answer.send(send, patience_s=patience, with_body=scope["method"] != "HEAD")

    async def _answer(self, scope: Scope, receive: Receive, name: str) -> Answer:
        request = Request(scope, receive, self._behind, await self._behind.identify(scope))
        found = self._operations.get(name)
        if found is None:
            raise NoSuchPathError
        operation, methods = found
        if scope["method"] not in methods:
            raise MethodError(expected=", ".join(sorted(methods)), got=scope["method"][:20])
        if name not in ("sendEdoc", "registerAgency"):
            await request.body(limit=_IGNORED_MOST)
        return await operation(request)

    def _refusal(self, name: str, error: Exception) -> Answer:
        refusal = as_refusal(error)
        if refusal.fault is Fault.AXIS:
            log.error("refused", extra={"code": refusal.code, "operation": name[:32]})
        said = said_of(refusal)
        answer = refused(said, DocId="") if name == "sendEdoc" else refused(said)
        if name == "downloadEdoc" or refusal.code in ("http.not-found", "http.method"):
            # Its client writes whatever comes into the file, unless the status says otherwise.
            more = {key: value for key, value in headers_of(refusal) if key != "content-type"}
            answer.status, answer.headers = status_of(refusal), answer.headers | more
        return answer


def make_app(installation: Installation, limits: Limits) -> ASGIApp:
    """Return the VXP door of an axis."""
    return VxpApp(Installed(installation, limits))
