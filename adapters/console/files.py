"""The files that pages need: styles, scripts, the font. All from here, none from elsewhere."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from adapters.console.answer import Answer
from adapters.gateway.errors import NoSuchPathError

#: Name in the URL → file, and media type.
_FILES: Final = {
    "pico.css": (("vendor", "pico.min.css"), "text/css; charset=utf-8"),
    "console.css": (("console.css",), "text/css; charset=utf-8"),
    "chart.js": (("vendor", "chart.umd.min.js"), "text/javascript; charset=utf-8"),
    "console.js": (("console.js",), "text/javascript; charset=utf-8"),
    "plots.js": (("plots.js",), "text/javascript; charset=utf-8"),
    "icon.svg": (("icon.svg",), "image/svg+xml"),
}
#: From the package of the font that PDFs are set in, too.
_FONTS: Final = {"roboto.ttf": "Roboto-Regular.ttf", "roboto-bold.ttf": "Roboto-Bold.ttf"}


def file_named(name: str) -> Answer:
    """Return a file; its URL names its digest, so that browsers keep it.

    Raises:
        NoSuchPathError: there is no such file.
    """
    if name not in _FILES and name not in _FONTS:
        raise NoSuchPathError
    media = _FILES[name][1] if name in _FILES else "font/ttf"
    keep = ("cache-control", "public, max-age=31536000, immutable")
    return Answer(body=_bytes(name), media=media, headers=(keep,))


@cache
def url_of(name: str) -> str:
    """Return where a file is."""
    return f"/console/static/{name}?{hashlib.sha256(_bytes(name)).hexdigest()[:12]}"


@cache
def _bytes(name: str) -> bytes:
    if name in _FONTS:
        return (files("font_roboto") / "files" / _FONTS[name]).read_bytes()
    return files("adapters.console").joinpath("static", *_FILES[name][0]).read_bytes()
