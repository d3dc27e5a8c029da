/* membarrier: commands, registration, errors, and the ordering it is for (Dekker without a fence on one side). */
#include "difftest.h"
#include <linux/membarrier.h>

static long barrier(int command, unsigned flags) { return raw3(SYS_membarrier, command, flags, 0); }

static volatile int flag_a, flag_b;
static atomic_int stop, turn, seen_a, seen_b;

static void *fast(void *arg) {
  (void)arg;
  for (int i = 0; !atomic_load(&stop); i = atomic_load(&turn)) {
    static int last;
    if (i == last || i <= 0) continue;
    last = i;
    flag_a = i;
    __asm__ volatile("" ::: "memory");
    seen_a = flag_b;
    atomic_store(&turn, -i);
  }
  return NULL;
}

int main(void) {
  dt_start(60);
  long known = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |
    MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
    MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
  printf("%#lx\n", barrier(MEMBARRIER_CMD_QUERY, 0) & known);
  RAW(barrier(MEMBARRIER_CMD_QUERY, 1));
  RAW(barrier(3, 0));
  RAW(barrier(1 << 20, 0));
  RAW(barrier(-1, 0));
  RAW(barrier(MEMBARRIER_CMD_GLOBAL, 0));
  RAW(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  RAW(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 1));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  RAW(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  RAW(barrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0));
  RAW(barrier(1 << 9 /* MEMBARRIER_CMD_GET_REGISTRATIONS */, 0));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    RAW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
    _exit(0);
  }
  dt_reap("child", pid);
  pthread_t t;
  pthread_create(&t, NULL, fast, NULL);
  int both_missed = 0;
  for (int i = 1; i <= 100; i++) {
    atomic_store(&turn, i);
    flag_b = i;
    barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
    seen_b = flag_a;
    while (atomic_load(&turn) != -i) sched_yield();
    if (seen_a != i && seen_b != i) both_missed++;
  }
  SHOW(both_missed);
  atomic_store(&stop, 1);
  pthread_join(t, NULL);
  return 0;
}
