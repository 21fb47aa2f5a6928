"""The operations of senders, as the API describes them."""

from __future__ import annotations

from typing import Final

from adapters.rest.operation import BYTES, EDXML, XML, Content, Operation, Parameter, flag, integer
from adapters.rest.sending import Submitting, body, sent, show
from adapters.rest.shapes import Package, PackageList, Problem
from axis.access.values import Scope

_ID: Final = {"package_id": "5d0c4f5e-0f0a-5d0e-9a44-1c7d0b5e2f10"}
_EXAMPLE: Final = {
    "package_id": _ID["package_id"],
    "state": "accepted",
    "sha256": "9f2c" + "0" * 60,
    "size_bytes": 31044,
    "links": {"self": f"/v1/packages/{_ID['package_id']}"},
    "received_at": "2026-03-02T01:00:00.120Z",
    "decided_at": "2026-03-02T01:00:00.190Z",
    "kind": "document",
    "document_id": "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
    "sign": "7816/VPCP-TTĐT",
    "recipient_count": 1,
    "recipient_states": {"routed": 1},
}


def operations(submitting: Submitting) -> tuple[Operation, ...]:
    """Return the operations of senders."""
    return (
        Operation(
            method="POST",
            path="/packages",
            name="submitPackage",
            group="Sending",
            summary="Submit a signed package",
            description=(
                "The body is the exact bytes that were signed, never compressed. The same bytes "
                "again are the same package, with the same answer."
            ),
            handler=submitting.submit,
            scope=Scope.SEND,
            headers=(
                Parameter(
                    name="Content-Digest",
                    meaning="SHA-256 or SHA-512 of the body, which the axis compares (RFC 9530)",
                ),
                Parameter(
                    name="Idempotency-Key",
                    meaning="Protects who signs anew after a lost answer from sending twice",
                ),
                Parameter(
                    name="Axis-Relayed",
                    meaning="Of another axis that sends a package on: its log and its entry",
                ),
                Parameter(
                    name="Prefer",
                    meaning="`wait=20` or `respond-async`: how long to wait for the verdict",
                ),
            ),
            body=Content(meaning="The package", media=(EDXML, XML, BYTES)),
            answers={
                201: Content(
                    meaning="Accepted",
                    shape=Package,
                    example=_EXAMPLE,
                    headers={"Location": "where the package is followed"},
                ),
                202: Content(
                    meaning="Taken, not yet judged",
                    shape=Package,
                    example={**_EXAMPLE, "state": "waiting"},
                    headers={"Location": "where the verdict is asked for"},
                ),
                422: Content(
                    meaning="Refused: these bytes can never pass",
                    shape=Problem,
                    media=("application/problem+json",),
                ),
            },
        ),
        Operation(
            method="GET",
            path="/packages",
            name="listSent",
            group="Sending",
            summary="List what was sent, the newest first, with the state of each recipient",
            handler=sent,
            scope=Scope.SEND,
            query=(
                integer("limit", "Packages on a page", least=1, most=500, default=100),
                Parameter(name="cursor", meaning="`cursor` of the page before"),
                flag("open", "Only packages that somebody has still to take"),
            ),
            answers={200: Content(meaning="A page", shape=PackageList)},
        ),
        Operation(
            method="GET",
            path="/packages/{package_id}",
            name="showPackage",
            group="Sending",
            summary="Show the verdict on a package and how far each recipient is",
            handler=show,
            scope=Scope.SEND,
            path_examples=_ID,
            query=(
                Parameter(
                    name="sha256",
                    meaning="SHA-256 of the bytes, as in Location: knows packages not yet judged",
                ),
                integer("wait", "Seconds to wait for the verdict", most=3600, default=0),
            ),
            answers={200: Content(meaning="The package", shape=Package, example=_EXAMPLE)},
        ),
        Operation(
            method="GET",
            path="/packages/{package_id}/body",
            name="showSentBody",
            group="Sending",
            summary="Give back the bytes that were sent",
            handler=body,
            scope=Scope.SEND,
            path_examples=_ID,
            answers=BODY_ANSWERS,
        ),
    )


BODY_ANSWERS: Final = {
    200: Content(
        meaning="The exact bytes",
        media=(EDXML,),
        headers={
            "ETag": "the SHA-256 of the bytes",
            "Content-Digest": "the same, as RFC 9530 writes it",
        },
    ),
    206: Content(
        meaning="A range of them",
        media=(EDXML,),
        headers={"Content-Range": "which", "Repr-Digest": "the SHA-256 of the whole"},
    ),
    304: Content(meaning="The caller has them already", media=()),
    416: Content(meaning="There is no such range", media=()),
}
