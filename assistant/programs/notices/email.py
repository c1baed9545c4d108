"""Notices by e-mail, through a mail server by setting. A mail server cannot tell a repeat: one by one, and marked."""

import logging
import smtplib
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from urllib.parse import unquote, urlsplit

from assistant.errors import Misconfigured, NotFound
from assistant.programs.notices.channel import Handed, Later, Outcome, Refused
from assistant.programs.notices.notice import Parcel
from assistant.programs.notices.reach import EMAIL
from assistant.programs.notices.wording import say

log = logging.getLogger(__name__)
SECONDS = 20  # to wait for the mail server
_PAUSE = 300.0  # seconds until the next try when it does not answer
# Gives a picture's bytes and media type by its hash; raises NotFound.
PictureOf = Callable[[str], tuple[bytes, str]]
_PICTURE = "picture@heliotrope"  # its Content-ID (RFC 2392): unique within the letter
# Mail programs drop style sheets, so styles stand with each element; no colours, so that a dark one may choose its own.
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:24px 16px;font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.35;margin:0 0 16px">{title}</h1>
<img src="cid:{cid}" alt="{title}" style="display:block;max-width:100%;height:auto;border-radius:12px;margin:0 0 16px">
{parts}
</div></body></html>
"""


class EmailChannel:
    """`url` is `smtp://[USER:PASSWORD@]HOST[:PORT]` (upgraded by STARTTLS where offered) or `smtps://…`; `sender` is
    the From address. A notice with a picture, which `picture_of` gives, is a letter in HTML with the picture in it,
    beside the plain text. Raises Misconfigured for anything else."""

    name = EMAIL
    knows_keys = False

    def __init__(self, url: str, sender: str, picture_of: PictureOf | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
            raise Misconfigured(
                "HELIOTROPE_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, with HELIOTROPE_EMAIL_FROM."
            )
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._is_tls else 587)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender = sender
        self._picture_of = picture_of

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
        letter, message = EmailMessage(), parcel.message
        title = " ".join(message.title.split())
        letter["Subject"] = title
        letter["From"], letter["To"] = self._sender, parcel.account
        letter["Date"] = formatdate()
        # The same at every try: programs that know it drop the second copy.
        letter["Message-ID"] = f"<{parcel.key.replace(':', '-')}@heliotrope>"
        repeat = say("repeat", parcel.language) if parcel.is_repeat else ""
        parts = [part for part in (repeat, message.body, message.link, say("unsubscribe", parcel.language)) if part]
        letter.set_content("\n\n".join(parts))
        picture = self._picture(message.image)
        if picture is not None:
            kind, subtype = picture[1].split("/")
            page = _PAGE.format(
                lang=parcel.language, title=escape(title), cid=_PICTURE, parts="\n".join(map(_paragraph, parts))
            )
            letter.add_alternative(page, subtype="html")
            *_, shown = letter.iter_parts()
            shown.add_related(picture[0], kind, subtype, cid=f"<{_PICTURE}>", disposition="inline")
        return letter

    def _picture(self, name: str) -> tuple[bytes, str] | None:
        """A picture; None without one. One that is gone keeps no letter back."""
        if not name or self._picture_of is None:
            return None
        try:
            return self._picture_of(name)
        except (NotFound, OSError) as error:
            log.warning("A letter goes out without its picture %s: %s", name, error)
            return None


def _paragraph(part: str) -> str:
    """A part of a letter in HTML; of an address, a link."""
    text = escape(part)
    if part.startswith(("https://", "http://")) and len(part.split()) == 1:
        return f'<p style="margin:0 0 16px;overflow-wrap:anywhere"><a href="{text}">{text}</a></p>'
    return f'<p style="margin:0 0 16px;white-space:pre-line">{text}</p>'


def _refused(code: int) -> Outcome:
    """What a mail server's refusal means: 4xx is "not now", as of one that lets strangers wait (RFC 5321, 4.2.1)."""
    reason = f"the mail server said {code}"
    return Later(_PAUSE, reason) if 400 <= code < 500 else Refused(reason)
