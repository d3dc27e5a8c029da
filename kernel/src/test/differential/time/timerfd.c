/* timerfd: one-shot, periodic counts, absolute times, poll and epoll, errors. */
#include "difftest.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

static int ready(int fd, int ms) {
  struct pollfd p = {fd, POLLIN, 0};
  return poll(&p, 1, ms);
}

int main(void) {
  dt_start(20);
  uint64_t n = 0;
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  int fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  SHOW(read(fd, &n, 8));
  SHOW(read(fd, &n, 4));
  SHOW(write(fd, &n, 8));
  struct itimerspec ts = {{0, 0}, {0, 20000000}}, old;
  SHOW(timerfd_settime(fd, 0, &ts, &old));
  SHOW_AS("old", old.it_value.tv_nsec);
  SHOW(ready(fd, 0));
  SHOW(ready(fd, 5000));
  SHOW(read(fd, &n, 8));
  SHOW_AS("count", (long)n);
  SHOW(read(fd, &n, 8));
  SHOW(timerfd_gettime(fd, &old));
  IS(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
  ts = (struct itimerspec){{0, 10000000}, {0, 10000000}};
  SHOW(timerfd_settime(fd, 0, &ts, NULL));
  dt_sleep_ms(105);
  SHOW(read(fd, &n, 8));
  IS(n >= 9 && n < 60);
  SHOW(timerfd_gettime(fd, &old));
  IS(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 10000000 && old.it_interval.tv_nsec == 10000000);
  int ep = MUST(epoll_create1(0));
  struct epoll_event e = {.events = EPOLLIN | EPOLLET};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
  for (int i = 0; i < 3; i++) {
    SHOW(epoll_wait(ep, &e, 1, 5000));
    SHOW(read(fd, &n, 8));
  }
  ts = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timerfd_settime(fd, 0, &ts, NULL));
  dt_sleep_ms(20);
  SHOW(read(fd, &n, 8));
  fcntl(fd, F_SETFL, 0);
  ts.it_value.tv_nsec = 1;
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &ts, NULL));
  SHOW(read(fd, &n, 8));
  SHOW_AS("past", (long)n);
  int rt = MUST(timerfd_create(CLOCK_REALTIME, 0));
  clock_gettime(CLOCK_REALTIME, &ts.it_value);
  ts.it_value.tv_sec++;
  long before = dt_now_ms();
  SHOW(timerfd_settime(rt, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &ts, NULL));
  SHOW(read(rt, &n, 8));
  IS(dt_now_ms() - before >= 900);
  int bt = MUST(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  ts = (struct itimerspec){{0, 0}, {0, 5000000}};
  SHOW(timerfd_settime(bt, 0, &ts, NULL));
  SHOW(read(bt, &n, 8));
  SHOW(timerfd_settime(bt, 64, &ts, NULL));
  ts.it_value.tv_nsec = 1000000000;
  SHOW(timerfd_settime(bt, 0, &ts, NULL));
  SHOW(timerfd_settime(ep, 0, &ts, NULL));
  ts.it_value.tv_nsec = 1;
  SHOW(timerfd_settime(ep, 0, &ts, NULL));
  SHOW(timerfd_gettime(0, &ts));
  SHOW(timerfd_settime(bt, 0, (void *)8, NULL));
  return 0;
}
