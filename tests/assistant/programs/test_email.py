"""Notices by e-mail, through a mail server on loopback: what arrives there, when, and what is never lost."""

import hashlib
import io
import socketserver
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from assistant.creators.accounts import Accounts, Creator
from assistant.database.engine import open_database
from assistant.errors import Misconfigured
from assistant.programs.campaigns.images import Pictures
from assistant.programs.jobs import Jobs
from assistant.programs.notices.email import EmailChannel
from assistant.programs.notices.notice import Kind, Message, Parcel, Post
from assistant.programs.notices.service import Notices

NOON = datetime(2100, 1, 4, 4)  # UTC: twelve in Shanghai, and later than anything that is posted now
LATE = datetime(2100, 1, 4, 15)  # eleven at night there
MORNING = datetime(2100, 1, 5, 0)  # eight
SENDER = "guide@example.com"


@dataclass
class MailServer:
    """What it took in, and what it says to the next recipients instead of taking them."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]


class Session(socketserver.StreamRequestHandler):
    """One SMTP dialogue (RFC 5321), as far as smtplib leads it."""

    def handle(self) -> None:
        kept: MailServer = self.server.kept  # type: ignore[attr-defined]  # set by `mail`
        self.wfile.write(b"220 loopback\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                written = b"".join(iter(self.rfile.readline, b".\r\n"))
                letter: Any = message_from_bytes(written, policy=policy.default)
                kept.letters.append(letter)
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            answer = kept.answers.pop(0) if word == b"RCPT" and kept.answers else b"250 ok"
            self.wfile.write(answer + b"\r\n")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server on a free port."""
    kept = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        server.kept = kept  # type: ignore[attr-defined]
        kept.port = server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield kept
        server.shutdown()


@pytest.fixture
def notices(tmp_path: Path, mail: MailServer) -> Iterator[Notices]:
    """Notices for a creator who gave an address and one who gave none."""
    engine = open_database(f"sqlite:///{tmp_path}/heliotrope.db")
    for name in ("mei", "lin"):
        Accounts(engine).add(Creator(name, name, "kuaishou", "美食"))
    jobs, house = Jobs("sqlite://", tmp_path, "Asia/Shanghai"), ZoneInfo("Asia/Shanghai")
    made = Notices.over(
        engine, jobs, house, smtp_url=f"smtp://127.0.0.1:{mail.port}", email_from=SENDER,
        picture_of=Pictures(engine, tmp_path / "pictures").read,
    )  # fmt: skip
    made.wishes.change("mei", {"email": "mei@example.com"})
    yield made
    engine.dispose()


def told(creator: str, occasion: str = "one", kind: Kind = "task", title: str = "任务完成") -> Post:
    return Post(creator, kind, occasion, Message(title, "正文第一行\n.第二行", "https://www.example.com/a"))


def test_a_letter_arrives_once_with_all_that_was_said(notices: Notices, mail: MailServer):
    assert notices.post([told("mei"), told("mei")]) == 1
    assert notices.post([told("mei")]) == 0
    for _ in range(2):
        notices.deliverer.drain(now=NOON)
    (letter,) = mail.letters
    assert (letter["From"], letter["To"], letter["Subject"]) == (SENDER, "mei@example.com", "任务完成")
    assert letter["Message-ID"].endswith("@heliotrope>")
    body = letter.get_content().replace("\r\n", "\n")
    assert body.startswith("正文第一行\n")
    assert "第二行" in body
    assert "https://www.example.com/a" in body
    assert [one.channel for one in notices.inbox.page("mei").notices] == ["email"]


