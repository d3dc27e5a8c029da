d=$(mktemp -d) && cd "$d" || exit 1
seq 10 | shuf | sort -n | tail -n 2
printf 'c 3\na 1\nb 2\n' > f; sort f; sort -k2,2nr f; cut -d' ' -f2 f; wc f
cp f g && cmp f g && echo same; mv g h; ln h hard; ln -s h soft; readlink soft; stat -c '%n %s %F %h %a' h soft
chmod 640 h; stat -c %A h; touch -d '2001-02-03 04:05:06 UTC' h; stat -c %Y h; date -u -d @981173106 +%F
mkdir -p a/b/c; touch a/b/c/1 a/b/2; du -a --apparent-size a/b/c/1 | cut -f1; ls -R a; ls -1 | sort
head -c 100000 /dev/zero | sha256sum; head -c 100000 /dev/zero | md5sum; seq 1000 | cksum
split -l 4 -d f part.; ls part.*; paste -d, f f; join f f
seq 5 | tac; echo abc | rev; echo abcabc | tr -d b; yes | head -n 3; seq 3 | nl -ba
expr 6 \* 7; factor 360; basename /x/y.z .z; dirname /x/y; printf '%05.2f|%-5s|%x\n' 3.14159 ab 255
env -i A=1 env; test -d a && echo dir; [ -L soft ] && echo link
dd if=/dev/zero of=z bs=1000 count=3 2>/dev/null; truncate -s 5000 z; stat -c %s z; od -An -tx1 -N4 f; base64 f
timeout 0.2 sleep 5; echo "timeout $?"; nice -n 5 true; nohup true 2>/dev/null; echo "nohup $?"
rm -rf a h && ls -la a 2>/dev/null; echo "ls $?"; rmdir nothere 2>/dev/null; echo "rmdir $?"
id -u; uname -s; uname -m; pwd | sed 's/.*/pwd/'; tee t1 t2 < f | wc -l; comm -12 t1 t2 | wc -l; realpath -m /a/../b
mktemp -u XXXX | wc -c; mkfifo p; (echo fifo > p &) ; cat p; sync; install -m 700 f inst; stat -c %a inst; numfmt --to=iec 1048576
cat /proc/self/comm; tail -f --pid=$$ /dev/null & sleep 0.1; kill $!; wait $! ; echo "tail $?"
cd / && rm -rf "$d"
