# needs: mariadbd mariadb-install-db mariadb
# A server of many threads with the kernel's asynchronous I/O.
d=$(mktemp -d) && cd "$d" || exit 1
mariadb-install-db --no-defaults --user=root --datadir="$d/data" --auth-root-authentication-method=normal >log 2>&1 || { cat log; exit 2; }
mariadbd --no-defaults --user=root --datadir="$d/data" --socket="$d/s" --pid-file="$d/p" --skip-networking >log 2>&1 & server=$!
until mariadb-admin --no-defaults -uroot -S "$d/s" ping >ping 2>&1; do kill -0 $server || { cat log; exit 3; }; sleep 0.2; done
query() { mariadb --no-defaults -uroot -S "$d/s" -e "$1"; }
query 'create database t; create table t.a(id int primary key auto_increment, v varchar(100), key(v)) engine=innodb'
for i in 1 2 3 4; do query "insert into t.a(v) select concat('x', $i, seq) from t.seq_1_to_500" & writers="$writers $!"; done
wait $writers
query 'select count(*), count(distinct v), sum(length(v)) from t.a; start transaction; delete from t.a; rollback; select count(*) from t.a; check table t.a'
mariadb-admin --no-defaults -uroot -S "$d/s" shutdown
wait $server; echo $?
rm -rf "$d"
