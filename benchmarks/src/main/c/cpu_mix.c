/*
 * A task that wants to wake up every millisecond beside as many threads that compute as the argument says. Reads "COUNT\n"
 * and answers, for that many wake-ups, "P50 P99 P99.9 WORK\n": how late it was, ns, and how many million steps a second
 * the others made.
 */
#include "turns.h"
#include <pthread.h>
#include <stdatomic.h>

#define PERIOD 1000000
#define MOST 100000

static _Atomic long work;
static _Atomic int stop;

static void *compute(void *unused) {
  while (!stop) {
    for (volatile int i = 0; i < 100000; i++) {}
    atomic_fetch_add(&work, 1);
  }
  return unused;
}

static int ascending(const void *a, const void *b) {
  long long x = *(const long long *)a, y = *(const long long *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  static long long late[MOST];
  static pthread_t threads[64];
  int computing = argc > 1 ? atoi(argv[1]) : 4;
  long count;
  while (scanf("%ld", &count) == 1 && count > 0 && count <= MOST) {
    stop = 0;
    work = 0;
    for (int i = 0; i < computing; i++) pthread_create(&threads[i], NULL, compute, NULL);
    long long begin = now_ns(), next = begin;
    for (long i = 0; i < count; i++) {
      next += PERIOD;
      struct timespec at = {next / 1000000000, next % 1000000000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
      late[i] = now_ns() - next;
      if (late[i] > PERIOD) next = now_ns(); /* do not count one delay again and again */
    }
    double seconds = (now_ns() - begin) / 1e9;
    stop = 1;
    for (int i = 0; i < computing; i++) pthread_join(threads[i], NULL);
    qsort(late, count, sizeof *late, ascending);
    printf("%lld %lld %lld %.0f\n", late[count / 2], late[count * 99 / 100], late[count * 999 / 1000],
           work / 10.0 / seconds);
    fflush(stdout);
  }
  return 0;
}
