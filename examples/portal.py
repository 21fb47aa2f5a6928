"""The national portal: takes dossiers, keeps the newest state of each, says that it took them in.

Each dossier is a JSON file in ``dossiers/``. A revision that is there already changes nothing, so
whatever comes twice is no news.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from office import Office, opened

from adapters.client.values import Received
from axis.envelope.values import Message


def keep(office: Office, received: Received) -> bool:
    """Keep a dossier; return whether anything was new."""
    message = received.envelope
    if not isinstance(message, Message) or message.type != "dossier":
        return False
    folder = office.folder / "dossiers"
    folder.mkdir(exist_ok=True)
    path = folder / f"{(message.order_key or '').replace('/', '-')}.json"
    known: dict[str, Any] = {"revision": 0, "steps": []}
    if path.exists():
        known = json.loads(path.read_text())
    if (message.revision or 0) <= known["revision"]:
        return False
    known |= {"number": message.order_key, "title": message.title, "revision": message.revision}
    known["state"] = dict(message.facts).get("state")
    known["steps"].append(message.step)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(path)
    return True


if __name__ == "__main__":
    with opened(sys.argv[1]) as ours:
        for _, came in ours.take():
            if keep(ours, came):
                ours.client.report(came, "03", description="Đã đồng bộ lên Cổng")
                print(f"{came.envelope.named}")
