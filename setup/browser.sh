#!/bin/sh
# A browser for the tests of the page: Debian's Chromium where it can be installed without asking; else the tests skip.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium was found: the tests of the page in a browser will be skipped (on Debian: apt-get install chromium)."
    exit 0
fi
printf 'Installing Chromium for the tests of the page … '
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if { apt-get update && apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1 </dev/null; then
    echo "done"
else
    tail -n 5 "$log"
    echo "Chromium could not be installed: the tests of the page in a browser will be skipped."
fi
rm -f "$log"
