#!/usr/bin/env bash
# Developer's twin of DifferentialTest: builds the programs, runs them on the host and in the sandbox, compares.
#   run.sh [--sandbox "CMD"] [--host-only] [--each] [--timeout SECONDS] [--out DIR] [FILTER-REGEX]
# CMD defaults to "<repo>/loomvisor do --". --each starts one sandbox per program; otherwise one per area.
# --host-only runs every program three times on the host and reports those that differ between runs.
set -u
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../../../.." && pwd)
sandbox="$repo/loomvisor do --"
out=${DIFFTEST_OUT:-/tmp/loomvisor-difftest}
limit=60
each=no
host_only=no
filter=.
while [ $# -gt 0 ]; do
  case $1 in
    --sandbox) sandbox=$2; shift 2 ;;
    --host-only) host_only=yes; shift ;;
    --each) each=yes; shift ;;
    --timeout) limit=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    -h|--help) sed -n '2,5p' "$0"; exit 0 ;;
    *) filter=$1; shift ;;
  esac
done
make -s -C "$here" -j2 OUT="$out/bin" || exit 1
mapfile -t programs < <(make -s -C "$here" list | grep -E -- "$filter")
[ ${#programs[@]} -gt 0 ] || { echo "no program matches $filter"; exit 1; }

# split STREAM DIR: one file per program with stdout, stderr and status, from the driver's stream
split() {
  mkdir -p "$2"
  awk -v dir="$2" '
    /^@@@ (begin|stderr|status) / {
      kind = $2; name = $3; gsub("/", "__", name)
      f = dir "/" name
      if (kind == "begin") { printf "" > f; close(f) }
      else printf "%s\n", "--- " kind (kind == "status" ? " " $4 : "") >> f
      if (kind == "status") { print "done" > (f ".done"); close(f ".done"); f = "" }
      next }
    f != "" { print >> f }' "$1"
}

# run_group PREFIX DIR NAME...: runs the driver, restarting after a program that never reported its status
run_group() {
  local prefix=$1 dir=$2 rest
  shift 2
  while [ $# -gt 0 ]; do
    # shellcheck disable=SC2086
    timeout -k 5 $((limit + $# * 4)) $prefix /bin/sh "$here/driver.sh" "$out/bin" "$@" \
      >"$dir.stream" 2>>"$dir.log" </dev/null
    local code=$?
    split "$dir.stream" "$dir"
    rest=()
    local lost=
    for name in "$@"; do
      if [ -n "$lost" ]; then rest+=("$name")
      elif [ ! -e "$dir/${name//\//__}.done" ]; then
        lost=$name
        echo "--- never finished (sandbox ended with $code)" >>"$dir/${name//\//__}"
      fi
    done
    set -- ${rest[@]+"${rest[@]}"}
  done
}

if [ $host_only = yes ]; then
  rm -rf "$out"/host*
  for i in 1 2 3; do run_group "" "$out/host$i" "${programs[@]}" & [ $i = 2 ] && wait; done
  wait
  bad=0
  for name in "${programs[@]}"; do
    f=${name//\//__}
    if cmp -s "$out/host1/$f" "$out/host2/$f" && cmp -s "$out/host1/$f" "$out/host3/$f" &&
       [ -e "$out/host1/$f.done" ]; then echo "SAME $name"
    else bad=1; echo "DIFF $name"; diff -u "$out/host1/$f" "$out/host2/$f"; diff -u "$out/host1/$f" "$out/host3/$f"; fi
  done
  exit $bad
fi

rm -rf "$out/host" "$out/sandbox" "$out"/*.log
run_group "" "$out/host" "${programs[@]}"
if [ $each = yes ]; then
  for name in "${programs[@]}"; do run_group "$sandbox" "$out/sandbox" "$name"; done
else
  for area in $(printf '%s\n' "${programs[@]}" | cut -d/ -f1 | uniq); do
    mapfile -t group < <(printf '%s\n' "${programs[@]}" | grep "^$area/")
    run_group "$sandbox" "$out/sandbox" "${group[@]}"
  done
fi
pass=0
fail=0
for name in "${programs[@]}"; do
  f=${name//\//__}
  if [ ! -e "$out/host/$f.done" ]; then # what the sandbox is to be compared with is missing
    fail=$((fail + 1)); echo "FAIL $name: it did not end on the host"
  elif diff -u --label host --label sandbox "$out/host/$f" "$out/sandbox/$f" >"$out/diff"; then
    pass=$((pass + 1)); echo "PASS $name"
  else
    fail=$((fail + 1)); echo "FAIL $name"; sed 's/^/    /' "$out/diff"
  fi
done
echo "$pass passed, $fail failed"
[ -s "$out/sandbox.log" ] && echo "messages of the sandbox: $out/sandbox.log"
[ $fail = 0 ]
