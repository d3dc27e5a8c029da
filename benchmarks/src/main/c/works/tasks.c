/* Threads: a futex ping-pong, alone and beside sleepers; many that compute; one that must be on time beside others. */
#include "works.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define MOST 10000
#define STACK 32768
#define PERIOD 1000000
#define WAKEUPS 100000

static pthread_t threads[MOST];
static long count_of_threads;
static _Atomic int whose, stop;
static _Atomic long work, generation, done;
static long chunks;

static void futex_wait(_Atomic int *word, int value) { syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0); }
static void futex_wake(_Atomic int *word, int most) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most, NULL, NULL, 0); }

static void start(long n, void *(*body)(void *)) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  stop = 0;
  for (count_of_threads = 0; count_of_threads < n; count_of_threads++) {
    errno = pthread_create(&threads[count_of_threads], &attributes, body, NULL);
    if (errno != 0) fail("pthread_create");
  }
  pthread_attr_destroy(&attributes);
}

static void join(void) {
  for (long i = 0; i < count_of_threads; i++) pthread_join(threads[i], NULL);
}

/* ---- ping-pong: a word says whose turn it is ---- */

static void pass(int me) {
  atomic_store(&whose, !me);
  futex_wake(&whose, 1);
}

static void await(int me) {
  while (atomic_load(&whose) != me && !stop) futex_wait(&whose, !me);
}

static _Atomic int asleep;

static void *sleeper(void *unused) {
  while (!stop) futex_wait(&asleep, 0);
  return unused;
}

static void *other(void *unused) {
  for (;;) {
    await(1);
    if (stop) return unused;
    pass(1);
  }
}

static _Atomic long started;

/* The first thread plays, all others sleep. */
static void *player_or_sleeper(void *unused) {
  return atomic_fetch_add(&started, 1) == 0 ? other(unused) : sleeper(unused);
}

static void begin_pingpong(long sleepers) {
  started = 0;
  whose = 0;
  asleep = 0;
  start(sleepers + 1, player_or_sleeper);
}

static void pingpong(long count) {
  for (long i = 0; i < count; i++) {
    pass(0);
    await(0);
  }
}

static void end_pingpong(void) {
  stop = 1;
  asleep = 1;
  futex_wake(&asleep, INT_MAX);
  futex_wake(&whose, INT_MAX);
  join();
}
WORK(futex, .begin = begin_pingpong, .turn = pingpong, .end = end_pingpong)

/* ---- many that compute: chunks of about 20 µs, shared out among all ---- */

static _Atomic int signal_word;

static void chunk(void) {
  for (volatile int i = 0; i < 10000; i++) {}
}

static void *computer(void *unused) {
  int seen = 0;
  while (!stop) {
    while (signal_word == seen && !stop) futex_wait(&signal_word, seen);
    seen = signal_word;
    for (long i = 0; i < chunks && !stop; i++) chunk();
    if (atomic_fetch_add(&done, 1) + 1 == count_of_threads) {
      generation++;
      futex_wake((_Atomic int *)&generation, 1);
    }
  }
  return unused;
}

static void begin_runnable(long n) {
  signal_word = 0;
  start(n, computer);
}

/* All are woken at once, and each does count chunks. */
static void runnable(long count) {
  long before = generation;
  chunks = count;
  done = 0;
  signal_word++;
  futex_wake(&signal_word, INT_MAX);
  while (generation == before) futex_wait((_Atomic int *)&generation, (int)before);
}

static void end_runnable(void) {
  stop = 1;
  signal_word++;
  futex_wake(&signal_word, INT_MAX);
  join();
}
WORK(runnable, .begin = begin_runnable, .turn = runnable, .end = end_runnable)

/* ---- a 1 kHz timer beside threads that compute ---- */

static void *busy(void *unused) {
  while (!stop) {
    for (volatile int i = 0; i < 100000; i++) {}
    atomic_fetch_add(&work, 1);
  }
  return unused;
}

static long computing;
static void set_computing(long n) { computing = n; }

static int ascending(const void *a, const void *b) {
  long long x = *(const long long *)a, y = *(const long long *)b;
  return x < y ? -1 : x > y;
}

/* For so many ms: lateness of the wake-ups, p50, p99, p99.9 (ns); million steps a second that the others made. */
static void mix(long milliseconds) {
  static long long late[WAKEUPS];
  long n = 0;
  if (milliseconds > WAKEUPS) fail("mix");
  work = 0;
  start(computing, busy);
  long long begin = now_ns(), next = begin, last = begin + milliseconds * PERIOD;
  while (next < last) {
    next += PERIOD;
    struct timespec at = {next / 1000000000, next % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    late[n++] = now_ns() - next;
    if (late[n - 1] > PERIOD) next = now_ns(); /* do not count one delay again and again */
  }
  double seconds = (now_ns() - begin) / 1e9;
  stop = 1;
  join();
  qsort(late, n, sizeof *late, ascending);
  answer(late[n / 2]);
  answer(late[n * 99 / 100]);
  answer(late[n * 999 / 1000]);
  answer(work / 10.0 / seconds);
}
WORK(mix, .begin = set_computing, .turn = mix)
