"""Notices by e-mail, through a mail server by setting. A mail server cannot tell a repeat: one by one, and marked."""

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from assistant.errors import Misconfigured
from assistant.programs.notices.channel import Handed, Later, Outcome, Refused
from assistant.programs.notices.notice import Parcel
from assistant.programs.notices.reach import EMAIL
from assistant.programs.notices.wording import say

SECONDS = 20  # to wait for the mail server
_PAUSE = 300.0  # seconds until the next try when it does not answer


class EmailChannel:
    """`url` is `smtp://[USER:PASSWORD@]HOST[:PORT]` (upgraded by STARTTLS where offered) or `smtps://…`; `sender` is
    the From address. Raises Misconfigured for anything else."""

    name = EMAIL
    knows_keys = False

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
            raise Misconfigured(
                "HELIOTROPE_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, with HELIOTROPE_EMAIL_FROM."
            )
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._is_tls else 587)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender = sender

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        return [self._send(parcel) for parcel in parcels]

    def _send(self, parcel: Parcel) -> Outcome:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:  # nothing has left
            return Later(_PAUSE, f"the mail server does not answer: {type(error).__name__}")
        with server:
            try:
                server.send_message(self._letter(parcel))
            except smtplib.SMTPRecipientsRefused as error:
                return _refused(error.recipients[parcel.account][0])
            except smtplib.SMTPResponseException as error:
                return _refused(error.smtp_code)
        return Handed()

    def _connected(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self._is_tls else smtplib.SMTP
        server = kind(self._host, self._port, timeout=SECONDS)
        try:
            if not self._is_tls:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls()
            if self._login:
                server.login(*self._login)
        except Exception:
            server.close()
            raise
        return server

    def _letter(self, parcel: Parcel) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = " ".join(parcel.message.title.split())
        letter["From"], letter["To"] = self._sender, parcel.account
        letter["Date"] = formatdate()
        # The same at every try: programs that know it drop the second copy.
        letter["Message-ID"] = f"<{parcel.key.replace(':', '-')}@heliotrope>"
        parts = [parcel.message.body, parcel.message.link, say("unsubscribe", parcel.language)]
        if parcel.is_repeat:
            parts.insert(0, say("repeat", parcel.language))
        letter.set_content("\n\n".join(part for part in parts if part))
        return letter


def _refused(code: int) -> Outcome:
    """What a mail server's refusal means: 4xx is "not now", as of one that lets strangers wait (RFC 5321, 4.2.1)."""
    reason = f"the mail server said {code}"
    return Later(_PAUSE, reason) if 400 <= code < 500 else Refused(reason)
