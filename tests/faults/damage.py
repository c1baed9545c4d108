"""Eight ways in which the folder of an index can be damaged."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import chromadb
from chromadb.config import Settings

Damage = Callable[[Path], None]


def _segment(folder: Path) -> Path:
    """The folder of the greatest collection."""
    return max(folder.glob("*/data_level0.bin"), key=lambda path: path.stat().st_size).parent


def _missing_segment(folder: Path) -> None:
    shutil.rmtree(_segment(folder))


def _truncated(folder: Path) -> None:
    for path in _segment(folder).glob("*.bin"):
        os.truncate(path, path.stat().st_size // 2)


def _bits_flipped(folder: Path) -> None:
    """Every eighth byte turned round, the header's sizes among them: this ends a process that opens it."""
    for path in _segment(folder).glob("*.bin"):
        content = bytearray(path.read_bytes())
        content[::8] = bytes(byte ^ 0xFF for byte in content[::8])
        path.write_bytes(content)


def _zero_length(folder: Path) -> None:
    for path in _segment(folder).iterdir():
        os.truncate(path, 0)


def _deleted_database(folder: Path) -> None:
    (folder / "chroma.sqlite3").unlink()


def _garbage_database(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"\x93" * 50_000)


def _wrong_rights(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0)
    folder.chmod(0o500)


def _missing_collection(folder: Path) -> None:
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    for collection in client.list_collections():
        if collection.name.endswith("-texts"):
            client.delete_collection(collection.name)
    client.close()


DAMAGES: dict[str, Damage] = {
    "missing segment folder": _missing_segment,
    "truncated files": _truncated,
    "flipped bits": _bits_flipped,
    "files of no length": _zero_length,
    "deleted database": _deleted_database,
    "garbage for a database": _garbage_database,
    "wrong rights": _wrong_rights,
    "missing collection": _missing_collection,
}
