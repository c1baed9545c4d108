"""The home folder: who owns it, where its owner can be reached, and the secret that belongs to it.

Invariant: at most one process owns a home. The kernel's lock on `owner.lock` decides, so an owner that is killed
leaves nothing to clean up; `owner.json` only tells where a living owner serves.
"""

import errno
import fcntl
import json
import os
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import Conflict, Misconfigured, Problem, Unavailable
from assistant.settings import Settings

FULL = (errno.ENOSPC, errno.EDQUOT)
SECRET_BYTES = 32


@dataclass(frozen=True)
class Serving:
    """Where the owner of a home serves, and the token that its operator's commands carry."""

    pid: int
    url: str
    token: str


class Occupied(Conflict):
    """Another living process owns the home. `serving` is None when that process is a command and no server."""

    def __init__(self, message: str, serving: Serving | None) -> None:
        super().__init__(message)
        self.serving = serving


class OwnerLock:
    """Held by the one process that owns the home, for as long as it lives or until `owner_lock` is left."""

    def __init__(self, announcement: Path) -> None:
        self._announcement = announcement

    def announce(self, serving: Serving) -> None:
        """Tell other processes where this one serves. Raises Misconfigured or Unavailable when it cannot be written."""
        try:
            _write_private(self._announcement, json.dumps(asdict(serving)))
        except OSError as error:
            raise _problem(self._announcement.parent, error) from error

    def withdraw(self) -> None:
        """Tell nobody any more; the lock itself stays until `owner_lock` is left."""
        with suppress(OSError):
            self._announcement.unlink(missing_ok=True)


class Home:
    """The folder of one installation. Making a Home creates the folder, for its owner's eyes only.

    Raises Misconfigured when the folder cannot be used and Unavailable when the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _problem(folder, error) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Misconfigured(f"The home folder {folder} cannot be written; mend its rights or set HELIOTROPE_HOME.")

    @property
    def is_bare(self) -> bool:
        """Whether the operator asked for a home without starter knowledge and demonstration creators."""
        return self._bare.exists()

    @is_bare.setter
    def is_bare(self, bare: bool) -> None:
        try:
            self._bare.touch(mode=0o600) if bare else self._bare.unlink(missing_ok=True)
        except OSError as error:
            raise _problem(self.folder, error) from error

    @contextmanager
    def owner_lock(self) -> Iterator[OwnerLock]:
        """Own the home. Raises Occupied at once when another process does, whatever it is doing."""
        lock = OwnerLock(self._announcement)
        descriptor = self._open_lock()
        try:
            if not self._locked(descriptor):
                serving = self._announced()
                doing = f"it is served at {serving.url}" if serving else "another command is using it"
                raise Occupied(f"The home folder {self.folder} is in use: {doing}.", serving)
            lock.withdraw()  # left behind by an owner that was killed
            try:
                yield lock
            finally:
                lock.withdraw()
        finally:
            os.close(descriptor)

    def serving(self) -> Serving | None:
        """Where the home's living owner serves; None when nobody owns it or the owner is no server."""
        descriptor = self._open_lock()
        try:
            return None if self._locked(descriptor) else self._announced()
        finally:
            os.close(descriptor)

    def secret(self) -> str:
        """This home's own secret: 32 random bytes in hexadecimal, made on first use and never changed."""
        path = self.folder / "secret.key"
        try:
            if not path.exists():
                self._create_once(path, secrets.token_hex(SECRET_BYTES))
            secret = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _problem(self.folder, error) from error
        if len(secret) != 2 * SECRET_BYTES or not set(secret) <= set(string.hexdigits):
            raise Misconfigured(
                f"{path} is damaged; put it back from a backup, or delete it to end all sessions and tokens."
            )
        return secret

    @property
    def _announcement(self) -> Path:
        return self.folder / "owner.json"

    @property
    def _bare(self) -> Path:
        return self.folder / "bare"

    def _create_once(self, path: Path, text: str) -> None:
        """Give `path` its content in one step; of two processes that try, the first one's content stays."""
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        _write_private(draft, text)
        try:
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()

    def _open_lock(self) -> int:
        try:
            return os.open(self.folder / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _problem(self.folder, error) from error

    def _locked(self, descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise Misconfigured(
                f"The file system of {self.folder} has no file locks; set HELIOTROPE_HOME to a local disk."
            ) from error
        return True

    def _announced(self) -> Serving | None:
        try:
            return Serving(**json.loads(self._announcement.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def signing_secret(settings: Settings) -> str:
    """What signs sessions, tokens and links: the setting that all replicas share, or this home's own."""
    return settings.secret.get_secret_value() or Home(settings.home).secret()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _problem(folder: Path, error: Exception) -> Problem:
    if isinstance(error, OSError) and error.errno in FULL:
        return Unavailable(f"The disk of {folder} is full; make room and try again.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
    return Misconfigured(f"The home folder {folder} cannot be used ({reason}); mend it or set HELIOTROPE_HOME.")
