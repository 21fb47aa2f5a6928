"""A real mail server on a real socket: STARTTLS, a password, and a memory."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = b"axis", b"a secret"


@dataclass
class Inbox:
    """What arrived, and what the server says next."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)  #: instead of taking a mail, once each
    port: int = 0

    async def handle_DATA(  # noqa: N802  the library's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert session.authenticated
        assert session.ssl is not None
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(email.message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def of(self, address: str) -> list[EmailMessage]:
        return [one for one in self.mails if one["To"] == address]


def _who(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=is_right)


@contextmanager
def mail_server(certificate: Path, inbox: Inbox) -> Iterator[None]:
    """Serve; ``certificate`` has chain and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=inbox.port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_who,
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()
