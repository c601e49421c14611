#!/usr/bin/env bash
# A Chromium for the browser journeys: one that is there, else Debian's when root can, else playwright's own.
set -u
for browser in chromium chromium-browser google-chrome; do
  command -v "$browser" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's chromium for the browser journeys ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 && exit 0
fi
echo "Installing playwright's chromium for the browser journeys ..."
.venv/bin/python -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "No browser could be installed: the browser journeys will be skipped (outside CI) and say so." >&2
exit 0
