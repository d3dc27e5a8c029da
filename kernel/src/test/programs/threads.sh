# needs: gcc
# A static binary that starts its threads with clone itself, as Go's runtime does.
d=$(mktemp -d) && cd "$d" || exit 1
gcc -O1 -static -o t -x c - <<'END'
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
enum { N = 200, STACK = 64 * 1024 };
static atomic_int ready, go, sum, left;
static int body(void *p) {
  atomic_fetch_add(&ready, 1);
  while (!atomic_load(&go)) syscall(SYS_futex, &go, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
  atomic_fetch_add(&sum, (int)(long)p);
  if (atomic_fetch_sub(&left, 1) == 1) syscall(SYS_futex, &left, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
  syscall(SYS_exit, 0);
  return 0;
}
int main(void) {
  left = N;
  for (long i = 1; i <= N; i++) {
    char *s = mmap(0, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (clone(body, s + STACK, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, (void *)i) < 0) return 1;
  }
  while (atomic_load(&ready) < N) sched_yield();
  atomic_store(&go, 1);
  syscall(SYS_futex, &go, FUTEX_WAKE_PRIVATE, N, 0, 0, 0);
  for (int n; (n = atomic_load(&left)) > 0;) syscall(SYS_futex, &left, FUTEX_WAIT_PRIVATE, n, 0, 0, 0);
  printf("%d threads, sum %d\n", N, sum);
  return 11;
}
END
./t; r=$?; cd / && rm -rf "$d"; exit $r
