#!/usr/bin/env bash
# An nginx for the tests of the door behind TLS: one that is there, else Debian's when root can. The tests start it themselves, no service does.
set -u
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's nginx for the tests of the door behind TLS ..."
  if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx openssl; } >/dev/null 2>&1; then
    systemctl disable --now nginx >/dev/null 2>&1
    exit 0
  fi
fi
echo "No nginx could be installed: the tests of the door behind TLS will be skipped (outside CI) and say so." >&2
exit 0
