#!/bin/sh
# Runs a module of this folder with the first fitting Python that is found: sh setup/python.sh setup.install
# A name or path in $PYTHON goes before all others. The project's own .venv comes next: it answers quickest.
set -eu
cd "$(dirname "$0")/.."
fits='import sys, ssl, sqlite3, ctypes; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
for candidate in "${PYTHON:-}" .venv/bin/python python3.13 python3.12 python3.11 python3 python; do
    if [ -n "$candidate" ] && "$candidate" -c "$fits" >/dev/null 2>&1; then
        exec "$candidate" -m "$@"
    fi
done
echo >&2 "Heliotrope needs Python 3.11, 3.12 or 3.13, and none was found. Install one, or name it: make PYTHON=/path/to/python3 …"
exit 1
