"""Staff accounts: who may sign in, as what. Every change ends the account's sessions and is told in the audit trail."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.tables import staff
from assistant.errors import BadInput
from assistant.staff.passwords import Passwords
from assistant.staff.patience import Patience
from assistant.staff.people import (
    LANGUAGES,
    ROLES,
    LastAdmin,
    Member,
    NameTaken,
    NoSuchMember,
    Person,
    Role,
    SignInRefused,
    TooManyAttempts,
    UnusableName,
    WrongPassword,
)
from assistant.staff.sessions import end_sessions
from knowledge.audit import record

NAME_CHARACTERS, KEY_CHARACTERS = 60, 200
FAILURES_OF_A_NAME, FAILURES_OF_AN_ADDRESS = 5, 20  # an office shares one address
UNKNOWN = "(unknown name)"  # what was typed is not kept: it may be a password in the wrong field


class Staff:
    """The accounts. Names are told apart by more than case and width; there is always an active admin once there
    was one.

    `actor` is who makes a change: a person's name, or `operator` for the command line.
    """

    def __init__(
        self,
        engine: Engine,
        passwords: Passwords | None = None,
        names: Patience | None = None,
        addresses: Patience | None = None,
    ) -> None:
        self._engine = engine
        self._passwords = passwords or Passwords()
        self._names = names or Patience(FAILURES_OF_A_NAME)
        self._addresses = addresses or Patience(FAILURES_OF_AN_ADDRESS)

    def all(self) -> list[Member]:
        """Every account, by name."""
        with reading(self._engine).begin() as connection:
            return [_member(row) for row in connection.execute(select(staff).order_by(staff.c.name_key))]

    def get(self, name: str) -> Member:
        """The account of this name. Raises NoSuchMember."""
        with reading(self._engine).begin() as connection:
            return _member(_row(connection, name))

    def is_empty(self) -> bool:
        """Whether nobody was ever added."""
        with reading(self._engine).begin() as connection:
            return connection.scalar(select(func.count()).select_from(staff)) == 0

    def add(self, name: str, role: str, password: str | None, actor: str) -> Member:
        """Add an account; without a password it can only sign in through the identity provider.

        Raises NameTaken, UnusableName, WeakPassword.
        """
        if not _key(name) or len(name) > NAME_CHARACTERS or name != name.strip():
            raise UnusableName(
                "A name is 1 to {name_characters} printable characters without spaces around it.",
                name_characters=NAME_CHARACTERS,
            )
        chosen, kept = _role(role), None if password is None else self._passwords.hash(password, name)
        values = {"name": name, "name_key": _key(name), "role": chosen, "password_hash": kept}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(staff).values(**values, active=True, language="zh", created_at=_now()))
                record(connection, actor, "staff.added", name, role=chosen)
        except IntegrityError as error:
            raise NameTaken(name) from error
        return self.get(name)

    def set_role(self, name: str, role: str, actor: str) -> Member:
        """Give another role. Raises NoSuchMember, LastAdmin."""
        chosen = _role(role)
        with self._changing(name) as (connection, row):
            if row.role != chosen:
                _keep_an_admin(connection, row, stays=chosen == "admin")
                _change(connection, row, role=chosen)
                record(connection, actor, "staff.role_changed", row.name, before=row.role, after=chosen)
        return self.get(name)

    def set_password(self, name: str, password: str, actor: str) -> None:
        """Set a new password for somebody. Raises NoSuchMember, WeakPassword."""
        kept = self._passwords.hash(password, name)
        with self._changing(name) as (connection, row):
            _change(connection, row, password_hash=kept)
            record(connection, actor, "staff.password_changed", row.name)
        self._names.forgive(_key(name))

    def change_password(self, name: str, present: str, new: str, address: str = "") -> None:
        """Change one's own password, proving to know the present one; every session ends, the own one too.

        Raises WrongPassword, WeakPassword, TooManyAttempts.
        """
        kept = self._passwords.hash(new, name)
        try:
            self.authenticate(name, present, address)
        except SignInRefused as error:
            raise WrongPassword("The present password is wrong; type it again.") from error
        with self._changing(name) as (connection, row):
            _change(connection, row, password_hash=kept)
            record(connection, row.name, "staff.password_changed", row.name)

    def set_language(self, name: str, language: str) -> None:
        """The language of the console for one person: zh or en."""
        if language not in LANGUAGES:
            raise BadInput("The console speaks zh and en; choose one of them.")
        with self._changing(name) as (connection, row):
            connection.execute(update(staff).where(staff.c.id == row.id).values(language=language))

    def disable(self, name: str, actor: str) -> Member:
        """Let somebody in no more; the account and its history stay. Raises NoSuchMember, LastAdmin."""
        with self._changing(name) as (connection, row):
            if row.active:
                _keep_an_admin(connection, row, stays=False)
                _change(connection, row, active=False)
                record(connection, actor, "staff.disabled", row.name)
        return self.get(name)

    def enable(self, name: str, actor: str) -> Member:
        """Let somebody in again, with the password and role of before. Raises NoSuchMember."""
        with self._changing(name) as (connection, row):
            if not row.active:
                _change(connection, row, active=True)
                record(connection, actor, "staff.enabled", row.name)
        return self.get(name)

    def authenticate(self, name: str, password: str, address: str = "") -> Person:
        """Who signs in by name and password from a network `address` ("" counts for none).

        Raises SignInRefused, the same whatever was wrong and in about the same time, and TooManyAttempts.
        """
        key = _key(name)
        self._wait_for(self._addresses, address)
        self._wait_for(self._names, key)
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(staff).where(staff.c.name_key == key)).first()
        if not self._passwords.holds(password, row.password_hash if row else None) or row is None or not row.active:
            self._refuse(row, address, "disabled" if row and not row.active else "wrong password")
        self._names.forgive(key)
        self._addresses.forgive(address)
        if self._passwords.is_outdated(row.password_hash):
            with self._engine.begin() as connection:
                values = {"password_hash": self._passwords.hash(password, row.name)}
                connection.execute(update(staff).where(staff.c.id == row.id).values(**values))
        return Person(row.name, row.role, row.language)

    def recognise(self, subject: str, name: str, address: str = "") -> Person:
        """Who signs in through the identity provider: the account bound to `subject`, or, the first time, the one of
        this name, which is bound to it from then on. Raises SignInRefused when there is none."""
        with self._engine.begin() as connection:
            row = connection.execute(select(staff).where(staff.c.oidc_subject == subject)).first()
            if row is None:
                unbound = staff.c.name_key == _key(name), staff.c.oidc_subject.is_(None), staff.c.active
                row = connection.execute(select(staff).where(*unbound).with_for_update()).first()
                if row is not None:
                    connection.execute(update(staff).where(staff.c.id == row.id).values(oidc_subject=subject))
                    record(connection, row.name, "staff.bound", row.name, identity=subject)
        if row is None or not row.active:
            self._refuse(row, address, "disabled" if row else "no such account at the identity provider's word")
        return Person(row.name, row.role, row.language)

    def _wait_for(self, patience: Patience, key: str) -> None:
        seconds = patience.seconds_to_wait(key) if key else 0
        if seconds:
            raise TooManyAttempts(seconds)

    def _refuse(self, row: Row | None, address: str, reason: str) -> NoReturn:
        with self._engine.begin() as connection:
            subject = row.name if row else UNKNOWN
            record(connection, "sign-in", "staff.sign_in_failed", subject, reason if row else "", address=address)
        raise SignInRefused

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[Connection, Row]]:
        with self._engine.begin() as connection:
            yield connection, _row(connection, name)


def _row(connection: Connection, name: str) -> Row:
    row = connection.execute(select(staff).where(staff.c.name_key == _key(name)).with_for_update()).first()
    if row is None:
        raise NoSuchMember(name)
    return row


def _change(connection: Connection, row: Row, **values: Any) -> None:
    connection.execute(update(staff).where(staff.c.id == row.id).values(**values))
    end_sessions(connection, row.id)


def _keep_an_admin(connection: Connection, row: Row, stays: bool) -> None:
    """Raises LastAdmin when nobody else could mend the roles. The rows are locked: two admins may remove each other."""
    if stays or row.role != "admin" or not row.active:
        return
    admins = select(staff.c.id).where(staff.c.role == "admin", staff.c.active).with_for_update()
    if set(connection.scalars(admins)) <= {row.id}:
        raise LastAdmin(row.name)


def _role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise BadInput("There is no role {role!r}; the roles are {known}.", role=role, known=", ".join(ROLES))


def _key(name: str) -> str:
    """The folded form; "", which nobody has, for what cannot be a name (nor always be asked of a database)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return folded if folded.isprintable() and len(folded) <= KEY_CHARACTERS else ""


def _member(row: Row) -> Member:
    return Member(
        row.id,
        row.name,
        row.role,
        row.language,
        row.active,
        row.created_at,
        row.last_sign_in_at,
        row.password_hash is not None,
        row.oidc_subject is not None,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
