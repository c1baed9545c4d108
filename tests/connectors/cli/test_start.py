"""What a start loads: nothing that only some answers need, for everybody waits for it."""

import subprocess
import sys

# The clients of outside models and other databases, migrations, charts, the embedder, workbooks, jobs.
LATER = {"openai", "langchain_openai", "psycopg", "alembic", "altair", "onnxruntime", "openpyxl", "dbos"}


def test_a_server_starts_without_what_only_some_answers_need() -> None:
    loading = "import sys, assistant.bootstrap, connectors.cli.remote, connectors.web.app; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", loading], text=True).split()
    assert LATER.isdisjoint(loaded)
