"""The desk of originality cases: reported, looked at, decided, appealed; every step is on record and told.

Invariant: the state, the entry in the history and the notice of a step are one transaction, and a step that the course
does not know is never made.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from assistant.creators.warehouse import Warehouse
from assistant.creators.works import works_between
from assistant.database.case_tables import case_entries, case_files, cases
from assistant.database.engine import reading
from assistant.errors import BadInput, Conflict, NotFound
from assistant.programs.campaigns.images import rewritten
from assistant.programs.cases.likeness import cover_likeness, picture_hash, title_likeness
from assistant.programs.cases.states import APPEAL_WITHIN, DEADLINES, OPEN, SIDES, Act, NotNow, Side, State, Who, step
from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.outbox import cut
from assistant.programs.notices.service import Notices
from assistant.programs.notices.wording import say
from knowledge.audit import record
from knowledge.keeping import keep, kept

LONGEST = 2000  # characters of a statement
MOST_FILES = 10
MOST_OPEN = 20  # reports of one creator that are under way at once
Role = Literal["own_cover", "other_cover", "evidence"]
ROLES: tuple[Role, ...] = get_args(Role)
_TRACKING = re.compile(r"^(utm_|share|from|spm)")


@dataclass(frozen=True)
class Report:
    """What is reported. `own_*` is the creator's work, `other_*` the one that copies it, or, in a complaint, the work
    of whoever complains."""

    own_title: str
    other_url: str
    statement: str
    own_url: str = ""
    own_work: str = ""
    own_published_at: datetime | None = None
    other_title: str = ""
    other_name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Case:
    """A kept case; times are UTC. Likenesses are from 0 to 1 and only a hint."""

    id: int
    creator_id: str
    side: Side
    state: State
    lang: str
    own_work: str
    own_title: str
    own_url: str
    own_published_at: datetime | None
    other_title: str
    other_url: str
    other_name: str
    statement: str
    contact: str
    title_likeness: float | None
    cover_likeness: float | None
    duplicate_of: int | None
    assignee: str
    is_appealed: bool
    opened_at: datetime
    due_at: datetime | None
    changed_at: datetime
    decided_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its state has lasted longer than it should."""
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True)
class Entry:
    """One step of the history and the state it led to."""

    at: datetime
    act: str
    author: str
    text: str
    state: State


@dataclass(frozen=True)
class Paper:
    """A file of a case."""

    id: int
    role: str
    name: str
    media_type: str
    hash: str
    bytes: int


