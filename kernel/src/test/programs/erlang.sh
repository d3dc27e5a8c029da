# needs: erl
# Schedulers on threads, ports (children), sockets.
erl -noshell -eval '
P = self(),
[spawn(fun() -> P ! {N, N * N} end) || N <- lists:seq(1, 1000)],
io:format("~p~n", [lists:sum([receive {N, V} -> V end || N <- lists:seq(1, 1000)])]),
io:format("~s", [os:cmd("echo from a child")]),
{ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
{ok, Port} = inet:port(L),
spawn(fun() -> {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]), gen_tcp:send(C, "hey") end),
{ok, A} = gen_tcp:accept(L),
{ok, B} = gen_tcp:recv(A, 3),
io:format("~s~n", [B]),
receive after 20 -> io:format("later~n") end,
halt(5).'
echo $?
