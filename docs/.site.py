"""What the site needs beyond Markdown: the pages outside docs/, and the list of decisions."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, normpath, relpath
from typing import Any

from mkdocs.structure.files import File, Files

CHECKOUT = Path(__file__).parent.parent
#: Page of the checkout → where it is on the site.
OUTSIDE = {
    "README.md": "project/readme.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "certs/README.md": "project/certificates.md",
}
HOME = '<meta http-equiv="refresh" content="0; url=project/readme.html">\n'


def on_config(config: Any) -> Any:
    """Put every decision into the navigation."""
    decisions = sorted((CHECKOUT / "docs" / "adr").glob("[0-9]*.md"))
    config.nav.append({"Quyết định · Decisions": [f"adr/{path.name}" for path in decisions]})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that stand outside docs/, and a door."""
    for source, place in OUTSIDE.items():
        text = (CHECKOUT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, place, content=text))
    files.append(File.generated(config, "index.html", content=HOME))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links between pages inside and outside docs/ to where these are on the site."""
    place = page.file.src_uri
    source = next((name for name, to in OUTSIDE.items() if to == place), f"docs/{place}")

    def lead(match: re.Match[str]) -> str:
        target, hash_, anchor = match[2].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        path = normpath(f"{dirname(source)}/{target}".lstrip("/"))
        if path in OUTSIDE:
            to = OUTSIDE[path]
        elif path == "docs/adr":
            to = "adr/0000-template.md"
        elif path.startswith("docs/"):
            to = path.removeprefix("docs/")  # where it leads nowhere, the build says so
        elif (CHECKOUT / path).exists():
            return f"{match[1]} (`{path}`)"  # in the checkout, not on the site
        else:
            return match[0]
        return f"[{match[1]}]({relpath(to, dirname(place) or '.')}{hash_}{anchor})"

    return re.sub(r"\[([^\]\n]*)\]\(([^)\s]+)\)", lead, markdown)