class NoSuchCase(NotFound):
    """There is no case of this number, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such case.")


_COLUMNS = [cases.c[field.name] for field in fields(Case)]


class Cases:
    """Files, moves and reads cases. Files lie below `folder` under their hash."""

    def __init__(self, engine: Engine, warehouse: Warehouse, notices: Notices, folder: Path) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._notices = notices
        self._folder = folder

    def file(self, creator_id: str, report: Report, side: Side = "report", lang: str = "zh", author: str = "") -> Case:
        """Open a case: by the creator, or a complaint against them by staff. Raises BadInput with one sentence,
        Conflict when too many of the creator's reports are under way."""
        checked, now = _checked(report), _now()
        state: State = "filed" if side == "report" else "served"
        key = address_key(checked.other_url)
        assert side in SIDES
        with self._engine.begin() as connection:
            if not author:
                _refuse_many(connection, creator_id)
            same = (cases.c.creator_id == creator_id, cases.c.other_key == key, cases.c.own_title == checked.own_title)
            earlier = select(func.min(cases.c.id)).where(*same, cases.c.side == side, cases.c.state != "withdrawn")
            values = {
                **vars(checked), "creator_id": creator_id, "side": side, "state": state, "lang": lang, "other_key": key,
                "title_likeness": title_likeness(checked.own_title, checked.other_title),
                "duplicate_of": connection.scalar(earlier), "assignee": "", "is_appealed": False, "opened_at": now,
                "due_at": now + DEADLINES[state], "changed_at": now,
            }  # fmt: skip
            number: int = connection.execute(insert(cases).values(values).returning(cases.c.id)).scalar_one()
            found = self._need(connection, number)
            by = author or "creator"
            self._write(connection, found, "file" if side == "report" else "serve", by, checked.statement, state)
            if author:
                record(connection, author, "case.served", str(number), creator=creator_id)
        self._notices.wake()
        return found

    def move(self, case: int, act: Act, who: Who, author: str, text: str = "", creator_id: str | None = None) -> Case:
        """Make a step. `creator_id` is who asks when the creator does. Raises NoSuchCase, NotNow, BadInput."""
        said, now = cut(text, LONGEST), _now()
        with self._engine.begin() as connection:
            found = self._need(connection, case)
            if creator_id is not None and found.creator_id != creator_id:
                raise NoSuchCase
            made = step(found.side, found.state, act, who, found.is_appealed)
            if act in ("want", "reject", "uphold", "confirm", "overturn", "counter", "appeal", "supply") and not said:
                raise BadInput("Say why, in a sentence or two.")
            if act == "appeal" and found.decided_at is not None and now - found.decided_at > APPEAL_WITHIN:
                raise NotNow(found.state)
            values: dict[str, Any] = {"state": made.to, "changed_at": now, "due_at": None}
            if made.to in DEADLINES:
                values["due_at"] = now + DEADLINES[made.to]
            if made.to in ("upheld", "rejected", "closed"):
                values["decided_at"] = now
            if act == "appeal":
                values["is_appealed"] = True
            if who == "staff" and not found.assignee:
                values["assignee"] = author
            connection.execute(update(cases).where(cases.c.id == case).values(**values))
            self._write(connection, found, act, author, said, made.to)
            if who == "staff":
                record(connection, author, f"case.{act}", str(case), said[:400])
            moved = self._need(connection, case)
        self._notices.wake()
        return moved

    def note(self, case: int, author: str, text: str) -> None:
        """Keep a note that only staff read. Raises BadInput for an empty one."""
        said = cut(text, LONGEST)
        if not said:
            raise BadInput("Write the note first.")
        with self._engine.begin() as connection:
            found = self._need(connection, case)
            values = {"case": case, "at": _now(), "act": "note", "author": author, "text": said}
            connection.execute(insert(case_entries).values(**values, state=found.state))

    def keep_deadlines(self) -> int:
        """Do what the clock does with cases whose time is over; called every hour. Returns how many."""
        late = select(cases.c.id).where(cases.c.state.in_(("wanting", "served")), cases.c.due_at < _now())
        with reading(self._engine).begin() as connection:
            numbers = list(connection.scalars(late))
        for number in numbers:
            self.move(number, "lapse", "clock", "heliotrope")
        return len(numbers)

    def add_file(
        self, case: int, role: str, name: str, data: bytes, author: str, creator_id: str | None = None
    ) -> Paper:
        """Keep a picture as evidence; with both covers there the likeness is computed. Raises BadInput, NoSuchCase."""
        if role not in ROLES:
            raise BadInput("A file is one of {known}.", known=", ".join(ROLES))
        written, media_type, _ = rewritten(data)
        digest, likeness = hashlib.sha256(written).hexdigest(), picture_hash(written)
        with self._engine.begin() as connection:
            found = self._need(connection, case)
            if creator_id is not None and found.creator_id != creator_id:
                raise NoSuchCase
            if author == "creator" and found.state not in OPEN:
                raise NotNow(found.state)
            there = list(connection.execute(select(case_files).where(case_files.c.case == case)))
            if len(there) >= MOST_FILES:
                raise BadInput("A case has at most {most} files.", most=MOST_FILES)
            keep(self._folder / digest, written, cut(name, 200) or role)
            values = {
                "case": case, "role": role, "name": cut(name, 200) or role, "media_type": media_type, "hash": digest,
                "bytes": len(written), "picture_hash": likeness, "author": author, "added_at": _now(),
            }  # fmt: skip
            number: int = connection.execute(insert(case_files).values(values).returning(case_files.c.id)).scalar_one()
            covers = {row.role: row.picture_hash for row in there} | {role: likeness}
            if "own_cover" in covers and "other_cover" in covers:
                alike = cover_likeness(covers["own_cover"], covers["other_cover"])
                connection.execute(update(cases).where(cases.c.id == case).values(cover_likeness=alike))
        return Paper(number, role, cut(name, 200) or role, media_type, digest, len(written))

    def files(self, case: int) -> list[Paper]:
        """The files of a case."""
        query = select(case_files).where(case_files.c.case == case).order_by(case_files.c.id)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query)
            return [Paper(row.id, row.role, row.name, row.media_type, row.hash, row.bytes) for row in rows]

    def content(self, case: int, file: int) -> tuple[bytes, Paper]:
        """The bytes of a file of this case. Raises NotFound."""
        paper = next((one for one in self.files(case) if one.id == file), None)
        if paper is None:
            raise NotFound("There is no such file.")
        return kept(self._folder / paper.hash, paper.name), paper

    def find(self, case: int, creator_id: str | None = None) -> Case:
        """Raises NoSuchCase, for another creator's too."""
        with reading(self._engine).begin() as connection:
            found = self._need(connection, case)
        if creator_id is not None and found.creator_id != creator_id:
            raise NoSuchCase
        return found

    def entries(self, case: int, *, with_notes: bool = True) -> list[Entry]:
        """The history, oldest first."""
        query = select(case_entries).where(case_entries.c.case == case).order_by(case_entries.c.id)
        with reading(self._engine).begin() as connection:
            return [
                Entry(row.at, row.act, row.author, row.text, row.state)
                for row in connection.execute(query)
                if with_notes or row.act != "note"
            ]

    def queue(self, is_open: bool = True, page: int = 1, size: int = 30) -> list[Case]:
        """Cases that are under way, those due first; or those that are over, newest first."""
        query = select(*_COLUMNS).where(cases.c.state.in_(OPEN) if is_open else cases.c.state.not_in(OPEN))
        order = (cases.c.due_at, cases.c.id) if is_open else (cases.c.changed_at.desc(),)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query.order_by(*order).limit(size).offset((page - 1) * size))
            return [_case(row) for row in rows]

    def of(self, creator_id: str, side: Side, size: int = 5) -> Sequence[Case]:
        """A creator's own cases, newest first."""
        which = (cases.c.creator_id == creator_id, cases.c.side == side)
        query = select(*_COLUMNS).where(*which).order_by(cases.c.id.desc()).limit(size)
        with reading(self._engine).begin() as connection:
            return [_case(row) for row in connection.execute(query)]

    def statistics(self, days: int) -> dict[str, int]:
        """Of the cases opened in the last `days` days: how many, by state."""
        since = _now() - timedelta(days=days)
        counted = select(cases.c.state, func.count()).where(cases.c.opened_at >= since).group_by(cases.c.state)
        with reading(self._engine).begin() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def own_work(self, creator_id: str, title: str) -> tuple[str, str, datetime] | None:
        """The creator's work whose title is most like this one: id, title, published; None when none is alike."""
        works = works_between(self._warehouse, creator_id, date.min, date.max)
        alike = [(title_likeness(title, work.title) or 0.0, work) for work in works]
        best = max(alike, key=lambda pair: pair[0], default=None)
        if best is None or best[0] < 0.5:
            return None
        return best[1].work_id, best[1].title, best[1].published_at

    def _write(self, connection: Connection, case: Case, act: str, author: str, text: str, state: State) -> None:
        """The entry and the notice of a step."""
        values = {"case": case.id, "at": _now(), "act": act, "author": author, "text": text, "state": state}
        entry = connection.execute(insert(case_entries).values(values).returning(case_entries.c.id)).scalar_one()
        title = say("case_title", case.lang, number=case.id, title=case.own_title)
        words = say(f"case_{case.side}_{state}", case.lang)
        body = "\n".join([words, text]) if text and author != "creator" else words
        post = Post(case.creator_id, "case", f"case:{case.id}:{entry}", Message(title, body))
        self._notices.post_within(connection, [post])

    def _need(self, connection: Connection, case: int) -> Case:
        row = connection.execute(select(*_COLUMNS).where(cases.c.id == case)).first()
        if row is None:
            raise NoSuchCase
        return _case(row)


