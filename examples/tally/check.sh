#!/bin/sh
# The test of the program. %check in the spec file runs it.
set -eu
expected='      3 ham
      2 eggs
      1 spam'
printed=$(printf 'ham\neggs\nham\nspam\neggs\nham\n' | LD_LIBRARY_PATH=. ./tally)
if [ "$printed" != "$expected" ]; then
    printf 'tally printed:\n%s\ninstead of:\n%s\n' "$printed" "$expected" >&2
    exit 1
fi
echo "tally counts right"
