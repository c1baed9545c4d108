"""Files that people handed in, kept whole below a folder that replicas may share: written beside and put in place."""

import errno
import os
import secrets
from pathlib import Path

from knowledge.errors import NotFound, Said, Unavailable


def keep(path: Path, data: bytes, name: str) -> None:
    """Write `path`, whole or not at all; `name` is what the file is called to people. Raises Unavailable with a
    sentence when it cannot be written."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = Said("the disk is full") if is_full else error.strerror
        raise Unavailable(
            "{name} cannot be kept: {reason}. Tell your operator.",
            name=name, reason=reason,
        ) from error


def kept(path: Path, name: str) -> bytes:
    """The bytes of a file. Raises NotFound for one that is not here, as on a replica that does not share the folder."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("The file {name} is not kept here.", name=name) from error
