"""The files that staff uploaded, as they were: a folder of files named by what they hold.

Invariant: a file is whole or not there, and its name is the SHA-256 of its bytes; the same bytes are kept once. A
revision that was read from a file names it in its attribute `original`: `{"sha256", "name"}`.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge.documents import ORIGINAL, NewRevision
from knowledge.errors import BadInput, NotFound
from knowledge.keeping import keep
from knowledge.reading.limits import LARGEST

LONGEST_NAME = 120  # characters
UNUSED = timedelta(days=7)  # after which a file that no revision came of is let go
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Original:
    """A kept file and the name it was uploaded under."""

    sha256: str
    name: str


class Originals:
    """Keeps uploaded files below one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, data: bytes) -> Original:
        """Keep a file. Raises BadInput for one over 20 MB, and Unavailable when it cannot be written."""
        if len(data) > LARGEST:
            raise BadInput(
                "{name} is larger than {megabytes} MB; split it.",
                name=name[:LONGEST_NAME], megabytes=LARGEST // 2 ** 20,
            )
        original = Original(hashlib.sha256(data).hexdigest(), _plain(name))
        keep(self._path(original.sha256), data, original.name)  # again, so that it is young for `forget_unused`
        return original

    def holds(self, original: Original) -> bool:
        """Whether the file is here."""
        return self._path(original.sha256).is_file()

    def path(self, original: Original) -> Path:
        """Where a kept file lies. Raises NotFound for one that is not here."""
        if not self.holds(original):
            raise NotFound("The file {name} is not kept here.", name=original.name)
        return self._path(original.sha256)

    def forget_unused(self, used: Collection[str]) -> int:
        """Remove files that are older than a week and whose digest is not in `used`; returns how many."""
        oldest = (datetime.now(UTC) - UNUSED).timestamp()
        unused = [
            path for path in self._folder.glob("*/*") if path.name not in used and path.stat().st_mtime < oldest
        ]
        for path in unused:
            path.unlink(missing_ok=True)
        return len(unused)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def coming_from(original: Original, revision: NewRevision) -> NewRevision:
    """The revision with the file it was read from."""
    return replace(revision, attributes={**revision.attributes, ORIGINAL: asdict(original)})


def original_of(attributes: Mapping[str, Any]) -> Original | None:
    """The file that a revision's attributes name; None without one, and for anything else that an author wrote
    there."""
    found = attributes.get(ORIGINAL)
    if not isinstance(found, dict):
        return None
    digest, name = found.get("sha256"), found.get("name")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest) or not isinstance(name, str):
        return None
    return Original(digest, _plain(name))


def _plain(name: str) -> str:
    """A file name without folders and without what cannot be seen."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in last if character.isprintable()).strip(" .")
    stem, dot, suffix = visible.rpartition(".")
    cut = f"{stem[: LONGEST_NAME - 12]}{dot}{suffix[:11]}" if stem else visible[:LONGEST_NAME]
    return cut or "file"

