"""Passwords: which ones are taken, how they are kept (argon2id) and how one is made for somebody."""

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.staff.people import WeakPassword

LEAST_CHARACTERS, MOST_CHARACTERS = 12, 256
# Each check takes 64 MiB (RFC 9106, the library's default): so many run at once, the others wait for their turn.
CHECKS_AT_ONCE = 2
# Without 0 O 1 I L: a generated password is read from one screen and typed on another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS, GROUP_CHARACTERS = 4, 4


class Passwords:
    """Makes and checks hashes. Checking takes as long for nobody's password as for somebody's."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(CHECKS_AT_ONCE)

    def hash(self, password: str, name: str) -> str:
        """The hash to keep. Raises WeakPassword for one that is too short, too long or the account's own name."""
        typed = _composed(password)
        if not LEAST_CHARACTERS <= len(typed) <= MOST_CHARACTERS:
            raise WeakPassword(
                "A password has {least_characters} to {most_characters} characters; choose another.",
                least_characters=LEAST_CHARACTERS, most_characters=MOST_CHARACTERS,
            )
        if typed.casefold() == _composed(name).casefold() or len(set(typed)) < 4:
            raise WeakPassword("This password is too easy to guess; choose another.")
        with self._turns:
            return self._hasher.hash(_bytes(typed))

    def holds(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one kept; False for None, which stands for an account without a password."""
        nobodys = self._nobodys
        typed = _composed(password)
        if len(typed) > MOST_CHARACTERS:
            return False
        with self._turns:
            try:
                return self._hasher.verify(kept or nobodys, _bytes(typed)) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with weaker parameters than are used now."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_bytes(16))


def generated() -> str:
    """A new random password of about 79 bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))


def _composed(text: str) -> str:
    """One form for what different keyboards send for the same characters."""
    return unicodedata.normalize("NFKC", text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
