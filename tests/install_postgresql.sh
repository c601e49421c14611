#!/usr/bin/env bash
# A PostgreSQL server for the tests that read from one: one that is there, else Debian's when root can.
set -u
command -v initdb >/dev/null 2>&1 && exit 0
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's postgresql for the tests that read from a database ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >/dev/null 2>&1 && exit 0
fi
echo "No PostgreSQL could be installed: the tests that read from one will be skipped (outside CI) and say so." >&2
exit 0
