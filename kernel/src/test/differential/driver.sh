#!/bin/sh
# Runs differential programs one after the other, each in a fresh directory, and reports on standard output:
#   @@@ begin NAME / its stdout / @@@ stderr NAME / its stderr / @@@ status NAME N
# A marker always follows an added newline, so the reader can take exactly that one away again.
# Usage: driver.sh BINDIR NAME...      The same script serves the host and the sandbox.
bin=$1
shift
base=$(mktemp -d /tmp/difftest.XXXXXX) || exit 1
for name in "$@"; do
  dir=$base/cwd
  rm -rf "$dir"
  mkdir "$dir" && cd "$dir" || exit 1
  printf '@@@ begin %s\n' "$name"
  "$bin/$name" >"$base/out" 2>"$base/err" </dev/null
  status=$?
  cat "$base/out"
  printf '\n@@@ stderr %s\n' "$name"
  cat "$base/err"
  printf '\n@@@ status %s %s\n' "$name" "$status"
done
cd /
rm -rf "$base"
