# needs: busybox
d=$(mktemp -d) && cd "$d" || exit 1
bb=$(command -v busybox)
$bb echo one two | $bb sed 's/one/1/' | $bb tr a-z A-Z
$bb seq 1 20 | $bb awk '{ s += $1 } END { print s }'
$bb seq 1 1000 | $bb sort -rn | $bb head -n 3
$bb printf 'b\na\nc\na\n' | $bb sort | $bb uniq -c
$bb mkdir -p x/y/z && $bb touch x/y/z/f && $bb find x | $bb sort
$bb tar cf t.tar x && $bb tar tf t.tar
$bb echo hello > h && $bb gzip h && $bb zcat h.gz
$bb sh -c 'trap "echo trapped" USR1; kill -USR1 $$; for i in 1 2 3; do echo $i; done | $0 tac' "$bb"
$bb md5sum h.gz >/dev/null; echo "md5sum $?"
$bb ls /nonexistent 2>/dev/null; echo "ls $?"
$bb dd if=/dev/zero of=z bs=64k count=32 2>/dev/null && $bb wc -c < z
$bb sha256sum z
cd / && rm -rf "$d"
exit 7
