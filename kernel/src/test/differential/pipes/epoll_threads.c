/* epoll across threads: wake-ups, edge-triggered and one-shot events go to one waiter, masks of epoll_pwait. */
#include "difftest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep, ev;
static atomic_int got, timeouts;

static void *waiter(void *arg) {
  (void)arg;
  struct epoll_event e;
  int n = epoll_wait(ep, &e, 1, 300);
  if (n == 1) atomic_fetch_add(&got, 1);
  else if (n == 0) atomic_fetch_add(&timeouts, 1);
  return NULL;
}

static void round_of(const char *label, unsigned events) {
  struct epoll_event e = {.events = events};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e));
  atomic_store(&got, 0);
  atomic_store(&timeouts, 0);
  pthread_t t[4];
  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, waiter, NULL);
  dt_sleep_ms(100);
  uint64_t v = 1;
  write(ev, &v, 8);
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  printf("%s: %d got it, %d timed out\n", label, atomic_load(&got), atomic_load(&timeouts));
  read(ev, &v, 8);
  MUST(epoll_ctl(ep, EPOLL_CTL_DEL, ev, NULL));
}

static volatile sig_atomic_t handled;
static void on(int s) { (void)s; handled++; }

static void *writer(void *arg) {
  int *fds = arg;
  for (int i = 0; i < 20000; i++) {
    char c = 1;
    if (write(fds[1], &c, 1) != 1) break;
  }
  close(fds[1]);
  return NULL;
}

int main(void) {
  dt_start(30);
  ep = MUST(epoll_create1(0));
  ev = MUST(eventfd(0, EFD_NONBLOCK));
  round_of("edge", EPOLLIN | EPOLLET);
  round_of("one-shot", EPOLLIN | EPOLLONESHOT);
  sigset_t block, none;
  sigemptyset(&none);
  sigemptyset(&block);
  sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, NULL);
  struct sigaction sa = {.sa_handler = on, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &sa, NULL);
  raise(SIGUSR1);
  struct epoll_event e;
  SHOW(epoll_wait(ep, &e, 1, 10));
  SHOW_AS("handled", handled);
  SHOW(epoll_pwait(ep, &e, 1, 1000, &none));
  SHOW_AS("handled", handled);
  raise(SIGUSR1);
  SHOW(epoll_pwait(ep, &e, 1, 0, &none));
  SHOW_AS("handled", handled);
  struct timespec ts = {0, 5000000};
  SHOW(epoll_pwait2(ep, &e, 1, &ts, NULL));
  ts.tv_nsec = 1000000000;
  SHOW(epoll_pwait2(ep, &e, 1, &ts, NULL));
  SHOW_AS("mask size", syscall(SYS_epoll_pwait, ep, &e, 1, 0, &none, 4L));
  long before = dt_now_ms();
  SHOW(epoll_wait(ep, &e, 1, 60));
  long took = dt_now_ms() - before;
  IS(took >= 60 && took < 5000);
  /* An edge-triggered reader that drains to EAGAIN misses nothing. */
  int p[2];
  MUST(pipe2(p, O_NONBLOCK));
  fcntl(p[1], F_SETFL, 0);
  e.events = EPOLLIN | EPOLLET;
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
  pthread_t t;
  pthread_create(&t, NULL, writer, p);
  long total = 0;
  for (bool end = false; !end;) {
    if (epoll_wait(ep, &e, 1, 5000) != 1) { printf("lost wake-up after %ld\n", total); break; }
    char buf[64];
    ssize_t n;
    while ((n = read(p[0], buf, sizeof buf)) > 0) total += n;
    end = n == 0;
  }
  pthread_join(t, NULL);
  SHOW_AS("bytes", total);
  return 0;
}
