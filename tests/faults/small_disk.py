"""A disk that is really full: a small tmpfs of our own, filled to the last byte."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 2**20


@dataclass
class SmallDisk:
    """A mounted file system of a few megabytes; where none can be mounted, an ordinary folder and the reason why."""

    folder: Path
    why_not: str = ""

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        return shutil.disk_usage(self.folder).free

    def fill(self, left: int = 0) -> None:
        """Leave so many bytes, or none."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            for size in (MEGABYTE, 4096, 1):
                try:
                    while self.free - size >= left:
                        ballast.write(bytes(size))
                        if size == 1:
                            break
                except OSError:
                    continue

    def make_room(self) -> None:
        """Take the ballast away."""
        (self.folder / "ballast").unlink(missing_ok=True)


def size_of(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A tmpfs of that size at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        yield SmallDisk(folder, "only root can mount the small disk that is to be filled")
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    tried = subprocess.run(mount, capture_output=True, text=True)
    if tried.returncode:
        yield SmallDisk(folder, f"the small disk that is to be filled cannot be mounted here: {tried.stderr.strip()}")
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
