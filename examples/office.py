"""What the example systems share: who they are, and how they send a payload and take what comes."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from adapters.client import Client, ProblemError, Trust
from adapters.client.values import Delivery, Received
from axis.trust.certificates import read_one
from axis.trust.keys import load_key
from axis.trust.sign import Signer, sign, signer_of
from axis.types.compose import File, frame_around

#: How long a program waits for more before it ends.
IDLE_S = 1.0


@dataclass(frozen=True)
class Office:
    """An office's system at an axis."""

    code: str
    client: Client
    signer: Signer
    folder: Path

    def send(self, payload: str, type_id: str, files: Sequence[File] = ()) -> str:
        """Send a payload; return ``accepted``, or the code of the refusal.

        The same content again is no news: the axis answers that it has it.
        """
        name, _, version = type_id.partition("/")
        package = frame_around(payload.encode(), name, version, files)
        return self.send_package(sign(package, self.signer))

    def send_package(self, package: bytes) -> str:
        """Send a signed package; return ``accepted``, or the code of the refusal."""
        try:
            self.client.submit(package)
        except ProblemError as refusal:
            if refusal.code == "order.revision-known":
                return "accepted"
            print(f"  {refusal.code}: {refusal.problem.title}", file=sys.stderr)
            return refusal.code
        return "accepted"

    def take(self) -> Iterator[tuple[Delivery, Received]]:
        """Yield what waits, verified; who has kept it confirms it, and it does not come again."""
        for delivery in self.client.mailbox(wait_s=IDLE_S, forever=False):
            yield delivery, self.client.fetch(delivery)
            self.client.confirm(delivery)


@contextmanager
def opened(settings_file: str) -> Iterator[Office]:
    """Open the office of a settings file; paths in it are beside the file."""
    place = Path(settings_file)
    settings = tomllib.loads(place.read_text(encoding="utf-8"))
    beside = place.parent

    def path(name: str) -> Path:
        return beside / str(settings[name])

    certificate = read_one(path("certificate").read_bytes(), source=settings["certificate"])
    signer = signer_of(load_key(path("key")), certificate)
    folder = path("folder")
    folder.mkdir(parents=True, exist_ok=True)
    with Client(
        settings["url"],
        token=path("token_file").read_text(encoding="ascii").strip(),
        trust=Trust(anchors=path("anchors"), offices=[settings["code"]]),
        signer=signer,
    ) as client:
        yield Office(settings["code"], client, signer, folder)


def element(name: str, value: object, **attributes: str) -> str:
    """Return an element; nothing where there is no value."""
    if value is None:
        return ""
    written = "".join(f' {key}="{escape(text)}"' for key, text in attributes.items())
    return f"<{name}{written}>{escape(str(value))}</{name}>"
