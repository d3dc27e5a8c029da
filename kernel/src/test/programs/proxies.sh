# needs: haproxy memcached nc curl python3
# A proxy that hands its sockets to its successor, and a cache of several threads.
d=$(mktemp -d) && cd "$d" || exit 1
port=$((20000 + $$ % 10000))
mkdir www && echo served >www/f
python3 -m http.server $port --bind 127.0.0.1 -d www >/dev/null 2>&1 & origin=$!
# Before the proxy, whose first check of it decides what the proxy answers for the next seconds.
until curl -sf -o /dev/null http://127.0.0.1:$port/f; do kill -0 $origin || exit 1; sleep 0.1; done
cat >conf <<END
global
  nbthread 4
  stats socket $d/stats mode 600 level admin expose-fd listeners
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend in
  bind 127.0.0.1:$((port + 1))
  default_backend out
backend out
  server s 127.0.0.1:$port check
END
haproxy -W -f conf >/dev/null 2>&1 & proxy=$!
until curl -sf -o /dev/null http://127.0.0.1:$((port + 1))/f; do kill -0 $proxy || exit 2; sleep 0.1; done
for i in 1 2 3; do curl -s http://127.0.0.1:$((port + 1))/f; done
kill -USR2 $proxy
for i in 1 2 3 4 5 6; do curl -s http://127.0.0.1:$((port + 1))/f; done
kill $proxy; wait $proxy; echo ended # 0, or 143 if its new worker was not ready for a signal yet
kill $origin; wait $origin; echo $?
memcached -u root -l 127.0.0.1 -p $((port + 2)) -t 4 & cache=$!
until printf 'quit\r\n' | nc 127.0.0.1 $((port + 2)); do kill -0 $cache || exit 3; sleep 0.1; done
printf 'set a 0 0 3\r\nabc\r\nget a\r\nset n 0 0 1\r\n5\r\nincr n 37\r\ndelete a\r\nget a\r\nquit\r\n' | nc 127.0.0.1 $((port + 2))
kill $cache; wait $cache; echo $?
rm -rf "$d"
