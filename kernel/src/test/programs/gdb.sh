# needs: gdb gcc
# gdb inside the sandbox: breakpoints, steps, backtraces, threads, forks, calls, faults, attach.
d=$(mktemp -d) && cd "$d" || exit 1
export HOME="$d" LC_ALL=C DEBUGINFOD_URLS=
cat > a.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int counter;
double half = 0.5;
int add(int a, int b) {
  counter += a;
  return a + b;
}
static void *run(void *p) {
  add(*(int *)p, 1);
  return p;
}
int main(int argc, char **argv) {
  if (argc > 1) for (;;) pause();
  int x = add(1, 2);
  pthread_t t;
  pthread_create(&t, 0, run, &x);
  pthread_join(t, 0);
  if (fork() == 0) {
    add(10, 20);
    _exit(3);
  }
  int s;
  wait(&s);
  printf("%d %d\n", counter, WEXITSTATUS(s));
  fflush(stdout);
  *(volatile int *)8 = 1;
  return 0;
}
END
gcc -g -O0 -w -pthread -o a a.c || exit 1
run() { gdb -nx -batch -ex 'set confirm off' -ex 'set can-use-hw-watchpoints 0' -ex 'set print thread-events off' "$@" 2>&1 |
  sed -E "s/0x[0-9a-f]+/ADDRESS/g; s/(LWP|process|Thread) [0-9A-Z]+/\\1 N/g; s/Id +Target Id.*//; s/ +/ /g" | grep -v '^warning\|libthread_db\|^\[New\|^\[Switching'; }
echo '-- breakpoints'
run -ex 'break add' -ex run -ex bt -ex 'info args' -ex stepi -ex 'x/i $pc' -ex finish -ex next -ex 'print half' -ex continue \
  -ex 'bt 2' -ex 'print counter' -ex delete -ex 'print add(5,6)' -ex 'print counter' -ex 'set var counter = 100' -ex continue \
  -ex 'print $_siginfo.si_signo' -ex 'print $_siginfo._sifields._sigfault.si_addr' -ex 'bt 1' -ex kill ./a
echo '-- steps and a watchpoint'
run -ex 'break main' -ex run -ex 'watch counter' -ex continue -ex 'stepi 20' -ex 'info registers eflags cs ss' -ex 'print $st0' -ex 'print $xmm0.v4_int32[3]' ./a | head -20
echo '-- the child of a fork'
run -ex 'set follow-fork-mode child' -ex 'break add if a == 10' -ex 'run > /dev/null' -ex 'bt 1' -ex continue ./a | tail -5 | sort
echo '-- catchpoints'
run -ex 'catch syscall write' -ex run -ex 'bt 0' -ex continue -ex kill ./a | grep -c Catchpoint
run -ex 'catch exec' -ex 'run' -ex continue --args sh -c 'exec true' | grep -c 'exec'
echo '-- attach'
./a x & p=$!
sleep 0.3
run -p $p -ex 'bt -1' -ex 'print counter' -ex 'set var counter = 5' -ex detach | grep -v '^\$1\|ADDRESS' | grep 'main\|Inferior\|detached' | sed 's/^#[0-9]* //'
kill $p; wait $p; echo "status $?"
cd / && rm -rf "$d"
