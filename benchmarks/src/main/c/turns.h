/* What the programs that take turns have in common: "COUNT\n" comes in, "NANOSECONDS\n" goes out, until end of file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Calls turn(count) for each request and answers how long it took. */
static inline int take_turns(void (*turn)(long)) {
  long count;
  while (scanf("%ld", &count) == 1) {
    long long begin = now_ns();
    turn(count);
    printf("%lld\n", now_ns() - begin);
    fflush(stdout);
  }
  return 0;
}
