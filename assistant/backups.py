"""A home in one file: written while it is served, and put back into an empty folder.

What is derived is left out: the index is made anew from the database at the first start.
"""

import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput, Conflict
from assistant.settings import Settings

DATABASES = ("heliotrope.db", "jobs.db")
WAREHOUSE = "warehouse.duckdb"
FILES = ("originals", "pictures", "cases", "telegram")  # in the folder of files, which is the home by default
KEPT_AS_THEY_ARE = ("secret.key", "bare")
PARTS = (*DATABASES, WAREHOUSE, *FILES, *KEPT_AS_THEY_ARE)


def back_up(settings: Settings, engine: Engine, warehouse: Warehouse, target: Path) -> int:
    """Write the home to `target`, a tar file that only its owner can read; returns its size in bytes.

    Each database is copied as it is at one moment, while others write. The files that the database names (originals,
    pictures, evidence) are never changed and copied after it, so nothing is missing. Raises Conflict when `target` is
    there, BadInput where the data is not in the home folder.
    """
    home = settings.home
    if engine.dialect.name != "sqlite" or Path(str(engine.url.database)) != home / DATABASES[0]:
        raise BadInput(f"The database is not {home / DATABASES[0]}; back it up with its own tools, such as pg_dump.")
    if target.exists():
        raise Conflict(f"{target} is there already; give another name.")
    with TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copies = Path(folder)
        for name in DATABASES:
            if (home / name).exists():
                with closing(sqlite3.connect(home / name)) as connection:
                    connection.execute("VACUUM INTO ?", (str(copies / name),))
        warehouse.copy_to(copies / WAREHOUSE)
        archive = copies / "archive"
        with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name in (*DATABASES, WAREHOUSE):
                    if (copies / name).exists():
                        tar.add(copies / name, name)
                for name in (*FILES, *KEPT_AS_THEY_ARE):
                    if _place(settings, name).exists():
                        tar.add(_place(settings, name), name)
            file.flush()
            os.fsync(file.fileno())
        archive.rename(target)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Put a backup back into a home that holds nothing yet and that the caller owns.

    Raises Conflict for a home that holds data, BadInput for a file that is no whole backup; then nothing was changed.
    """
    home = settings.home
    taken = [path for name in PARTS if name != "bare" and (path := _place(settings, name)).exists()]
    if taken:
        variable = "HELIOTROPE_HOME" if taken[0].parent == home else "HELIOTROPE_FILES_FOLDER"
        raise Conflict(f"{taken[0].parent} holds {taken[0].name} already; set {variable} to an empty folder.")
    with TemporaryDirectory(prefix="restoring-", dir=home) as folder:
        try:
            with tarfile.open(source, "r:") as tar:
                if not set(tar.getnames()) >= {DATABASES[0], WAREHOUSE, "secret.key"}:
                    raise BadInput(f"{source} is no backup of Heliotrope.")
                tar.extractall(folder, filter="data")
            for name in DATABASES:
                if (Path(folder) / name).exists():
                    _look_over(Path(folder) / name)
        except (tarfile.TarError, EOFError, sqlite3.DatabaseError) as error:
            raise BadInput(f"{source} is damaged or no backup of Heliotrope; nothing was restored.") from error
        for name in PARTS:
            if (Path(folder) / name).exists():
                place = _place(settings, name)
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.move(Path(folder) / name, place)


def _place(settings: Settings, name: str) -> Path:
    """Where a part of a backup lies."""
    return (settings.files if name in FILES else settings.home) / name


def _look_over(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("damaged")
