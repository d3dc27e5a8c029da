# needs: grep sed awk
d=$(mktemp -d) && cd "$d" || exit 1
for i in $(seq 200); do echo "line $i of the text, $((i * i))"; done > t
grep -c '9' t; grep -n '^line 1[0-9] ' t; grep -v e t | wc -l; grep -E '(12|34)+' t | head -n 2; grep -o '[0-9]*$' t | tail -n 1
grep -rl 'line 7 ' . ; grep -q nothing t; echo "grep $?"; grep x nofile 2>/dev/null; echo "grep $?"
sed -n '5,7p' t; sed 's/line \([0-9]*\)/\1:/;3q' t; sed -i 's/text/TEXT/' t; sed -n '$p' t; sed '/9/d;=' t | wc -l
awk '{ n[$2 % 7] += $6 } END { for (k = 0; k < 7; k++) print k, n[k] }' t
awk -F, '{ print length($1) }' t | sort -n | uniq -c
awk 'BEGIN { while (("echo a b; echo c" | getline x) > 0) print "got", x; print toupper("x"), substr("hello", 2, 3) }'
awk 'BEGIN { printf "%.6f %d\n", atan2(1, 1) * 4, 2 ^ 30; system("exit 3"); print "done" | "cat" }'
cut -c1-6 t | sort | uniq | wc -l; sort -t' ' -k2n t | tail -n 1; tr -s ' ' '\n' < t | sort | uniq -c | sort -rn | head -n 3
sed 2d t > u; diff t u; echo "diff $?"; sort -m t u | wc -l; sort --parallel=2 -S 1M t | md5sum
cd / && rm -rf "$d"