def address_key(url: str) -> str:
    """What is the same for one address however it was shared: without scheme, `www.`, marks of sharing and fragment."""
    parts = urlsplit(url.strip())
    kept = [pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.lower())]
    query = f"?{'&'.join(sorted(kept))}" if kept else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}{query}"[:500]


def _refuse_many(connection: Connection, creator_id: str) -> None:
    own = (cases.c.creator_id == creator_id, cases.c.side == "report", cases.c.state.in_(OPEN))
    if (connection.scalar(select(func.count()).select_from(cases).where(*own)) or 0) >= MOST_OPEN:
        raise Conflict("You have {most} reports under way; wait until one of them is decided.", most=MOST_OPEN)


def _checked(report: Report) -> Report:
    if not 1 <= len(report.own_title.strip()) <= 200:
        raise BadInput("Name your own work by its title (1 to 200 characters).")
    for address in filter(None, (report.other_url, report.own_url)):
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc or len(address) > 500:
            raise BadInput("A link is a whole address, such as https://v.kuaishou.com/abc.")
    if not report.other_url:
        raise BadInput("Give the link of the other work.")
    if not 1 <= len(report.statement.strip()) <= LONGEST:
        raise BadInput("A statement has 1 to {longest} characters.", longest=LONGEST)
    return report


def _case(row: Row[Any]) -> Case:
    return Case(**row._mapping)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
