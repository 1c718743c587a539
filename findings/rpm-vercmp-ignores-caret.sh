#!/usr/bin/env bash
# The Python package rpm_vercmp takes `^` for any separator: for it, 1.0^1 and 1.0.1 are the same version.
#
# In rpm, `^` marks a snapshot after a release: newer than 1.0, older than 1.0.1. Fedora's guidelines use it
# so. The package knows `~`, and the simple comparison with 1.0 is right too, so a short test passes.
#
# Seen with rpm_vercmp 0.1.2 (PyPI: rpm-vercmp), rpm 4.18.0 (Debian 12, package rpm).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpm >/dev/null || { echo "rpm is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check rpm-vercmp==0.1.2 2>"$folder/pip.log" ||
    { cat "$folder/pip.log"; exit 2; }

table=$(while read -r first second; do
    package=$("$folder/venv/bin/python" -c \
        'import sys, rpm_vercmp; print(rpm_vercmp.vercmp(*sys.argv[1:]))' "$first" "$second")
    echo "$first $second $package $(rpm --eval "%{lua:print(rpm.vercmp('$first', '$second'))}")"
done <<'PAIRS'
1.0^20260101 1.0
1.0~rc1 1.0
1.0^1 1.0.1
1.0^20260101 1.0.1
PAIRS
)
expected="1.0^20260101 1.0 1 1
1.0~rc1 1.0 -1 -1
1.0^1 1.0.1 0 -1
1.0^20260101 1.0.1 1 -1"

rpm --version
echo "first second rpm_vercmp rpm (1: the first is newer, 0: equal, -1: the second is newer)"
echo "$table"
[ "$table" = "$expected" ] || exit 1
