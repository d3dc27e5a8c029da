/* adjtimex and clock_adjtime that only read. */
#include "difftest.h"
#include <sys/timex.h>

int main(void) {
  dt_start(10);
  struct timex t;
  struct timespec now;
  memset(&t, 0xee, sizeof t);
  t.modes = 0;
  long state = raw1(SYS_adjtimex, &t);
  IS(state >= TIME_OK && state <= TIME_ERROR);
  clock_gettime(CLOCK_REALTIME, &now);
  IS(labs(now.tv_sec - t.time.tv_sec) <= 1);
  IS(t.tick > 9000 && t.tick < 11000);
  IS(t.time.tv_usec >= 0 && t.time.tv_usec < ((t.status & STA_NANO) ? 1000000000 : 1000000));
  RAW(raw1(SYS_adjtimex, 8));
  RAW(raw1(SYS_adjtimex, 0));
  memset(&t, 0, sizeof t);
  IS(raw2(SYS_clock_adjtime, CLOCK_REALTIME, &t) == state);
  RAW(raw2(SYS_clock_adjtime, CLOCK_MONOTONIC, &t));
  RAW(raw2(SYS_clock_adjtime, CLOCK_BOOTTIME, &t));
  RAW(raw2(SYS_clock_adjtime, 99, &t));
  RAW(raw2(SYS_clock_adjtime, CLOCK_REALTIME, 8));
  struct ntptimeval n;
  IS(ntp_gettime(&n) >= 0);
  return 0;
}
