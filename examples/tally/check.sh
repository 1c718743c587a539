#!/bin/sh
# The program's own test, run by the package's %check.
set -eu
expected='      3 ham
      2 eggs
      1 spam'
answered=$(printf 'ham\neggs\nham\nspam\neggs\nham\n' | LD_LIBRARY_PATH=. ./tally)
if [ "$answered" != "$expected" ]; then
    printf 'tally answered:\n%s\nnot:\n%s\n' "$answered" "$expected" >&2
    exit 1
fi
echo "tally counts right"
