/* futex_wake, futex_wait and futex_requeue, the calls of their own. */
#include "difftest.h"

struct waitv {
  uint64_t val, uaddr;
  uint32_t flags, reserved;
};
#define U32 2
#define PRIVATE 128
#define WAKE 454
#define WAIT 455
#define REQUEUE 456

static uint32_t a, b;
static atomic_int ready, woken;

static void *waits(void *arg) {
  (void)arg;
  atomic_fetch_add(&ready, 1);
  if (raw6(WAIT, (long)&a, 0, 2, U32 | PRIVATE, 0, 0) == 0) atomic_fetch_add(&woken, 1);
  return NULL;
}

int main(void) {
  dt_start(20);
  struct timespec past = {1, 0};
  RAW(raw4(WAKE, &a, 1, 1, U32));
  RAW(raw4(WAKE, &a, 0, 1, U32));
  RAW(raw4(WAKE, &a, 1, 0, U32));
  RAW(raw4(WAKE, &a, 1, 1, 0));
  RAW(raw4(WAKE, &a, 1, 1, 64));
  RAW(raw4(WAKE, &a, 1UL << 32, 1, U32));
  RAW(raw4(WAKE, 8, 1, 1, U32));
  RAW(raw4(WAKE, (char *)&a + 1, 1, 1, U32));
  RAW(raw6(WAIT, (long)&a, 1, 1, U32, 0, 0));
  RAW(raw6(WAIT, (long)&a, 0, 0, U32, 0, 0));
  RAW(raw6(WAIT, (long)&a, 0, 1, U32, (long)&past, CLOCK_MONOTONIC));
  RAW(raw6(WAIT, (long)&a, 0, 1, U32, (long)&past, 7));
  RAW(raw6(WAIT, (long)&a, 1L << 32, 1, U32, (long)&past, CLOCK_MONOTONIC));
  RAW(raw6(WAIT, (long)&a, 0, 1L << 32, U32, (long)&past, CLOCK_MONOTONIC));
  RAW(raw6(WAIT, (long)&a, 0, 1, 1, (long)&past, CLOCK_MONOTONIC));
  RAW(raw6(WAIT, 8, 0, 1, U32, (long)&past, CLOCK_MONOTONIC));
  struct waitv v[2] = {{0, (uintptr_t)&a, U32 | PRIVATE, 0}, {0, (uintptr_t)&b, U32 | PRIVATE, 0}};
  RAW(raw4(REQUEUE, v, 0, 1, 1));
  RAW(raw4(REQUEUE, v, 1, 1, 1));
  RAW(raw4(REQUEUE, 0, 0, 1, 1));
  RAW(raw4(REQUEUE, 8, 0, 1, 1));
  RAW(raw4(REQUEUE, v, 0, -1, 1));
  RAW(raw4(REQUEUE, v, 0, 1, -1));
  v[0].val = 1;
  RAW(raw4(REQUEUE, v, 0, 1, 1));
  v[0].val = 0;
  v[1].reserved = 1;
  RAW(raw4(REQUEUE, v, 0, 1, 1));
  v[1].reserved = 0;
  pthread_t t[3];
  for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, waits, NULL);
  dt_await(&ready, 3);
  dt_sleep_ms(300);
  RAW(raw4(WAKE, &a, 1, 10, U32 | PRIVATE));
  RAW(raw4(REQUEUE, v, 0, 1, 1));
  RAW(raw4(WAKE, &b, 2, 10, U32 | PRIVATE));
  RAW(raw4(WAKE, &a, 3, 10, U32 | PRIVATE));
  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
  SHOW(atomic_load(&woken));
  return 0;
}
