# needs: postgres psql setpriv
# A server of several processes: shared memory, semaphores, sockets of both families.
export LC_ALL=C
bin=$(echo /usr/lib/postgresql/*/bin | tr ' ' '\n' | head -1)
dir=$(mktemp -d) && chown 65534:65534 "$dir" && cd "$dir" || exit 1
port=$((20000 + $$ % 10000))
as="setpriv --reuid=65534 --regid=65534 --clear-groups"
$as "$bin/initdb" -D data -A trust -U pg --no-sync >log 2>&1 || { cat log; exit 2; }
$as "$bin/pg_ctl" -D data -o "-k $dir -h 127.0.0.1 -p $port -F" -l server.log -w -t 90 start >out 2>&1 || { cat out server.log; exit 3; }
psql -h "$dir" -p $port -U pg postgres -Atc 'create table t(i int); insert into t select generate_series(1, 1000); select sum(i) from t'
psql -h 127.0.0.1 -p $port -U pg postgres -Atc 'select count(*), min(i), max(i) from t'
for i in 0 1 2; do psql -h 127.0.0.1 -p $port -U pg postgres -Atc "update t set i = i + 3 where i % 3 = $i" >updated$i & done
wait
cat updated?
psql -h "$dir" -p $port -U pg postgres -Atc 'select count(*), sum(i) from t'
$as "$bin/pg_ctl" -D data -w -m fast stop >out 2>&1
echo "stopped $?"
rm -rf "$dir"
