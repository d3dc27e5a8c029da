/* mq_notify with signals, poll and epoll of queues, and what a child and an exec inherit. */
#include "../difftest.h"
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>

static mqd_t q;
static volatile sig_atomic_t hits;
static volatile int code, value, from_me, uid;

static void on_notice(int sig, siginfo_t *i, void *c) {
  (void)sig; (void)c;
  hits++;
  code = i->si_code;
  value = i->si_value.sival_int;
  from_me = i->si_pid == getpid();
  uid = i->si_uid;
}

static void state(const char *label) {
  char b[128] = "";
  ssize_t n = pread(q, b, 127, 0);
  char *p = strstr(b, "NOTIFY_PID:");
  int pid = p ? atoi(p + 11) : -1;
  if (p) *p = 0;
  printf("%s: %zd %s pid %s hits %d\n", label, n, b, pid == 0 ? "0" : pid == getpid() ? "me" : "other", hits);
}

static void drain(void) { char b[64]; while (mq_receive(q, b, 64, NULL) >= 0) {} }

static void signals(void) {
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
  SHOW(mq_notify(q, &ev));
  SHOW(mq_notify(q, &ev));
  state("registered");
  mq_send(q, "a", 1, 0);
  printf("code %s value %d from me %d uid %d\n", code == SI_MESGQ ? "SI_MESGQ" : "other", value, from_me, uid);
  state("notified");
  mq_send(q, "b", 1, 0);
  SHOW(mq_notify(q, &ev));
  mq_send(q, "c", 1, 0);
  state("not empty");
  drain();
  mq_send(q, "d", 1, 0);
  state("again");
  drain();
  SHOW(mq_notify(q, &ev));
  SHOW(mq_notify(q, NULL));
  SHOW(mq_notify(q, NULL));
  mq_send(q, "e", 1, 0);
  state("withdrawn");
  drain();
  ev.sigev_signo = 0;
  SHOW(mq_notify(q, &ev));
  mq_send(q, "f", 1, 0);
  state("signal 0");
  drain();
  ev.sigev_signo = 65;
  SHOW(mq_notify(q, &ev));
  ev.sigev_signo = -1;
  SHOW(mq_notify(q, &ev));
  ev.sigev_notify = 77;
  SHOW(mq_notify(q, &ev));
  ev.sigev_notify = SIGEV_NONE;
  SHOW(mq_notify(q, &ev));
  state("none");
  mq_send(q, "g", 1, 0);
  state("none used up");
  drain();
  SHOW(syscall(SYS_mq_notify, q, (void *)8));
  SHOW(mq_notify(-1, &ev));
  SHOW(mq_notify(0, &ev));
  ev.sigev_notify = SIGEV_THREAD;
  ev.sigev_signo = -1;
  ev.sigev_value.sival_ptr = "0123456789012345678901234567890";
  SHOW(syscall(SYS_mq_notify, q, &ev));
  ev.sigev_signo = q;
  SHOW(syscall(SYS_mq_notify, q, &ev));
  ev.sigev_value.sival_ptr = (void *)8;
  SHOW(syscall(SYS_mq_notify, q, &ev));
}

static void ownership(void) {
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  hits = 0;
  MUST(mq_notify(q, &ev));
  pid_t p = fork();
  if (p == 0) { SHOW(mq_notify(q, NULL)); SHOW(mq_notify(q, &ev)); mq_send(q, "child", 5, 0); fflush(stdout); _exit(0); }
  waitpid(p, NULL, 0);
  printf("from the child: hits %d, from me %d\n", hits, from_me);
  drain();
  MUST(mq_notify(q, &ev));
  int copy = dup(q);
  close(copy);
  state("a copy closed");
  fflush(stdout);
  p = fork();
  if (p == 0) { mq_notify(q, &ev); pause(); }
  for (int i = 0; i < 1000; i++) { char b[128]; pread(q, b, 127, 0); if (strstr(b, "SIGNO:10")) break; dt_sleep_ms(1); }
  state("child registered");
  SHOW(mq_notify(q, &ev));
  kill(p, SIGKILL);
  waitpid(p, NULL, 0);
  state("child gone");
  p = fork();
  if (p == 0) { mq_notify(q, &ev); execl("/bin/sleep", "sleep", "5", (char *)NULL); }
  for (int i = 0; i < 1000; i++) { char path[64], name[64] = ""; snprintf(path, 64, "/proc/%d/comm", p);
    int f = open(path, O_RDONLY); read(f, name, 63); close(f); if (!strcmp(name, "sleep\n")) break; dt_sleep_ms(1); }
  state("child has executed");
  kill(p, SIGKILL);
  waitpid(p, NULL, 0);
  /* Who waits to receive goes before a notification. */
  hits = 0;
  MUST(mq_notify(q, &ev));
  struct mq_attr blocking = {0}, nonblocking = {.mq_flags = O_NONBLOCK};
  mq_setattr(q, &blocking, NULL);
  p = fork();
  if (p == 0) { char b[64]; _exit(mq_receive(q, b, 64, NULL) == 1 ? 0 : 1); }
  dt_await_state(p, "S");
  mq_send(q, "x", 1, 0);
  dt_reap("receiver", p);
  mq_setattr(q, &nonblocking, NULL);
  state("receiver first");
  mq_notify(q, NULL);
}

static void polling(void) {
  struct pollfd f = {q, POLLIN | POLLOUT, 0};
  poll(&f, 1, 0);
  printf("empty %#x\n", f.revents);
  mq_send(q, "1", 1, 0);
  poll(&f, 1, 0);
  printf("one %#x\n", f.revents);
  mq_send(q, "2", 1, 0);
  poll(&f, 1, 0);
  printf("full %#x\n", f.revents);
  drain();
  int ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET}, got = {0};
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, q, &e));
  SHOW(epoll_wait(ep, &got, 1, 0));
  SHOW(epoll_wait(ep, &got, 1, 0));
  pid_t p = fork();
  if (p == 0) { dt_sleep_ms(20); mq_send(q, "x", 1, 0); _exit(0); }
  SHOW(epoll_wait(ep, &got, 1, 5000));
  printf("events %#x\n", got.events);
  waitpid(p, NULL, 0);
  drain();
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC);
  struct sigaction sa = {.sa_sigaction = on_notice, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &sa, NULL);
  struct mq_attr a = {.mq_maxmsg = 2, .mq_msgsize = 64};
  q = mq_open("/dt-notify", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a);
  mq_unlink("/dt-notify");
  state("new");
  signals();
  ownership();
  polling();
  return 0;
}