def test_a_picture_is_in_the_letter_beside_the_plain_text(notices: Notices, mail: MailServer, tmp_path: Path):
    engine = open_database(f"sqlite:///{tmp_path}/heliotrope.db")
    drawn = io.BytesIO()
    Image.new("RGB", (320, 180), "#f59e0b").save(drawn, "PNG")
    pictures = Pictures(engine, tmp_path / "pictures")
    kept, gone = pictures.add(drawn.getvalue(), "wang"), "0" * 64
    title, body = "<b>春季</b> & 招募", "第一段\n\n<script>第二段"
    for occasion, image in (("one", kept.hash), ("two", gone)):
        message = Message(title, body, "https://www.example.com/a?b=1&c=2", image)
        notices.post([Post("mei", "campaign", occasion, message)])
    notices.deliverer.drain(now=NOON)
    engine.dispose()
    letter, without = mail.letters
    assert letter.get_content_type() == "multipart/alternative"
    plain, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "<script>第二段" in plain.get_content()
    assert "https://www.example.com/a?b=1&c=2" in plain.get_content()
    html = page.get_content()
    assert "<script>" not in html
    assert 'href="https://www.example.com/a?b=1&amp;c=2"' in html
    (picture,) = [part for part in letter.walk() if part.get_content_maintype() == "image"]
    cid = str(picture["Content-ID"]).strip("<>")
    assert f'src="cid:{cid}" alt="&lt;b&gt;春季&lt;/b&gt; &amp; 招募"' in html
    assert hashlib.sha256(picture.get_content()).hexdigest() == kept.hash
    assert without.get_content_type() == "text/plain"  # a picture that is gone keeps no letter back


def test_muted_kinds_are_not_sent_and_tickets_always_are(notices: Notices, mail: MailServer):
    notices.wishes.mute("mei", "campaign")
    notices.post([told("mei", "one", "campaign", "活动"), told("mei", "two", "ticket", "回复")])
    notices.deliverer.drain(now=NOON)
    assert mail.subjects == ["回复"]


def test_quiet_hours_are_waited_for(notices: Notices, mail: MailServer):
    notices.post([told("mei")])
    assert notices.deliverer.drain(now=LATE).put_off == 1
    assert mail.letters == []
    notices.deliverer.drain(now=MORNING)
    assert mail.subjects == ["任务完成"]


def test_without_an_address_it_is_in_the_inbox(notices: Notices, mail: MailServer):
    notices.post([told("lin")])
    notices.deliverer.drain(now=NOON)
    assert mail.letters == []
    assert [(one.title, one.channel) for one in notices.inbox.page("lin").notices] == [("任务完成", "inbox")]


def test_what_the_server_puts_off_comes_again_and_what_it_refuses_stays_in_the_inbox(
    notices: Notices, mail: MailServer
):
    mail.answers += [b"451 later"]
    notices.post([told("mei")])
    notices.deliverer.drain(now=NOON)
    assert mail.letters == []
    notices.deliverer.drain(now=MORNING)
    assert mail.subjects == ["任务完成"]
    mail.answers += [b"550 nobody here"]
    notices.post([told("mei", "two", title="第二封")])
    notices.deliverer.drain(now=MORNING)
    assert len(mail.letters) == 1
    assert "第二封" in [one.title for one in notices.inbox.page("mei").notices]


def test_a_server_that_is_away_loses_nothing(tmp_path: Path, notices: Notices, mail: MailServer):
    away = EmailChannel("smtp://127.0.0.1:1", SENDER)
    notices.deliverer.add_channel(away)
    notices.post([told("mei")])
    assert notices.deliverer.drain(now=NOON).put_off == 1
    notices.deliverer.add_channel(EmailChannel(f"smtp://127.0.0.1:{mail.port}", SENDER))
    notices.deliverer.drain(now=MORNING)
    assert mail.subjects == ["任务完成"]


def test_a_title_cannot_add_headers_and_a_repeat_says_so(mail: MailServer):
    channel = EmailChannel(f"smtp://127.0.0.1:{mail.port}", SENDER)
    message = Message("活动\r\nBcc: all@example.com", "正文")
    channel.hand_over([Parcel("notice:7", "mei", "mei@example.com", "task", message, "zh", True, (7,))])
    (letter,) = mail.letters
    assert letter["Bcc"] is None
    assert letter["Message-ID"] == "<notice-7@heliotrope>"
    assert not letter.get_content().startswith("正文")


@pytest.mark.parametrize(("url", "sender"), [("http://a", SENDER), ("smtp://", SENDER), ("smtp://a", "nobody")])
def test_what_is_no_mail_server_is_said_at_the_start(url: str, sender: str):
    with pytest.raises(Misconfigured, match="HELIOTROPE_SMTP_URL"):
        EmailChannel(url, sender)
