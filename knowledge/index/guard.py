"""Whether the folder of the index may be opened in this process: some damaged files end it from native code.

A seal in the folder tells what its files were when the index was last seen to be sound. Where they are still the same,
nothing else is done; otherwise another process opens them first.
"""

import hashlib
import logging
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing, suppress
from pathlib import Path

log = logging.getLogger(__name__)
DATABASE, SEAL = "chroma.sqlite3", "sealed"
PROBE_SECONDS = 120  # a sound index of a million vectors is read in less
CHUNK = 1 << 20


def is_safe(folder: Path) -> bool:
    """Whether Chroma can open what is there and ask every collection, or there is nothing yet."""
    if not any(folder.iterdir()):
        return True
    if not _is_database(folder / DATABASE):
        return False
    holds_vectors = any(folder.glob("*/*"))  # without any, native code reads nothing but the database
    return not holds_vectors or _is_sealed(folder) or _survives(folder)


def seal(folder: Path) -> None:
    """Keep what the files are, for the next start; without it that start only takes longer."""
    with suppress(OSError):
        (folder / SEAL).write_text(_marks(folder), "ascii")


def discard(folder: Path) -> None:
    """Remove what is derived anyway. Raises OSError when it may not be."""
    log.warning("The index in %s is damaged; it is made anew from the database", folder)
    folder.chmod(0o700)
    for inside in folder.rglob("*"):
        with suppress(OSError):
            inside.chmod(0o700)
    for inside in folder.iterdir():
        shutil.rmtree(inside) if inside.is_dir() else inside.unlink()


def _is_database(path: Path) -> bool:
    """Whether SQLite finds its file whole. It reports damage as an error and never crashes."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute("PRAGMA quick_check(1)")] == ["ok"]
    except sqlite3.Error:
        return False


def _is_sealed(folder: Path) -> bool:
    try:
        return (folder / SEAL).read_text("ascii") == _marks(folder)
    except (OSError, UnicodeDecodeError):
        return False


def _marks(folder: Path) -> str:
    """A digest of the names and contents of the files that native code reads. The database is looked over by SQLite."""
    marks = hashlib.sha256()
    for path in sorted(folder.glob("*/*")):
        found = 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found = zlib.crc32(chunk, found)
        marks.update(f"{path.relative_to(folder)} {path.stat().st_size} {found}\n".encode())
    return marks.hexdigest()


def _survives(folder: Path) -> bool:
    """Whether another process opens it and comes back."""
    try:
        probe = subprocess.run(
            [sys.executable, "-m", __name__, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
            cwd=Path(__file__).parents[2],
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return probe.returncode == 0


def _probe(folder: str) -> None:
    """Ask every collection once, which reads all of its files."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
    for collection in client.list_collections():
        some = collection.get(limit=1, include=["embeddings"])["embeddings"]
        if some is not None and len(some):
            collection.query(query_embeddings=some, n_results=100)


if __name__ == "__main__":
    _probe(sys.argv[1])
