/* Two threads and a futex word that says whose turn it is. */
#include "turns.h"
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int whose;

static void pass(int me) {
  atomic_store(&whose, !me);
  syscall(SYS_futex, &whose, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await(int me) {
  while (atomic_load(&whose) != me) syscall(SYS_futex, &whose, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
}

static void *other(void *unused) {
  for (;;) {
    await(1);
    pass(1);
  }
  return unused;
}

static void turn(long count) {
  for (long i = 0; i < count; i++) {
    pass(0);
    await(0);
  }
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, other, NULL);
  return take_turns(turn);
}
