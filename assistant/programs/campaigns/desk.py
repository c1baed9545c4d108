"""The campaigns' desk: written, approved by another person, scheduled, sent in batches, paused, cancelled, counted.

Invariant: what is sent is what was approved. Texts and audience change in a draft only, and going back to one takes the
approval away. Everybody within the audience is enrolled once: the outbox knows the campaign as the occasion.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from assistant.creators.figures import written
from assistant.database.engine import reading
from assistant.database.notice_tables import campaigns, notice_wishes, notices
from assistant.database.program_tables import creator_traits
from assistant.database.tables import creators
from assistant.errors import NotFound
from assistant.programs.audience import AudienceRule, creators_within
from assistant.programs.campaigns.campaign import (
    STATES,
    VARIANTS,
    Campaign,
    Content,
    NeedsAnother,
    NoSuchCampaign,
    State,
    Wording,
    WrongState,
    as_texts,
    texts_of,
)
from assistant.programs.campaigns.images import Pictures
from assistant.programs.campaigns.results import Comparison, Counted, Counts, compared, counts_of
from assistant.programs.jobs import Jobs
from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.outbox import post
from assistant.programs.notices.service import Notices
from assistant.programs.notices.wishes import Wishes, wishes_of
from knowledge.audit import record

ENROL = "enrol"
BATCH = 500  # creators enrolled in one transaction
SAMPLE = 5  # creators whose message a preview shows
_PERSON = (
    creators.c.id, creators.c.name, creators.c.category, creators.c.region, creator_traits.c.tier,
    creator_traits.c.followers,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """What one creator of the audience would get."""

    creator_id: str
    name: str
    variant: str
    language: str
    wording: Wording


@dataclass(frozen=True)
class Preview:
    """How many creators are within the audience now, how many of these have switched campaigns off, and what some of
    them would get."""

    count: int
    muted: int
    samples: tuple[Sample, ...]


class Campaigns:
    """What the console calls; `enrol` and `settle` are called by the jobs."""

    def __init__(
        self, engine: Engine, notices: Notices, pictures: Pictures, jobs: Jobs, today: Callable[[], date]
    ) -> None:
        self._engine = engine
        self._notices = notices
        self.pictures = pictures
        self._jobs = jobs
        self._today = today
        jobs.job(ENROL, lambda campaign: self.enrol(int(campaign)))
        jobs.every("campaigns", "* * * * *", self.settle)

    def save(self, content: Content, author: str, campaign: int | None = None) -> Campaign:
        """Keep a new draft, or change one. A campaign that was approved becomes a draft again. Raises BadInput,
        WrongState once it is being sent."""
        checked = content.checked()
        if checked.image:
            self.pictures.find(checked.image)
        now = _now()
        values = {
            "name": checked.name.strip(), "audience": checked.audience.as_dict(), "texts": as_texts(checked.texts),
            "link": checked.link, "image": checked.image, "program": checked.program, "author": author,
            "approver": "", "state": "draft", "changed_at": now, "starts_at": None,
        }  # fmt: skip
        with self._engine.begin() as connection:
            if campaign is None:
                new = {"created_at": now, "cursor": "", "enrolled": 0}
                adding = insert(campaigns).values(**values, **new).returning(campaigns.c.id)
                campaign = int(connection.execute(adding).scalar_one())
            else:
                self._need(connection, campaign, "draft", "approved", "scheduled")
                connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(**values))
            record(connection, author, "campaign.saved", str(campaign), name=values["name"])
            return self._find(connection, campaign)

    def approve(self, campaign: int, approver: str, seen: datetime) -> None:
        """Somebody else than the author agrees to what they saw: `seen` is the `changed_at` of it. Raises NeedsAnother,
        WrongState when it was changed meanwhile."""
        with self._engine.begin() as connection:
            found = self._need(connection, campaign, "draft")
            if found.author == approver:
                raise NeedsAnother
            if found.changed_at != seen:
                raise WrongState(found.state)
            self._move(connection, campaign, approver, "approved", "campaign.approved", approver=approver)

    def schedule(self, campaign: int, actor: str, starts_at: datetime) -> None:
        """Send it from this moment on (UTC without a zone; one in the past is now)."""
        with self._engine.begin() as connection:
            self._need(connection, campaign, "approved", "scheduled")
            self._move(connection, campaign, actor, "scheduled", "campaign.scheduled", starts_at=starts_at)
        self.settle()

    def pause(self, campaign: int, actor: str) -> None:
        """Send no more for now. What has not left waits with it."""
        with self._engine.begin() as connection:
            self._need(connection, campaign, "sending")
            self._move(connection, campaign, actor, "paused", "campaign.paused")
            _turn(connection, campaign, "waiting", "held")

    def resume(self, campaign: int, actor: str) -> None:
        """Go on where it was paused."""
        with self._engine.begin() as connection:
            self._need(connection, campaign, "paused")
            self._move(connection, campaign, actor, "sending", "campaign.resumed")
            _turn(connection, campaign, "held", "waiting")
        self._go_on(campaign)

    def cancel(self, campaign: int, actor: str, reason: str = "") -> None:
        """Send nothing more of it, ever; what has left has left."""
        with self._engine.begin() as connection:
            self._need(connection, campaign, "draft", "approved", "scheduled", "sending", "paused")
            self._move(connection, campaign, actor, "cancelled", "campaign.cancelled", reason, finished_at=_now())
            for state in ("waiting", "held"):
                _turn(connection, campaign, state, "withheld", fault="cancelled")

    def preview(self, content: Content, campaign: int = 0) -> Preview:
        """Who would get it today, and what."""
        day = self._today()
        with reading(self._engine).begin() as connection:
            within = creators_within(content.audience, day).subquery()
            count = connection.scalar(select(func.count()).select_from(within)) or 0
            few = creators_within(content.audience, day, *_PERSON).order_by(creators.c.id).limit(SAMPLE)
            rows = connection.execute(few).all()
            wishes = wishes_of(connection, [row.id for row in rows])
            muted = _muted_within(connection, content.audience, day)
        samples = tuple(_sample(campaign, content, row, wishes.get(row.id, Wishes())) for row in rows)
        return Preview(count, muted, samples)

    def test_send(self, campaign: int, creator_id: str, actor: str) -> int:
        """Send every text to one creator, a colleague's account usually, marked as a test; returns how many. The moment
        makes each test an occasion of its own."""
        moment = _now()
        with self._engine.begin() as connection:
            content = self._find(connection, campaign).content
            one = creators_within(AudienceRule(), self._today(), *_PERSON).where(creators.c.id == creator_id)
            row = connection.execute(one).first()
            if row is None:
                raise NotFound("There is no creator {creator_id!r}.", creator_id=creator_id)
            language = wishes_of(connection, [creator_id]).get(creator_id, Wishes()).language or "zh"
            posts = []
            for variant in content.texts:
                text = content.wording(variant, language).filled(_fields(row, language))
                message = Message(f"[TEST {variant.upper()}] {text.title}", text.body, content.link, content.image)
                occasion = f"campaign-test:{campaign}:{variant}:{moment.isoformat()}"
                posts.append(Post(creator_id, "campaign", occasion, message))
            record(connection, actor, "campaign.tested", str(campaign), creator=creator_id)
            count = post(connection, posts)
        self._notices.wake()
        return count

    def find(self, campaign: int) -> Campaign:
        """Raises NoSuchCampaign."""
        with reading(self._engine).begin() as connection:
            return self._find(connection, campaign)

    def all(self, page: int = 1, size: int = 30) -> list[Campaign]:
        """Newest first."""
        query = select(campaigns).order_by(campaigns.c.id.desc()).limit(size).offset((page - 1) * size)
        with reading(self._engine).begin() as connection:
            return [_campaign(row) for row in connection.execute(query)]

    def open_to(self, creator_id: str, size: int = 5) -> Sequence[Campaign]:
        """The campaigns that a creator was sent and that are not cancelled, newest first."""
        sent = select(notices.c.campaign).where(
            notices.c.creator_id == creator_id, notices.c.campaign.is_not(None), notices.c.state != "withheld"
        )
        query = select(campaigns).where(campaigns.c.id.in_(sent), campaigns.c.state != "cancelled")
        with reading(self._engine).begin() as connection:
            return [_campaign(row) for row in connection.execute(query.order_by(campaigns.c.id.desc()).limit(size))]

    def results(self, campaign: int) -> tuple[list[Counts], Comparison | None]:
        """What came of it by text, and how two texts compare: by joining where a task is promoted, else by clicks on
        the link, else by being seen."""
        with reading(self._engine).begin() as connection:
            content = self._find(connection, campaign).content
            counts = counts_of(connection, campaign, content.program)
        if len(counts) < len(VARIANTS):
            return counts, None
        counted: Counted = "joined" if content.program else "clicked" if content.link else "seen"
        return counts, compared(counts[0], counts[1], counted)

    def enrol(self, campaign: int) -> bool:
        """Put the next batch of the audience into the outbox; False when nobody is left or it is not being sent. The
        cursor moves in the same transaction: a batch is enrolled wholly or not at all."""
        with self._engine.begin() as connection:
            locked = select(campaigns).where(campaigns.c.id == campaign).with_for_update()
            row = connection.execute(locked).first()
            if row is None or row.state != "sending" or row.enrolled_at is not None:
                return False
            found, day = _campaign(row), row.started_at.date()
            audience = creators_within(found.content.audience, day, *_PERSON).where(creators.c.id > row.cursor)
            people = connection.execute(audience.order_by(creators.c.id).limit(BATCH)).all()
            if people:
                wishes = wishes_of(connection, [person.id for person in people])
                posts = [_post(found, person, wishes.get(person.id, Wishes())) for person in people]
                moved = {"cursor": people[-1].id, "enrolled": row.enrolled + post(connection, posts)}
            else:
                moved = {"enrolled_at": _now()}
            connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(**moved))
        self._notices.wake()
        return bool(people)

    def settle(self) -> None:
        """Begin what is due, go on with what was broken off, and close what has gone out to everybody."""
        now = _now()
        with self._engine.begin() as connection:
            due = select(campaigns.c.id).where(campaigns.c.state == "scheduled", campaigns.c.starts_at <= now)
            for campaign in connection.scalars(due).all():
                self._move(connection, campaign, "heliotrope", "sending", "campaign.started", started_at=now)
            sending = select(campaigns).where(campaigns.c.state == "sending")
            under_way = [row.id for row in connection.execute(sending) if row.enrolled_at is None]
            for row in connection.execute(sending.where(campaigns.c.enrolled_at.is_not(None))).all():
                still = select(notices.c.id).where(
                    notices.c.campaign == row.id, notices.c.state.in_(("waiting", "begun"))
                )
                if connection.scalar(still.limit(1)) is None:
                    self._move(connection, row.id, "heliotrope", "sent", "campaign.sent", finished_at=now)
        for campaign in under_way:
            self._go_on(campaign)

    def _go_on(self, campaign: int) -> None:
        self._jobs.begin(ENROL, str(campaign))
        self._notices.wake()

    def _find(self, connection: Connection, campaign: int) -> Campaign:
        row = connection.execute(select(campaigns).where(campaigns.c.id == campaign)).first()
        if row is None:
            raise NoSuchCampaign
        return _campaign(row)

    def _need(self, connection: Connection, campaign: int, *states: State) -> Campaign:
        found = self._find(connection, campaign)
        if found.state not in states:
            raise WrongState(found.state)
        return found

    def _move(
        self,
        connection: Connection,
        campaign: int,
        actor: str,
        state: State,
        action: str,
        reason: str = "",
        **more: Any,
    ) -> None:
        assert state in STATES
        connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(state=state, **more))
        record(connection, actor, action, str(campaign), reason)


def _turn(connection: Connection, campaign: int, state: str, to: str, **more: Any) -> None:
    """Turn a campaign's notices from one state to another; those that a channel is just getting are left alone."""
    free = (notices.c.campaign == campaign, notices.c.state == state)
    connection.execute(update(notices).where(*free).values(state=to, leased_until=None, **more))


