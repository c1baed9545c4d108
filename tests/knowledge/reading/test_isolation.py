"""The worker process ends at its limits, and its files come through it whole."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from knowledge.reading.files import read_path
from knowledge.reading.formats import Upload, revisions_in
from knowledge.reading.isolation import revisions_apart
from tests.knowledge.reading import samples

ROOT = Path(__file__).parents[3]


def test_a_file_read_apart_is_the_same_as_one_read_here() -> None:
    front = "---\nslug: a\ntitle: 题\nsource: 公告\neffective_from: 2024-09-01\nfacts: [1, {seen: 2024-09-04}]\n---\n"
    upload = Upload("a.md", (front + "## 一\n<!--\nasked: [问, 何]\nrumour: true\n-->\n甲。\n").encode())
    assert revisions_apart(upload) == revisions_in(upload)


def test_a_file_that_unpacks_beyond_the_memory_limit_is_refused() -> None:
    bomb = samples.pdf_bomb()
    assert len(bomb) < 10_000
    ended = limited("MEMORY = 300 * 2**20", bomb)
    values = json.loads(ended.stdout)["values"]
    assert (values["name"], values["problem"]["problem"][:17]) == ("a.pdf", "needs more memory")


def test_an_answer_longer_than_its_limit_ends_the_conversion(tmp_path: Path) -> None:
    with (tmp_path / "answer").open("wb") as answer:
        ended = subprocess.run(worker("OUTPUT = 100"), cwd=ROOT, input=b'{"name": "a.md"}\n# T\n' + b"x" * 200,
                               stdout=answer, stderr=subprocess.DEVNULL, check=False)
    assert ended.returncode != 0
    assert (tmp_path / "answer").stat().st_size <= 100


def test_a_conversion_ends_at_its_processor_limit() -> None:
    page = samples.pdf_of(b"BT /F1 9 Tf " + b"(abc) Tj " * 300_000 + b"ET")
    assert limited("CPU_SECONDS = 2", page).returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_a_conversion_ends_at_its_wall_limit() -> None:
    with subprocess.Popen(worker("WALL_SECONDS = 1"), cwd=ROOT, stdin=subprocess.PIPE) as waiting:
        assert waiting.wait(20) == -signal.SIGALRM  # it waits for bytes that never come


def test_a_folder_is_read_with_its_office_files(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<h1>A</h1><p>x</p>")
    (tmp_path / "b.csv").write_text("question,answer\nq,a\n")
    (tmp_path / "c.md").write_text("# C\n\ny\n")
    (tmp_path / "d.png").write_bytes(samples.png())
    assert [revision.slug for revision in read_path(tmp_path)] == ["a", "b-2", "c"]


def worker(setting: str) -> list[str]:
    return [sys.executable, "-c", f"from knowledge.reading import worker; worker.{setting}; worker.main()"]


def limited(setting: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    given = b'{"name": "a.pdf"}\n' + data
    return subprocess.run(worker(setting), cwd=ROOT, input=given, capture_output=True, check=False)
