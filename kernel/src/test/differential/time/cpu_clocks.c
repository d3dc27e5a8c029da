/* CPU clocks, dynamic clock ids, times, getrusage, clock errors. */
#include "difftest.h"
#include <sys/times.h>

static long ms(clockid_t c) {
  struct timespec t;
  if (clock_gettime(c, &t)) return -errno;
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *burner(void *arg) {
  (void)arg;
  while (ms(CLOCK_THREAD_CPUTIME_ID) < 60) {}
  return NULL;
}

static void burn_child(void) {
  while (ms(CLOCK_PROCESS_CPUTIME_ID) < 50) {}
}

int main(void) {
  dt_start(20);
  while (ms(CLOCK_PROCESS_CPUTIME_ID) < 60) {}
  IS(ms(CLOCK_THREAD_CPUTIME_ID) >= 50);
  long before = ms(CLOCK_PROCESS_CPUTIME_ID);
  dt_sleep_ms(100);
  IS_AS("sleep costs no CPU", ms(CLOCK_PROCESS_CPUTIME_ID) - before < 60);
  pthread_t t;
  pthread_create(&t, NULL, burner, NULL);
  clockid_t c;
  SHOW(pthread_getcpuclockid(t, &c));
  pthread_join(t, NULL);
  IS_AS("threads count", ms(CLOCK_PROCESS_CPUTIME_ID) - before >= 50);
  SHOW(clock_getcpuclockid(0, &c));
  IS(ms(c) >= 100);
  SHOW(clock_getcpuclockid(getpid(), &c));
  IS(ms(c) >= 100);
  SHOW(ms((clockid_t)(~(1u << 21) << 3 | 2)));
  SHOW(ms(12345));
  SHOW(ms(10));
  struct rusage r;
  SHOW(getrusage(RUSAGE_SELF, &r));
  IS(r.ru_utime.tv_sec * 1000 + r.ru_utime.tv_usec / 1000 + r.ru_stime.tv_sec * 1000 + r.ru_stime.tv_usec / 1000 >= 100);
  SHOW(getrusage(RUSAGE_THREAD, &r));
  SHOW(getrusage(7, &r));
  dt_in_child("burner", burn_child);
  SHOW(getrusage(RUSAGE_CHILDREN, &r));
  IS(r.ru_utime.tv_sec * 1000 + r.ru_utime.tv_usec / 1000 + r.ru_stime.tv_sec * 1000 + r.ru_stime.tv_usec / 1000 >= 40);
  struct tms tm;
  IS(times(&tm) != (clock_t)-1);
  IS(tm.tms_utime + tm.tms_stime >= 9);
  IS(tm.tms_cutime + tm.tms_cstime >= 3);
  struct timespec res;
  SHOW(clock_getres(CLOCK_MONOTONIC, &res));
  SHOW_AS("ns", res.tv_nsec);
  SHOW(clock_getres(CLOCK_PROCESS_CPUTIME_ID, &res));
  SHOW(clock_getres(99, NULL));
  struct timespec bad = {0, 1000000000}, neg = {-1, 0}, tiny = {0, 1000};
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL));
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &neg, NULL));
  SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &tiny, NULL));
  SHOW(clock_nanosleep(99, 0, &tiny, NULL));
  SHOW(clock_nanosleep(CLOCK_BOOTTIME, 0, &tiny, NULL));
  SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &tiny, NULL));
  SHOW(nanosleep(&bad, NULL));
  SHOW(clock_settime(CLOCK_MONOTONIC, &tiny));
  return 0;
}
