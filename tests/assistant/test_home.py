import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import Conflict, Misconfigured, Unavailable
from assistant.home import Home, Occupied, Serving, signing_secret
from assistant.settings import Settings

HOLDER = """
import sys, time
from pathlib import Path
from assistant.home import Home, Serving
with Home(Path(sys.argv[1])).owner_lock() as lock:
    if len(sys.argv) > 2:
        lock.announce(Serving(1, sys.argv[2], "token"))
    print("held", flush=True)
    time.sleep(60)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "deep" / "home")


def test_folder_and_its_files_are_for_their_owner_only(home: Home):
    home.secret()
    with home.owner_lock() as lock:
        lock.announce(Serving(os.getpid(), "http://127.0.0.1:1", "t"))
        names = ("owner.lock", "owner.json", "secret.key")
        assert [mode(home.folder / name) for name in names] == [0o600] * 3
    assert mode(home.folder) == 0o700


def test_secret_is_made_once_even_by_many_at_the_same_time(home: Home):
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: Home(home.folder).secret(), range(32)))
    assert len(secrets) == 1
    assert len(bytes.fromhex(secrets.pop())) == 32
    assert [path.name for path in home.folder.iterdir()] == ["secret.key"]


def test_homes_with_one_secret_by_setting_sign_alike_and_others_do_not(tmp_path: Path):
    given = {"secret": "the same secret of at least 32 characters"}
    one, other = (tmp_path / name for name in ("one", "other"))
    assert signing_secret(Settings(home=one, **given)) == signing_secret(Settings(home=other, **given))
    assert signing_secret(Settings(home=one)) != signing_secret(Settings(home=other))


def test_damaged_secret_is_told_and_never_replaced(home: Home):
    (home.folder / "secret.key").write_text("short")
    with pytest.raises(Misconfigured, match="damaged"):
        home.secret()
    assert (home.folder / "secret.key").read_text() == "short"


def test_second_owner_is_refused_until_the_first_has_left(home: Home):
    with home.owner_lock(), pytest.raises(Occupied, match="another command") as refused, home.owner_lock():
        pass
    assert isinstance(refused.value, Conflict)
    with home.owner_lock():
        pass


def test_server_is_found_while_it_lives_and_forgotten_when_it_withdraws(home: Home):
    told = Serving(os.getpid(), "http://127.0.0.1:8300", "token")
    assert home.serving() is None
    with home.owner_lock() as lock:
        assert home.serving() is None
        lock.announce(told)
        assert home.serving() == told
        with pytest.raises(Occupied, match="http://127.0.0.1:8300") as refused, home.owner_lock():
            pass
        assert refused.value.serving == told
        lock.withdraw()
        assert home.serving() is None
    assert not (home.folder / "owner.json").exists()


def test_killed_owner_leaves_nothing_that_blocks_the_next_one(home: Home):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.folder), "http://127.0.0.1:9"], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert home.serving() is not None
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert (home.folder / "owner.json").exists()
    assert home.serving() is None
    with home.owner_lock():
        assert not (home.folder / "owner.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '"x"'])
def test_unreadable_announcement_counts_as_none(home: Home, text: str):
    with home.owner_lock():
        (home.folder / "owner.json").write_text(text)
        assert home.serving() is None


def test_announcement_is_never_seen_half_written(home: Home):
    with home.owner_lock() as lock:
        lock.announce(Serving(1, "http://127.0.0.1:1", "a" * 50))
        lock.announce(Serving(1, "http://127.0.0.1:2", "b"))
        assert json.loads((home.folder / "owner.json").read_text())["token"] == "b"
    assert not list(home.folder.glob("*.new"))


def test_bare_home_stays_bare_until_told_otherwise(home: Home):
    assert not home.is_bare
    home.is_bare = True
    home.is_bare = True
    assert Home(home.folder).is_bare
    home.is_bare = False
    home.is_bare = False
    assert not home.is_bare


def test_home_that_is_a_file_is_a_setting_to_mend(tmp_path: Path):
    (tmp_path / "home").write_text("")
    with pytest.raises(Misconfigured, match="HELIOTROPE_HOME"):
        Home(tmp_path / "home")
    with pytest.raises(Misconfigured, match="HELIOTROPE_HOME"):
        Home(tmp_path / "home" / "below")


def test_full_disk_is_told_as_such(monkeypatch: pytest.MonkeyPatch, home: Home):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    (home.folder / f"owner.json.{os.getpid()}.new").symlink_to(full)
    with home.owner_lock() as lock, pytest.raises(Unavailable, match="full"):
        lock.announce(Serving(1, "http://127.0.0.1:1", "t"))


def _try_to_write_as_nobody(folder: str) -> None:
    os.setgid(65534)
    os.setuid(65534)
    try:
        Home(Path(folder))
    except Misconfigured:
        os._exit(42)
    os._exit(0)


def test_folder_of_somebody_else_is_a_setting_to_mend(home: Home):
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    process = multiprocessing.get_context("fork").Process(target=_try_to_write_as_nobody, args=(str(home.folder),))
    process.start()
    process.join(30)
    assert process.exitcode == 42
