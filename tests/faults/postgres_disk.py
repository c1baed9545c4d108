"""A full disk under PostgreSQL: `python -m tests.faults.postgres_disk` (root, for the small disk; two minutes).

A server whose state and numbers stand in PostgreSQL, on a disk of its own that is filled: first to the last byte, when
tables cannot grow; then until the log of the database does not fit either, when PostgreSQL itself stops. Asked all the
while; then there is room again.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from deploy.postgres import running_postgres
from tests.faults.served import Heard, hear, is_kept, writes
from tests.faults.serving import Server, serving
from tests.faults.small_disk import MEGABYTE, SmallDisk, size_of, small_disk

MEGABYTES = 260  # PostgreSQL and the starter home take 80
SEGMENT = 16  # megabytes: PostgreSQL's log grows in files of that size, made before they are written
ASKED = 20


def asked(server: Server, when: str) -> None:
    """Ask, and tell how many were answered and how long the slowest took."""
    answers = [hear(server, Heard()) for _ in range(ASKED)]
    cited = sum("100亿" in one.text and "citation" in one.kinds for one in answers)
    print(f"{when}: {cited} of {ASKED} questions answered and cited, at most {max(one.ended for one in answers):.2f} s")


def fill_the_log(address: str, disk: SmallDisk) -> str:
    """Write into the log of the database until it does not fit; what PostgreSQL says then."""
    url = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(100 * SEGMENT):
                connection.execute("SELECT pg_logical_emit_message(false, 'ballast', repeat('x', 1000000))")
                disk.fill()
    except psycopg.Error as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return "it still takes more"


def main() -> None:
    """All of it, printed."""
    with tempfile.TemporaryDirectory(prefix="heliotrope-disk-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs under an account of its own
        with small_disk(folder / "small", MEGABYTES) as disk:
            if disk.why_not:
                raise SystemExit(disk.why_not)
            disk.folder.chmod(0o755)
            with running_postgres(disk.folder) as postgres:
                address = postgres.new_database()
                numbers = address.replace("+psycopg", "")
                settings = {"HELIOTROPE_DATABASE_URL": address, "HELIOTROPE_WAREHOUSE_URL": numbers}
                with serving(folder / "home", **settings) as server:
                    print(f"started: {size_of(disk.folder) // MEGABYTE} MB of {MEGABYTES}")
                    _tried(server, disk, folder, address, postgres.start_again)


def _tried(server: Server, disk: SmallDisk, folder: Path, address: str, restart: Callable[[], None]) -> None:
    wanted = writes(server, folder)
    print(f"before, draft: {wanted['draft']()}")
    asked(server, "before")
    disk.fill()
    for kind in ("texts", "release", "numbers"):
        print(f"full, {kind}: {wanted[kind]()}")
    asked(server, "full")
    print(f"the database's log is full, too: {fill_the_log(address, disk)}")
    time.sleep(3)
    asked(server, "the database is down")
    print(f"the database is down, creator: {wanted['creator']()}")
    print(f"the database is down: /readyz {server.client.get('/readyz').text[:300]}")
    disk.make_room()
    restart()  # what a supervisor does with a PostgreSQL that ended
    started = time.monotonic()
    while (told := wanted["creator"]()).code and time.monotonic() - started < 60:
        time.sleep(0.5)
    print(f"room again, creator: {told} after {time.monotonic() - started:.1f} s")
    print(f"room again, numbers: {wanted['numbers']()}")
    print(f"room again: {server.run('knowledge', 'verify')}, kept: {is_kept(server, hear(server, Heard()))}")
    print(f"room again: /readyz {server.client.get('/readyz').text[:300]}")
    lines = [json.loads(line) for line in server.log.splitlines()]
    print(Counter(f"{line['level']} {line['message'][:100]}" for line in lines if line["level"] != "INFO"))


if __name__ == "__main__":
    main()
