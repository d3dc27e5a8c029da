# needs: tar gzip find
d=$(mktemp -d) && cd "$d" || exit 1
umask 022
mkdir -p src/a src/b; for i in 1 2 3; do seq $((i * 1000)) > src/a/$i; done; ln -s a/1 src/link; ln src/a/2 src/b/hard; chmod 600 src/a/3; mkfifo src/b/fifo
tar cf t.tar --owner=0 --group=0 --mtime=@0 --sort=name src; tar tvf t.tar | wc -l; mkdir out; tar xf t.tar -C out; diff -r src/a out/src/a && echo same
find out -type f -exec sha256sum {} + | sort; find out -type l -printf '%p %l\n'; find out -type p; find . -name '*.tar' -size +1k | wc -l
stat -c '%a %h' out/src/a/3 out/src/b/hard; gzip -k9 t.tar && gunzip -c t.tar.gz | cmp - t.tar && echo gz; zcat t.tar.gz | sha256sum >/dev/null; echo $?
tar czf u.tgz src && tar tzf u.tgz | sort; tar cf - src | tar xf - -C out && echo piped; tar xf nothere 2>/dev/null; echo "tar $?"
head -c 20 t.tar.gz > cut.gz; gunzip -c cut.gz 2>/dev/null | wc -c; find src -newer t.tar | wc -l; find src | cpio -o 2>/dev/null | wc -c >/dev/null
find src -type f | sort | xargs -n2 echo; find src -type f -print0 | xargs -0 -P2 -n1 wc -l | sort; find src -depth -delete; ls src 2>/dev/null; echo "ls $?"
cd / && rm -rf "$d"
