"""One message over the network: by SMTP, or to a webhook, signed as the courier signs."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

from axis.alerts.compose import MAIL, TAG, body_of, mail_of
from axis.alerts.errors import AlertSettingsError, MailUnsentError
from axis.courier.keys import read_courier_key
from axis.courier.notice import sign_request
from axis.courier.reach import Reach, demand_url
from axis.errors import Lang
from axis.ledger.keys import read_key_file
from axis.sections import AlertSettings
from axis.settings import Settings
from axis.store.operations import Message

_SECURITY: Final = ("starttls", "tls", "none")


def targets(own: AlertSettings) -> list[tuple[str, str]]:
    """Return who is told of everything: channel and address."""
    mail = [(MAIL, one) for one in own.mail_to]
    return [*mail, *(("webhook", one) for one in own.webhooks)]


def check_settings(own: AlertSettings) -> None:
    """Refuse settings by which nobody could be told.

    Raises:
        AlertSettingsError: they contradict themselves.
        WebhookUrlError: an address is none that can be pushed to.
    """
    if own.smtp_security not in _SECURITY:
        raise AlertSettingsError(
            key="smtp_security", got=own.smtp_security, expected=", ".join(_SECURITY)
        )
    if own.lang not in ("vi", "en"):
        raise AlertSettingsError(key="lang", got=own.lang, expected="vi, en")
    if (own.mail_to or own.escalate_to) and not own.smtp_host:
        raise AlertSettingsError(key="smtp_host", got="–", expected="the mail server's name")
    for address in (*own.mail_to, *own.escalate_to):
        if "@" not in address or address != "".join(address.split()):
            raise AlertSettingsError(key="mail_to", got=address, expected="NAME@DOMAIN")
    for url in own.webhooks:
        demand_url(url)


class Sender:
    """Sends messages; :meth:`close` ends its connections."""

    def __init__(self, settings: Settings) -> None:
        own, courier = settings.alerts, settings.courier
        self._settings = settings
        self._own = own
        self.name: Final = own.name or socket.gethostname()
        self._reach = Reach(
            allow=courier.allow,
            timeout_s=courier.timeout_s,
            ca=settings.path(courier.ca) if courier.ca else None,
        )

    async def push(self, message: Message) -> str:
        """Push a message to a webhook and return what came back.

        Raises:
            PushFailedError, AddressRefusedError: it was not taken.
            KeyFileUnreadableError: the courier's key is not there.
        """
        key = read_courier_key(self._settings.path(self._settings.courier.key))
        body = body_of(message, name=self.name)
        now = datetime.now(UTC)  # receivers compare it with their own clock
        signed = sign_request(body, message.target, key, now=now, nonce=message.id, tag=TAG)
        return f"HTTP {await self._reach.push(signed)}"

    def mail(self, message: Message) -> str:
        """Hand a message to the mail server and return what came back.

        Raises:
            MailUnsentError: it was not taken.
            KeyFileUnreadableError, KeyFileOpenError: the password's file cannot be used.
        """
        own = self._own
        sender = own.mail_from or f"axis@{socket.getfqdn()}"
        lang: Lang = "en" if own.lang == "en" else "vi"
        mail = mail_of(message, sender=sender, name=self.name, lang=lang)
        return self.hand_over(mail)

    def hand_over(self, mail: EmailMessage) -> str:
        """Hand a mail to the mail server and return what came back.

        Raises:
            MailUnsentError: it was not taken.
            KeyFileUnreadableError, KeyFileOpenError: the password's file cannot be used.
        """
        try:
            return self._send(mail)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise MailUnsentError(
                host=self._own.smtp_host, target=mail["To"], reason=reason
            ) from error

    def _send(self, mail: EmailMessage) -> str:
        own = self._own
        context = ssl.create_default_context()
        if own.smtp_ca:
            context.load_verify_locations(self._settings.path(own.smtp_ca))
        timeout = own.smtp_timeout_s
        server: smtplib.SMTP
        if own.smtp_security == "tls":
            server = smtplib.SMTP_SSL(
                own.smtp_host, own.smtp_port, timeout=timeout, context=context
            )
        else:
            server = smtplib.SMTP(own.smtp_host, own.smtp_port, timeout=timeout)
        with server:
            if own.smtp_security == "starttls":
                server.starttls(context=context)
            if own.smtp_user:
                secret = read_key_file(self._settings.path(own.smtp_password))
                server.login(own.smtp_user, secret.decode().strip())
            server.send_message(mail)
        return "taken by the mail server"

    async def close(self) -> None:
        """Close connections."""
        await self._reach.close()
