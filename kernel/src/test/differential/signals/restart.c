/* Which calls restart under SA_RESTART and which return EINTR in any case. */
#include "difftest.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

static volatile int fired;
static int rescue_fd = -1;
static int pipes[2], sockets[2];

/* The second signal makes a restarted call come to an end. */
static void on_alarm(int sig) {
  (void)sig;
  if (++fired == 2 && rescue_fd >= 0) write(rescue_fd, "x", 1);
}

static long do_read(void) { char c; return read(pipes[0], &c, 1); }
static long do_recv(void) { char c; return recv(sockets[0], &c, 1, 0); }
static long do_poll(void) { struct pollfd p = {pipes[0], POLLIN, 0}; return poll(&p, 1, 3000); }
static long do_select(void) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(pipes[0], &set);
  struct timeval t = {3, 0};
  return select(pipes[0] + 1, &set, NULL, NULL, &t);
}
static long do_epoll(void) {
  int ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN};
  epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e);
  long r = epoll_wait(ep, &e, 1, 3000);
  int saved = errno;
  close(ep);
  errno = saved;
  return r;
}
static long do_pause(void) { return pause(); }
static long do_nanosleep(void) { struct timespec t = {0, 120000000}; return nanosleep(&t, NULL); }
static long do_wait(void) {
  pid_t pid = fork();
  if (pid == 0) {
    dt_sleep_ms(150);
    _exit(0);
  }
  long r = waitpid(pid, NULL, 0);
  int saved = errno;
  if (r == -1) waitpid(pid, NULL, 0);
  errno = saved;
  return r > 0 ? 1 : r;
}
static long do_futex(void) {
  int word = 0;
  struct timespec t = {0, 150000000};
  return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &t, NULL, 0);
}
static long do_futex_forever(void) {
  static int word;
  return fired > 1 ? 0 : syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &(struct timespec){1u << 30, 0}, NULL, 1);
}
static long do_sigtimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  struct timespec t = {0, 150000000};
  return sigtimedwait(&set, NULL, &t);
}
static long do_sigsuspend(void) { sigset_t none; sigemptyset(&none); return sigsuspend(&none); }
static long do_rcvtimeo(void) {
  struct timeval t = {1, 0};
  setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  return do_recv();
}

static void test(const char *name, long (*call)(void), int rescue, int flags) {
  struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = flags};
  sigaction(SIGALRM, &sa, NULL);
  fired = 0;
  rescue_fd = rescue;
  struct itimerval t = {{0, 30000}, {0, 30000}};
  setitimer(ITIMER_REAL, &t, NULL);
  errno = 0;
  long r = call();
  int err = errno;
  memset(&t, 0, sizeof t);
  setitimer(ITIMER_REAL, &t, NULL);
  printf("%s %s: %ld %s\n", name, flags ? "RESTART" : "plain", r, r == -1 ? ename(err) : "");
  char drain[8];
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  read(pipes[0], drain, sizeof drain);
  fcntl(pipes[0], F_SETFL, 0);
  recv(sockets[0], drain, sizeof drain, MSG_DONTWAIT);
}

int main(void) {
  dt_start(30);
  MUST(pipe(pipes));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
  for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
    test("read", do_read, pipes[1], flags);
    test("recv", do_recv, sockets[1], flags);
    test("poll", do_poll, pipes[1], flags);
    test("select", do_select, pipes[1], flags);
    test("epoll_wait", do_epoll, pipes[1], flags);
    test("pause", do_pause, -1, flags);
    test("nanosleep", do_nanosleep, -1, flags);
    test("waitpid", do_wait, -1, flags);
    test("futex with timeout", do_futex, -1, flags);
    if (!flags) test("futex far timeout", do_futex_forever, -1, flags);
    test("sigtimedwait", do_sigtimedwait, -1, flags);
    test("sigsuspend", do_sigsuspend, -1, flags);
  }
  test("recv with SO_RCVTIMEO", do_rcvtimeo, sockets[1], SA_RESTART);
  return 0;
}
