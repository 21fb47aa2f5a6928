"""The synchronous client."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack
from uuid import UUID

import httpx
import stamina

from adapters.client import flows, ledger
from adapters.client.exchange import (
    MOST_BYTES,
    PIECE,
    Answer,
    BusyError,
    Done,
    Flow,
    Request,
    demand,
    given_up,
    may_help,
    step,
)
from adapters.client.files import id_of, part_file, path_of, pieces_of, reporter_of
from adapters.client.flows import OfficePage
from adapters.client.measuring import measure
from adapters.client.setup import Setup, Words, retries, setup_of
from adapters.client.statuses import status_package
from adapters.client.values import (
    Bounds,
    Delivery,
    Mailbox,
    Receipt,
    Received,
    Stepped,
    Submission,
)
from axis.envelope.values import StatusCode, StatusEnvelope
from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint

T = TypeVar("T")


class Client:
    """An office's system at an axis; use it in a ``with`` block, from one thread."""

    def __init__(self, url: str, **words: Unpack[Words]) -> None:
        """Set up; nothing is sent yet.

        Args:
            url: of the axis, such as ``https://truc.example.vn``.
            **words: see :class:`adapters.client.setup.Words`.

        Raises:
            PlainHttpError: a token would be sent in the open.
            VerifierKeyError: the log's key is none.
        """
        self.setup: Setup = setup_of(url, words)
        self._http = httpx.Client(**self.setup.options())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # --- sending ---

    def submit(
        self,
        package: Path | bytes,
        *,
        parts: Collection[Path] = (),
        key: str | None = None,
        wait_s: float = 60.0,
    ) -> Submission:
        """Send a signed package and return its verdict; the same bytes again are no news.

        Args:
            package: its file, which is streamed, or its bytes.
            parts: files of attachments that travel apart; they are brought first, resumed where
                the line breaks.
            key: names this submission, for who signs anew after a lost answer.
            wait_s: how long to wait for the verdict; after that ``state`` is ``waiting``.

        Raises:
            ProblemError: the axis refused it.
            UnreachableError: the axis does not answer; send the same again later.
        """
        for part in parts:
            self.bring(part)
        return self.run(flows.submit(measure(package), key=key, wait_s=wait_s))

    def bring(self, part: Path) -> str:
        """Bring an attachment that travels apart, and return its SHA-256.

        Raises:
            ProblemError, UnreachableError: it did not get through; what did is not sent again.
        """
        return self.run(flows.bring(measure(part), self.setup.memory))

    def verdict(self, package_id: UUID, sha256: str | None = None) -> Submission:
        """Return how far a package is.

        Raises:
            ProblemError: the axis does not know it.
        """
        return self.run(flows.verdict(package_id, sha256))

    def sent(self, *, open_only: bool = False) -> Iterator[Submission]:
        """Yield what was sent, newest first; ``open_only``: what somebody has still to take."""
        cursor: str | None = None
        while True:
            page = self.run(flows.sent(cursor, limit=100, open_only=open_only))
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def report(
        self,
        received: Received,
        code: StatusCode | str,
        *,
        description: str | None = None,
        now: datetime | None = None,
    ) -> Submission:
        """Send a status about a document or message that was received, signed with our key.

        Raises:
            NoSignerError: there is no key.
            ProblemError: the axis refused it.
        """
        about = received.envelope
        if isinstance(about, StatusEnvelope):
            raise TypeError("a status is about a document, not about a status")
        package = status_package(
            about,
            code,
            reporter=reporter_of(received),
            signer=self.setup.demand_signer(),
            now=now or datetime.now(UTC),
            description=description,
        )
        return self.submit(package)

    # --- receiving ---

    def waiting(self, *, limit: int = 100) -> Mailbox:
        """Return what waits now: urgent first, then oldest."""
        return self.run(flows.mailbox(None, wait_s=0, limit=limit))

    def mailbox(self, *, wait_s: float = 60.0, forever: bool = True) -> Iterator[Delivery]:
        """Yield what waits and then what comes, as it comes.

        Args:
            wait_s: how long one call is held back by the axis where nothing is there.
            forever: go on; else end when nothing came for ``wait_s``. What is not confirmed is
                yielded again after some minutes.
        """
        cursor: str | None = None
        while True:
            page = self.run(flows.mailbox(cursor, wait_s=wait_s, limit=100))
            yield from page.items
            cursor = page.cursor
            if not page.items and not forever:
                return

    def fetch(self, delivery: Delivery, *, folder: Path | None = None) -> Received:
        """Fetch a package and return it verified: digest, signature, certificate, addressee.

        Args:
            delivery: as the mailbox gave it.
            folder: where attachments that come apart are put, under their digests; without it they
                are left where they are.

        Raises:
            NotAddressedError: its sender did not address this office.
            AxisError: it is not to be believed; with the fault OUTAGE this cannot be told now.
        """
        with tempfile.TemporaryFile() as file:
            setup = self.setup
            flow = flows.fetch(delivery, file, setup.trust, setup.log_key, setup.memory)
            received = self.run(flow)
        if folder is None:
            return received
        found = {}
        for signed in received.signature.apart:
            path = folder / signed.digest.hex()
            if not path.exists():
                with part_file(path) as part:
                    self.run(flows.fetch_part(delivery.delivery_id, signed, part))
            found[signed.content_id] = path
        return replace(received, parts=found)

    def confirm(self, delivery: Delivery | UUID) -> None:
        """Say that we keep it; the axis has done its part then. Again is no news."""
        self.run(flows.confirm(id_of(delivery)))

    def confirm_all(self, deliveries: Collection[Delivery | UUID]) -> Sequence[Stepped]:
        """Say so of up to 500 at once; each one's ``refusal`` is None where it was taken."""
        return self.run(flows.confirm_all([id_of(one) for one in deliveries]))

    def refuse(self, delivery: Delivery | UUID, why: str) -> None:
        """Say that our system cannot take it; what a clerk refuses is status 02 instead."""
        self.run(flows.refuse(id_of(delivery), why))

    # --- the ledger ---

    def receipts(
        self, of: Submission | Delivery | Received, *, body: bytes | None = None
    ) -> Sequence[Receipt]:
        """Return verified receipts of what was sent or received.

        Each stands in the one log that grew from the last checkpoint that we saw.

        Args:
            of: a package that we sent, or a delivery to us.
            body: the bytes that they must be about; known already of what was received.

        Raises:
            NoLogKeyError: no ``log_key`` was given.
            NotYetSignedError: a step has no proof yet; ask again in a moment.
            AxisError: a receipt is not valid, or the log was changed.
        """
        path, known = path_of(of)
        return self.run(
            ledger.receipts(path, self.setup.log_key, self.setup.memory, body=body or known)
        )

    def checkpoint(self) -> Checkpoint:
        """Take the newest checkpoint of the log, where it only grew, and keep it.

        Raises:
            NoLogKeyError: no ``log_key`` was given.
            AxisError: the log was changed; the error's notes hold both checkpoints.
        """
        return self.run(ledger.follow(self.setup.log_key, self.setup.memory))

    # --- the directory ---

    def me(self) -> Bounds:
        """Return who we are to the axis."""
        return self.run(flows.me())

    def search(
        self, words: str, *, limit: int = 20, closed: bool = False
    ) -> Sequence[dict[str, Any]]:
        """Return offices by words without diacritics, or any code."""
        return self.run(flows.search(words, limit=limit, closed=closed))

    def office(self, code: str, *, at: str | None = None) -> dict[str, Any]:
        """Return the office of a code at a day (``2025-06-30``), and who is served for it now."""
        return self.run(flows.office(code, at=at))

    def offices(self, since: int = 0) -> Iterator[OfficePage]:
        """Yield pages of all offices, or of those that changed since a version; keep the last."""
        after: str | None = None
        while True:
            page = self.run(flows.offices(since, after, limit=1000))
            yield page
            after = page.next
            if after is None:
                return

    # --- carrying ---

    def run(self, flow: Flow[T]) -> T:
        """Carry a flow's requests, and return what it returns."""
        asked = step(flow)
        while not isinstance(asked, Done):
            try:
                answer = self._carry(asked)
            except AxisError as error:
                asked = step(flow, error)
            else:
                asked = step(flow, answer)
        return asked.value

    def _carry(self, request: Request) -> Answer:
        try:
            for attempt in stamina.retry_context(**retries(self.setup, may_help(request))):
                with attempt:
                    return demand(request, self._attempt(request))
        except (BusyError, httpx.TransportError) as error:
            raise given_up(self.setup.url, error) from error
        raise AssertionError("unreachable")

    def _attempt(self, request: Request) -> Answer:
        content, source = request.content(), request.source
        built = self._http.build_request(
            request.method,
            request.path,
            params=dict(request.query),
            headers=request.all_headers(),
            content=content if source is None or content is not None else pieces_of(source),
            timeout=self.setup.timeout(request.wait_s),
        )
        response = self._http.send(built, stream=True)
        try:
            gathered = bytearray()
            sink = request.sink if response.status_code in (200, 206) else None
            if sink is not None:
                sink.begin(response)
            for piece in response.iter_raw(PIECE):
                if sink is not None:
                    sink.write(piece)
                elif len(gathered) < MOST_BYTES:
                    gathered += piece
        finally:
            response.close()
        return Answer(
            status=response.status_code,
            headers=response.headers,
            content=bytes(gathered),
            call=request.call,
        )
