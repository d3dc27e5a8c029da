/*
 * clock_gettime(2) as an application makes it, through libc and the vDSO.
 * Reads "COUNT\n" and answers "NANOSECONDS\n" for that many calls, until end of file.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>

int main(void) {
  long count;
  while (scanf("%ld", &count) == 1) {
    struct timespec a, b, now;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < count; i++) clock_gettime(CLOCK_MONOTONIC, &now);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%lld\n", (long long)(b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
