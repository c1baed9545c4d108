"""Who the creators are, and which chat accounts speak for them."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.tables import chat_links, creators, link_codes
from assistant.errors import BadInput, Conflict, NotFound, Said

# Without 0 O 1 I L: a code is read aloud and typed by hand.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)
CODE_REFUSED = Said("This link code is not valid any more; ask for a new one and send it within ten minutes.")


@dataclass(frozen=True)
class Creator:
    """One creator's account. `synthetic` marks a demonstration creator, which is said wherever it appears."""

    id: str
    name: str
    platform: str
    category: str
    story: str = ""
    synthetic: bool = False
    region: str = ""


class Accounts:
    """Creators and the chat accounts linked to them. Of a link code only the SHA-256 is kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, creator: Creator) -> None:
        """Keep a new creator. Raises Conflict when the id is taken, BadInput when it cannot be an id."""
        if not creator.id or len(creator.id) > 64 or creator.id != creator.id.strip() or not creator.id.isprintable():
            raise BadInput("A creator's id must be 1 to 64 printable characters without spaces around it.")
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(creators).values(**asdict(creator), created_at=_utc(None)))
        except IntegrityError as error:
            raise Conflict("There is a creator {id!r} already; choose another id.", id=creator.id) from error

    def get(self, creator_id: str) -> Creator:
        """The creator with this id. Raises NotFound."""
        found = self.find(creator_id)
        if found is None:
            raise NotFound(
                "There is no creator {creator_id!r}; `heliotrope creators list` names those that exist.",
                creator_id=creator_id,
            )
        return found

    def find(self, creator_id: str) -> Creator | None:
        """The creator with this id, or None."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(creators).where(creators.c.id == creator_id)).first()
        return None if row is None else _creator(row)

    def all(self) -> list[Creator]:
        """Every creator, by id."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(creators).order_by(creators.c.id)).all()
        return [_creator(row) for row in rows]

    def some(self, ids: Collection[str]) -> dict[str, Creator]:
        """Those of these creators that have an account, by id."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(creators).where(creators.c.id.in_(list(ids)))).all()
        return {row.id: _creator(row) for row in rows}

    def categories(self) -> list[tuple[str, str]]:
        """Every creator's id and category."""
        with reading(self._engine).begin() as connection:
            found = connection.execute(select(creators.c.id, creators.c.category))
            # The driver's own rows: of a million, SQLAlchemy's take four seconds more.
            return list(found.cursor.fetchall())

    def names_among(self, pieces: Collection[str]) -> frozenset[str]:
        """Those of these pieces of a text that are names of creators, however many creators there are."""
        found: set[str] = set()
        wanted = sorted(pieces)
        with reading(self._engine).begin() as connection:
            for start in range(0, len(wanted), 500):
                query = select(creators.c.name).where(creators.c.name.in_(wanted[start : start + 500])).distinct()
                found.update(connection.scalars(query))
        return frozenset(found)

    def category_names(self) -> list[str]:
        """The categories that there are, by name."""
        with reading(self._engine).begin() as connection:
            names = connection.scalars(select(creators.c.category).where(creators.c.category != "").distinct()).all()
        return sorted(names)

    def issue_link_code(self, creator_id: str, now: datetime | None = None) -> str:
        """A code that links one chat account to this creator within ten minutes. Raises NotFound."""
        self.get(creator_id)
        moment = _utc(now)
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        with self._engine.begin() as connection:
            connection.execute(delete(link_codes).where(link_codes.c.expires_at < moment))
            expires_at = moment + CODE_LIFETIME
            connection.execute(
                insert(link_codes).values(code_hash=_hash(code), creator_id=creator_id, expires_at=expires_at)
            )
        return code

    def redeem_link_code(self, code: str, channel: str, account: str, now: datetime | None = None) -> Creator:
        """Link (channel, account) to the code's creator, in place of any earlier link, and return the creator.

        Raises BadInput with one and the same sentence for a wrong, an expired and a used code, so that trying codes
        tells nothing.
        """
        moment = _utc(now)
        with self._engine.begin() as connection:
            fresh = (
                link_codes.c.code_hash == _hash(code),
                link_codes.c.used_at.is_(None),
                link_codes.c.expires_at > moment,
            )
            # One conditional update decides: of two who send the same code at once, one changes the row.
            if connection.execute(update(link_codes).where(*fresh).values(used_at=moment)).rowcount != 1:
                raise BadInput(CODE_REFUSED)
            owner = connection.scalar(select(link_codes.c.creator_id).where(link_codes.c.code_hash == _hash(code)))
            link = (chat_links.c.channel == channel, chat_links.c.account == account)
            connection.execute(delete(chat_links).where(*link))
            connection.execute(
                insert(chat_links).values(channel=channel, account=account, creator_id=owner, linked_at=moment)
            )
            row = connection.execute(select(creators).where(creators.c.id == owner)).one()
        return _creator(row)

    def linked_creator(self, channel: str, account: str) -> str | None:
        """The id of the creator that this chat account speaks for, or None."""
        query = select(chat_links.c.creator_id).where(chat_links.c.channel == channel, chat_links.c.account == account)
        with reading(self._engine).begin() as connection:
            return connection.scalar(query)

    def unlink(self, channel: str, account: str) -> bool:
        """Forget the link of a chat account; False when there was none."""
        link = (chat_links.c.channel == channel, chat_links.c.account == account)
        with self._engine.begin() as connection:
            return connection.execute(delete(chat_links).where(*link)).rowcount > 0


def _creator(row: Row) -> Creator:
    return Creator(row.id, row.name, row.platform, row.category, row.story, row.synthetic, row.region)


def _hash(code: str) -> str:
    typed = unicodedata.normalize("NFKC", code).upper()
    return hashlib.sha256("".join(c for c in typed if c.isalnum()).encode()).hexdigest()


def _utc(now: datetime | None) -> datetime:
    """The moment in UTC without a zone, as the tables keep it; a moment given without a zone is taken as UTC."""
    moment = now or datetime.now(UTC)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
