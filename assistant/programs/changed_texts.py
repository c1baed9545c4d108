"""规则变更: creators who were answered from a text that has changed are told what changed.

Which passages a creator was answered from is kept with every turn (`told_passages`). When another release is served,
its texts are compared with those of the release that was looked at last; whoever was told a passage of a revision that
has been replaced or taken away, and whose passage is not in what holds now word for word, hears of it: once a document
and change of release, however often they asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Engine, select

from assistant.database.notice_tables import told_passages
from assistant.programs.marks import mark_of, set_mark
from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.outbox import post
from assistant.programs.notices.service import Notices
from assistant.programs.notices.wishes import wishes_of
from assistant.programs.notices.wording import say
from knowledge.changes import Change, changes
from knowledge.differences import differences
from knowledge.library import Library
from knowledge.tables import documents, passages, revisions

MARK = "told_release"
MOST_CHANGES = 3  # changed sentences that a notice quotes; the document has the rest
MOST_QUOTED = 220  # characters of one
AT_ONCE = 500  # creators told in one go


@dataclass(frozen=True)
class _Passage:
    heading: str
    text: str
    hash: str


class ChangedTexts:
    """Looks for changes and tells of them; called every minute, and cheap while the served release is the same."""

    def __init__(self, engine: Engine, library: Library, notices: Notices, today: Callable[[], date]) -> None:
        self._engine = engine
        self._library = library
        self._notices = notices
        self._today = today

    def tell(self) -> int:
        """Tell of everything that changed since the last call; returns how many notices that made. The first call only
        remembers where it is. Everything is one transaction: broken off, it is done again, and nobody hears twice."""
        told = 0
        with self._engine.begin() as connection:
            served = self._library.releases.served()
            mark = mark_of(connection, MARK)
            if served is None or mark == str(served):
                return 0
            if mark is not None:
                before, after = self._library.releases.spans(int(mark)), self._library.releases.spans(served)
                for change in changes(before, after):
                    told += self._tell_of(connection, change, f"{mark}>{served}")
            set_mark(connection, MARK, str(served))
        if told:
            self._notices.wake()
        return told

    def _tell_of(self, connection: Connection, change: Change, switch: str) -> int:
        old = {span.revision for span in change.removed} | {before.revision for before, _ in change.redated}
        new = list(change.added) or [after for _, after in change.redated]
        holding = [span for span in new if span.expires_on is None or span.expires_on > self._today()]
        now = {one.hash: one for span in holding for one in _passages(connection, change.slug, span.revision)}
        begins = max((span.effective_from for span in holding if span.effective_from), default=None)
        title = _title(connection, change.slug)
        count = 0
        for creators in self._told(connection, change.slug, old, set(now)):
            wishes = wishes_of(connection, list(creators))
            posts = []
            for creator, keys in creators.items():
                were = [one for one in self._old(connection, change.slug, old) if one.hash in keys]
                wish = wishes.get(creator)
                lang = wish.language if wish and wish.language else "zh"
                body = self._body(were, list(now.values()), begins, lang)
                message = Message(say("rule_title", lang, title=title), body)
                posts.append(Post(creator, "rule", f"rule:{change.slug}:{switch}", message))
            count += post(connection, posts)
        return count

    def _told(
        self, connection: Connection, slug: str, old: set[int], unchanged: set[str]
    ) -> Iterator[dict[str, set[str]]]:
        """Creators with the passages they were told of these revisions which do not stand any more, some at a time."""
        last = ""
        told = told_passages.c
        while True:
            which: list[ColumnElement[bool]] = [
                told.document == slug,
                told.revision.in_(old),
                told.creator_id > last,
            ]
            if unchanged:
                which.append(told.passage.not_in(unchanged))
            people = select(told.creator_id).where(*which).distinct().order_by(told.creator_id).limit(AT_ONCE)
            ids = list(connection.scalars(people))
            if not ids:
                return
            found: dict[str, set[str]] = {}
            for row in connection.execute(
                select(told.creator_id, told.passage).where(*which, told.creator_id.in_(ids))
            ):
                found.setdefault(row.creator_id, set()).add(row.passage)
            yield found
            last = ids[-1]

    def _old(self, connection: Connection, slug: str, numbers: set[int]) -> list[_Passage]:
        return [one for number in sorted(numbers) for one in _passages(connection, slug, number)]

    def _body(self, were: Sequence[_Passage], now: Sequence[_Passage], begins: date | None, lang: str) -> str:
        lines = [say("rule_was_told", lang)]
        for old in were[:MOST_CHANGES]:
            new = next((one for one in now if one.heading == old.heading), None)
            lines.append(f"「{old.heading}」" if lang != "en" else f"“{old.heading}”")
            if new is None:
                lines.append(say("rule_gone", lang, text=_short(old.text)))
                continue
            for part in [part for part in differences(old.text, new.text) if part.kind != "same"][:MOST_CHANGES]:
                lines.append(say(f"rule_{part.kind}", lang, text=_short(part.text), old=_short(part.old)))
        if begins is not None and begins > self._today():
            lines.append(say("rule_begins", lang, day=begins.isoformat()))
        return "\n".join(lines)


def _passages(connection: Connection, slug: str, number: int) -> list[_Passage]:
    query = (
        select(passages.c.heading, passages.c.text, passages.c.text_hash)
        .join(revisions, revisions.c.id == passages.c.revision_id)
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(documents.c.slug == slug, revisions.c.number == number)
        .order_by(passages.c.position)
    )
    return [_Passage(row.heading, row.text, row.text_hash) for row in connection.execute(query)]


def _title(connection: Connection, slug: str) -> str:
    query = (
        select(revisions.c.title)
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(documents.c.slug == slug)
        .order_by(revisions.c.number.desc())
        .limit(1)
    )
    return connection.scalar(query) or slug


def _short(text: str) -> str:
    plain = " ".join(text.replace("**", "").split())
    return plain if len(plain) <= MOST_QUOTED else plain[: MOST_QUOTED - 1] + "…"
