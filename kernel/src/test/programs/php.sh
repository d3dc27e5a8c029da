# needs: php curl
# The interpreter by itself, and its web server.
d=$(mktemp -d) && cd "$d" || exit 1
php -r '
$a = range(1, 10000); shuffle($a); sort($a); echo array_sum($a), "\n";
$p = proc_open(["tr", "a-z", "A-Z"], [["pipe", "r"], ["pipe", "w"]], $pipes);
fwrite($pipes[0], "hello"); fclose($pipes[0]); echo stream_get_contents($pipes[1]), " ", proc_close($p), "\n";
file_put_contents("f", str_repeat("a", 100000)); echo filesize("f"), " ", md5_file("f"), "\n";
[$x, $y] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fwrite($x, "pair\n"); echo fgets($y);
echo serialize([1, "two", 3.0]), "\n";'
echo '<?php echo "page ", $_GET["q"], " ", strlen(file_get_contents("php://input"));' >i.php
port=$((20000 + $$ % 10000))
php -S 127.0.0.1:$port >log 2>&1 & server=$!
until curl -s -o /dev/null http://127.0.0.1:$port/i.php; do kill -0 $server || exit 2; sleep 0.1; done
for i in 1 2 3; do curl -s "http://127.0.0.1:$port/i.php?q=$i"; echo; done
head -c 300000 /dev/zero | curl -s -H Expect: --data-binary @- "http://127.0.0.1:$port/i.php?q=post"; echo
kill $server; wait $server; echo $?
rm -rf "$d"