def _post(campaign: Campaign, person: Row[Any], wishes: Wishes) -> Post:
    sample = _sample(campaign.id, campaign.content, person, wishes)
    content = campaign.content
    message = Message(sample.wording.title, sample.wording.body, content.link, content.image)
    return Post(person.id, "campaign", f"campaign:{campaign.id}", message, campaign=campaign.id, variant=sample.variant)


def _sample(campaign: int, content: Content, person: Row[Any], wishes: Wishes) -> Sample:
    language = wishes.language or "zh"
    variant = variant_of(campaign, person.id) if "b" in content.texts else "a"
    filled = content.wording(variant, language).filled(_fields(person, language))
    return Sample(person.id, person.name, variant, language, filled)


def variant_of(campaign: int, creator_id: str) -> str:
    """Which of two texts a creator gets: as good as by lot, and always the same one."""
    return VARIANTS[hashlib.sha256(f"{campaign}:{creator_id}".encode()).digest()[0] % 2]


def _fields(person: Row[Any], language: str) -> dict[str, str]:
    followers = (
        "" if person.followers is None else written(person.followers, "count", "en" if language == "en" else "zh")
    )
    known = {"name": person.name, "category": person.category, "region": person.region, "tier": person.tier or ""}
    return {**known, "followers": followers}


def _muted_within(connection: Connection, audience: AudienceRule, day: date) -> int:
    """How many within the audience have switched campaigns off. Only those who have wishes at all are looked at."""
    people = creators_within(audience, day, notice_wishes.c.muted)
    query = people.join(notice_wishes, notice_wishes.c.creator_id == creators.c.id)
    return sum("campaign" in muted for muted in connection.scalars(query))


def _campaign(row: Row[Any]) -> Campaign:
    content = Content(row.name, AudienceRule.of(row.audience), texts_of(row.texts), row.link, row.image, row.program)
    kept = {name: getattr(row, name) for name in Campaign.__dataclass_fields__ if name != "content"}
    return Campaign(content=content, **kept)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
