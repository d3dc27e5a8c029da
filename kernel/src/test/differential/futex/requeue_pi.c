/* FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: condition variables over mutexes with priority inheritance. */
#include "difftest.h"
#include <linux/futex.h>

static long futex(void *word, int op, long val, void *timeout, void *word2, int val3) {
  return raw6(SYS_futex, (long)word, op | FUTEX_PRIVATE_FLAG, val, (long)timeout, (long)word2, val3);
}

static uint32_t cond, mutex;
static atomic_int ready, done, good;

static void *waits(void *arg) {
  (void)arg;
  atomic_fetch_add(&ready, 1);
  long r = futex(&cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &mutex, 0);
  bool mine = (mutex & FUTEX_TID_MASK) == (uint32_t)gettid();
  atomic_fetch_add(&done, 1);
  if (r == 0 && mine && futex(&mutex, FUTEX_UNLOCK_PI, 0, 0, 0, 0) == 0) atomic_fetch_add(&good, 1);
  return NULL;
}

int main(void) {
  dt_start(30);
  pthread_t t[3];
  struct timespec past = {1, 0};
  RAW(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &mutex, 0));
  RAW(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &cond, 0));
  RAW(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 0, &past, &mutex, 0));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, 0, &mutex, 0));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 2, 0, &mutex, 0));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, 0, &mutex, 7));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, 0, &cond, 0));
  for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, waits, NULL);
  dt_await(&ready, 3);
  dt_sleep_ms(300);
  RAW(futex(&cond, FUTEX_WAKE, 1, 0, 0, 0));
  RAW(futex(&mutex, FUTEX_LOCK_PI, 0, 0, 0, 0));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &mutex, 0));
  RAW(atomic_load(&done));
  RAW(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)1000, &mutex, 0));
  long r = futex(&mutex, FUTEX_UNLOCK_PI, 0, 0, 0, 0);
  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
  RAW(r);
  RAW(atomic_load(&good));
  RAW(atomic_load(&done));
  printf("free %d\n", (mutex & FUTEX_TID_MASK) == 0);
  return 0;
}
