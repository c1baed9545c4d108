"""Everything about notices, put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from assistant.programs.jobs import Jobs
from assistant.programs.notices.delivery import Deliverer
from assistant.programs.notices.email import EmailChannel, PictureOf
from assistant.programs.notices.inbox import Inbox
from assistant.programs.notices.notice import Post
from assistant.programs.notices.outbox import Outbox, post
from assistant.programs.notices.wishes import WishBook

DELIVER = "deliver"


@dataclass(frozen=True)
class Notices:
    """What connectors and other programs call: `outbox` and `post` take notices in, `deliverer` gets the channels,
    `inbox` and `wishes` are the creator's."""

    outbox: Outbox
    deliverer: Deliverer
    inbox: Inbox
    wishes: WishBook
    _jobs: Jobs

    @classmethod
    def over(
        cls,
        engine: Engine,
        jobs: Jobs,
        house: ZoneInfo,
        *,
        public_url: str = "",
        secret: str = "",
        smtp_url: str = "",
        email_from: str = "",
        picture_of: PictureOf | None = None,
    ) -> Self:
        """Them all on one database; `picture_of` gives letters their pictures. Raises Misconfigured for a mail server
        that cannot be one."""
        wishes = WishBook(engine)
        deliverer = Deliverer(engine, house, public_url, secret)
        if smtp_url:
            deliverer.add_channel(EmailChannel(smtp_url, email_from, picture_of))
        made = cls(Outbox(engine), deliverer, Inbox(engine, wishes, secret), wishes, jobs)
        jobs.job(DELIVER, lambda _: deliverer.deliver_batch().taken > 0)
        jobs.every(DELIVER, "* * * * *", made.wake)
        return made

    def post(self, posts: Iterable[Post]) -> int:
        """Keep notices and have what is due sent now; returns how many were new."""
        new = self.outbox.post(posts)
        if new:
            self.wake()
        return new

    def post_within(self, connection: Connection, posts: Iterable[Post]) -> int:
        """Keep notices in the transaction of what they tell of; `wake` after its commit."""
        return post(connection, posts)

    def wake(self) -> None:
        """Have what is due sent now, without waiting for the next minute."""
        self._jobs.begin(DELIVER)
