"""A whole server under a clock that is set while it runs: a day forward, then 25 hours back.

`python -m tests.faults.clock` needs a C compiler; it says what became of questions, tokens, sessions and rounds.
"""

import json
import sqlite3
import struct
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.serving import Server, serving

HERE = Path(__file__).parent
DAY, HOUR = 86_400, 3_600
SETTLED = 8.0  # seconds after a jump in which a scheduler that makes up for lost time would be seen


@dataclass
class Clock:
    """The clock of the processes that are started under it. `shift` is in seconds."""

    file: Path
    library: Path
    shift: int = 0

    @classmethod
    def made(cls, folder: Path) -> "Clock":
        """Compile what is loaded before the C library."""
        library, file = folder / "clock.so", folder / "shift"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "clock.c", "-ldl"], check=True)
        file.write_bytes(struct.pack("l", 0))
        return cls(file, library)

    @property
    def environment(self) -> dict[str, str]:
        """What a process must be started with."""
        return {"LD_PRELOAD": str(self.library), "CLOCK_SHIFT": str(self.file)}

    @property
    def now(self) -> float:
        """The time that they see."""
        return time.time() + self.shift

    def set_by(self, seconds: int) -> None:
        """Set it forward, or back."""
        self.shift += seconds
        with self.file.open("r+b") as file:  # in place: it is mapped
            file.write(struct.pack("l", self.shift))


def rounds(home: Path) -> Counter[str]:
    """How often each round was begun."""
    with closing(sqlite3.connect(home / "jobs.db")) as database:
        names = database.execute("SELECT workflow_uuid FROM workflow_status WHERE name = 'round'").fetchall()
    return Counter(name.split("-20")[0].removeprefix("round-") for (name,) in names)


def begun_since(before: Counter[str], server: Server) -> dict[str, int]:
    """What was begun since."""
    return dict(rounds(server.home) - before)


def token_of(server: Server) -> str:
    """A fresh token, fifteen minutes long."""
    return server.run("creators", "token", "demo-01").said.split()[-1]


def seen(server: Server, token: str) -> str:
    """What a token and a plain question get, and the day that an answer stands for."""
    asked = server.ask("我的数据怎么样", headers={"Authorization": f"Bearer {token}"})
    plain = server.ask()
    ready = server.client.get("/readyz").json()
    told = f"ready: {ready['status']} {ready.get('degraded', '')}"
    return f"a token {asked.status_code}, a question {plain.status_code}, {told}"


def main() -> None:
    """Set the clock and look."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = open_services(Settings(home=folder / "home"))
        initialise(services, empty=False, progress=lambda *_: None)
        services.close()
        clock = Clock.made(folder)
        with serving(folder / "home", **clock.environment) as server:
            token = token_of(server)
            time.sleep(max(0.0, 62 - clock.now % 60))  # past the next minute
            time.sleep(3)
            print("before:", seen(server, token), "rounds:", dict(rounds(server.home)))

            before = rounds(server.home)
            clock.set_by(DAY)
            time.sleep(SETTLED)
            print("a day forward, old token:", seen(server, token), "rounds begun:", begun_since(before, server))
            token = token_of(server)
            print("a day forward, new token:", seen(server, token))

            before = rounds(server.home)
            clock.set_by(-DAY - HOUR)
            print("25 hours back, token issued before:", seen(server, token))
            time.sleep(max(0.0, 62 - clock.now % 60) + 3)
            print("25 hours back, after the next minute: rounds begun:", begun_since(before, server))
            code, seconds = server.stop()
            errors = [line for line in server.log.splitlines() if json.loads(line)["level"] != "INFO"]
            print(f"stopped with {code} in {seconds:.1f} s; the log has {len(errors)} warnings and errors")
            for line in errors[:10]:
                print("  ", json.loads(line)["message"][:200])


if __name__ == "__main__":
    main()
