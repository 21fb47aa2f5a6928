"""The site holds together: no link of it leads nowhere, nothing of it comes from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from tests.conftest import CHECKOUT


class Fetched(HTMLParser):
    """Collects what a browser would fetch by itself from another machine."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source = given.get("src") or ""
        if tag == "link" and given.get("rel") in {"stylesheet", "preconnect", "icon", "preload"}:
            source = given.get("href") or ""
        if re.match(r"(?:https?:)?//", source):
            self.found.append(source)


def test_the_site_is_built_without_a_warning_and_fetches_nothing_from_elsewhere(
    tmp_path: Path,
) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path)],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "NO_MKDOCS_2_WARNING": "1", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = sorted(tmp_path.rglob("*.html"))
    assert {"vi/bat-dau.html", "project/readme.html", "operate/install.html"} <= {
        page.relative_to(tmp_path).as_posix() for page in pages
    }
    for page in pages:
        reader = Fetched()
        reader.feed(page.read_text("utf-8"))
        assert reader.found == [], page.name


def test_the_vietnamese_quick_start_has_the_commands_of_the_readme_which_a_test_runs() -> None:
    def blocks(text: str) -> list[str]:
        return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    readme = (CHECKOUT / "README.md").read_text("utf-8")
    ten_minutes = readme.partition("\n## Ten minutes\n")[2].partition("\n## ")[0]
    assert blocks((CHECKOUT / "docs/vi/bat-dau.md").read_text("utf-8")) == blocks(ten_minutes)
