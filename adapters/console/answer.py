"""What the console sends back: pages with their headers, redirections, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from starlette.types import Send

#: Nothing runs, shows or leaves but what this console itself serves.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS: Final = (
    ("content-security-policy", POLICY),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, ready to be sent."""

    body: bytes = b""
    status: int = 200
    media: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Send it."""
        headers = [
            ("content-type", self.media),
            ("content-length", str(len(self.body))),
            *ALWAYS,
            *self.headers,
        ]
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            }
        )
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


def redirect(where: str, *headers: tuple[str, str]) -> Answer:
    """Return the way to another page, which is asked for by GET."""
    return Answer(status=303, headers=(("location", where), *headers))


def cookie(
    name: str,
    value: str,
    *,
    secure: bool,
    strict: bool = False,
    hidden: bool = True,
    lives_s: int | None = None,
) -> tuple[str, str]:
    """Return the header that sets a cookie; with ``lives_s=0`` it goes."""
    words = [f"{name}={value}", "Path=/console", f"SameSite={'Strict' if strict else 'Lax'}"]
    if hidden:
        words.append("HttpOnly")
    if secure:
        words.append("Secure")
    if lives_s is not None:
        words.append(f"Max-Age={lives_s}")
    return "set-cookie", "; ".join(words)


def file(text: str, name: str, media: str = "text/plain; charset=utf-8") -> Answer:
    """Return a file to keep."""
    plain = "".join(
        one if one.isascii() and (one.isalnum() or one in "-_.") else "-" for one in name
    )
    headers = (("content-disposition", f'attachment; filename="{plain}"'),)
    return Answer(body=text.encode(), media=media, headers=headers)
