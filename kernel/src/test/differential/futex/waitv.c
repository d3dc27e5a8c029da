/* futex_waitv: waiting for one of several futexes; arguments; timeouts; signals. */
#include "difftest.h"

struct waitv {
  uint64_t val, uaddr;
  uint32_t flags, reserved;
};
#define U32 2
#define PRIVATE 128
#define WAITV 449

static uint32_t words[130];
static struct waitv v[130];
static atomic_int step;
static long woke;

static long waitv(void *list, unsigned n, unsigned flags, void *timeout, int clock) {
  return raw5(WAITV, list, n, flags, timeout, clock);
}

static void fill(void) {
  for (int i = 0; i < 130; i++) v[i] = (struct waitv){.val = words[i], .uaddr = (uintptr_t)&words[i], .flags = U32 | PRIVATE};
}

static void *wakes(void *arg) {
  (void)arg;
  dt_await(&step, 1);
  dt_sleep_ms(100);
  woke = raw3(SYS_futex, &words[3], 1 | PRIVATE, 10);
  return NULL;
}

static void on_signal(int sig) { (void)sig; }

static void *interrupts(void *arg) {
  dt_await(&step, 2);
  dt_sleep_ms(100);
  pthread_kill(*(pthread_t *)arg, SIGUSR1);
  return NULL;
}

int main(void) {
  dt_start(20);
  struct timespec past = {1, 0}, bad = {0, -5}, soon;
  fill();
  RAW(waitv(v, 0, 0, NULL, 0));
  RAW(waitv(v, 129, 0, NULL, 0));
  RAW(waitv(NULL, 1, 0, NULL, 0));
  RAW(waitv((void *)8, 1, 0, NULL, 0));
  RAW(waitv(v, 1, 1, NULL, 0));
  RAW(waitv(v, 1, 0, &past, 9));
  RAW(waitv(v, 1, 0, &bad, CLOCK_MONOTONIC));
  RAW(waitv(v, 1, 0, (void *)8, CLOCK_MONOTONIC));
  RAW(waitv(v, 128, 0, &past, CLOCK_MONOTONIC));
  RAW(waitv(v, 128, 0, &past, CLOCK_REALTIME));
  v[5].reserved = 1;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  fill();
  v[5].flags = PRIVATE;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  v[5].flags = U32 | 64;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  v[5].flags = 3;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  fill();
  v[5].uaddr = 8;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  v[5].uaddr = (uintptr_t)&words[5] + 1;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  fill();
  v[5].val = 77;
  RAW(waitv(v, 8, 0, &past, CLOCK_MONOTONIC));
  fill();
  v[0].val = 1UL << 32;
  RAW(waitv(v, 1, 0, &past, CLOCK_MONOTONIC));
  fill();
  pthread_t t, self = pthread_self();
  pthread_create(&t, NULL, wakes, NULL);
  atomic_store(&step, 1);
  RAW(waitv(v, 8, 0, NULL, 0));
  pthread_join(t, NULL);
  RAW(woke);
  clock_gettime(CLOCK_MONOTONIC, &soon);
  soon.tv_sec += 1;
  long before = dt_now_ms();
  v[1].flags = U32;
  RAW(waitv(v, 8, 0, &soon, CLOCK_MONOTONIC));
  IS(dt_now_ms() - before >= 990);
  signal(SIGUSR1, SIG_IGN);
  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &sa, NULL);
  pthread_create(&t, NULL, interrupts, &self);
  atomic_store(&step, 2);
  RAW(waitv(v, 8, 0, NULL, 0));
  pthread_join(t, NULL);
  /* The same word twice. */
  v[1] = v[0];
  RAW(waitv(v, 2, 0, &past, CLOCK_MONOTONIC));
  return 0;
}
