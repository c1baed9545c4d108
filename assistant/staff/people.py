"""Who works on the console and what each may do. A Person travels with every change staff make, as its author."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from assistant.errors import BadInput, Conflict, NotAllowed, NotFound, Unavailable

Role = Literal["viewer", "editor", "publisher", "admin"]
Language = Literal["zh", "en"]
ROLES: tuple[Role, ...] = get_args(Role)
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. Each role may also do what the roles before it may."""

    name: str
    role: Role
    language: Language = "zh"

    def may(self, role: Role) -> bool:
        """Whether this person's role is `role` or a higher one."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Member:
    """One account as the staff page lists it; times are UTC."""

    id: int
    name: str
    role: Role
    language: Language
    active: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    has_password: bool
    has_subject: bool


class NameTaken(Conflict):
    """Names differ in more than upper and lower case."""

    def __init__(self, name: str) -> None:
        super().__init__("There is a staff account {name!r} already; choose another name.", name=name)
        self.name = name


class UnusableName(BadInput):
    """A name is 1 to 60 printable characters without spaces around it."""


class WeakPassword(BadInput):
    """A password is 12 to 256 characters and not the name."""


class WrongPassword(BadInput):
    """Somebody signed in who changes the password did not prove to know the present one."""


class NoSuchMember(NotFound):
    """There is no staff account of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "There is no staff account {name!r}; `heliotrope staff list` names those that exist.",
            name=name,
        )
        self.name = name


class LastAdmin(Conflict):
    """Somebody must stay who can mend the roles."""

    def __init__(self, name: str) -> None:
        super().__init__("{name!r} is the only active admin; make somebody else an admin first.", name=name)
        self.name = name


class SignInRefused(NotAllowed):
    """One and the same for an unknown name, a wrong password and a disabled account: trying tells nothing."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Name or password is wrong, or the account is disabled.")


class TooManyAttempts(Unavailable):
    """`retry_after` is in seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many failed attempts; try again in {seconds} seconds.", seconds, seconds=seconds)
