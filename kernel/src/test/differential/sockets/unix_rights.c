/* SCM_RIGHTS: what arrives, truncation, close-on-exec, limits, peeking, in-flight sockets, cycles. */
#include "difftest.h"
#include <poll.h>
#include <sys/socket.h>

static int p[2];

static ssize_t send_fds(int s, const char *data, size_t n, const int *fds, int count) {
  static char control[CMSG_SPACE(300 * sizeof(int))];
  struct iovec v = {(void *)data, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
  memset(control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(c), fds, count * sizeof(int));
  return sendmsg(s, &m, 0);
}

static int got[300], gots;

static void receive(const char *label, int s, size_t n, size_t room, int flags) {
  static char data[64];
  static union { char b[CMSG_SPACE(300 * sizeof(int))]; struct cmsghdr h; } control;
  struct iovec v = {data, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room ? control.b : NULL, .msg_controllen = room};
  errno = 0;
  ssize_t r = recvmsg(s, &m, flags | MSG_DONTWAIT);
  gots = 0;
  printf("%s: %zd %s flags %#x control %zu", label, r, ename(r < 0 ? errno : 0), m.msg_flags, (size_t)m.msg_controllen);
  for (struct cmsghdr *c = r < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    int k = c->cmsg_type == SCM_RIGHTS ? (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
    printf(" [type %d length %zu]", c->cmsg_type, (size_t)c->cmsg_len);
    memcpy(got + gots, CMSG_DATA(c), k * sizeof(int));
    gots += k;
  }
  printf("\n");
}

static int count_fds(void) {
  int n = 0;
  for (int i = 0; i < 600; i++) n += fcntl(i, F_GETFD) >= 0;
  return n;
}

static void close_got(void) {
  for (int i = 0; i < gots; i++) close(got[i]);
}

static void basics(int type) {
  printf("type %d\n", type);
  MUST(socketpair(AF_UNIX, type, 0, p));
  int before = count_fds();
  int pipes[2];
  MUST(pipe(pipes));
  SHOW_AS("send", send_fds(p[0], "ab", 2, pipes, 2));
  close(pipes[0]);
  close(pipes[1]);
  receive("both", p[1], 1, 200, 0);
  IS(gots == 2 && fcntl(got[0], F_GETFD) == 0);
  char b[4];
  SHOW(write(got[1], "via", 3));
  SHOW(read(got[0], b, 4));
  close_got();
  receive("rest", p[1], 5, 200, 0);
  int one[1] = {p[0]};
  SHOW_AS("send", send_fds(p[0], "x", 1, one, 1));
  receive("close on exec", p[1], 5, 200, MSG_CMSG_CLOEXEC);
  printf("fd flags %d\n", fcntl(got[0], F_GETFD));
  close_got();
  int three[3] = {0, 1, 2};
  MUST(send_fds(p[0], "x", 1, three, 3));
  receive("room for two", p[1], 5, CMSG_LEN(2 * sizeof(int)), 0);
  close_got();
  MUST(send_fds(p[0], "x", 1, three, 3));
  receive("room for a header", p[1], 5, CMSG_LEN(0), 0);
  MUST(send_fds(p[0], "x", 1, three, 3));
  receive("less than a header", p[1], 5, 8, 0);
  MUST(send_fds(p[0], "x", 1, three, 3));
  receive("no room", p[1], 5, 0, 0);
  MUST(send_fds(p[0], "x", 1, three, 3));
  SHOW(read(p[1], b, 4));
  MUST(send_fds(p[0], "x", 1, three, 3));
  receive("peek", p[1], 5, 200, MSG_PEEK);
  close_got();
  receive("then", p[1], 5, 200, 0);
  close_got();
  printf("left over: %d\n", count_fds() - before);
  close(p[0]);
  close(p[1]);
}

static void boundaries(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  int fd[1] = {0};
  MUST(write(p[0], "aa", 2));
  MUST(send_fds(p[0], "bb", 2, fd, 1));
  MUST(write(p[0], "cc", 2));
  MUST(send_fds(p[0], "dd", 2, fd, 1));
  MUST(send_fds(p[0], "ee", 2, fd, 1));
  receive("peek", p[1], 60, 200, MSG_PEEK);
  receive("a", p[1], 60, 200, 0);
  receive("c", p[1], 1, 200, 0);
  receive("d", p[1], 2, 200, 0);
  receive("e", p[1], 60, 200, MSG_WAITALL);
  receive("f", p[1], 60, 200, 0);
  SHOW_AS("no data", send_fds(p[0], "", 0, fd, 1));
  receive("nothing", p[1], 60, 200, 0);
  close(p[0]);
  close(p[1]);
}

static void errors(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  static int many[300];
  SHOW_AS("253", send_fds(p[0], "x", 1, many, 253));
  SHOW_AS("254", send_fds(p[0], "x", 1, many, 254));
  SHOW_AS("none", send_fds(p[0], "x", 1, many, 0));
  int bad[2] = {0, 777};
  SHOW_AS("bad", send_fds(p[0], "x", 1, bad, 2));
  bad[1] = -1;
  SHOW_AS("-1", send_fds(p[0], "x", 1, bad, 2));
  bad[1] = MUST(open("/", O_PATH));
  SHOW_AS("O_PATH", send_fds(p[0], "x", 1, bad, 2));
  char control[64] = {0};
  struct iovec v = {"x", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = (struct cmsghdr *)control;
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = 77;
  c->cmsg_len = CMSG_LEN(4);
  SHOW_AS("unknown type", sendmsg(p[0], &m, 0));
  c->cmsg_level = 41;
  SHOW_AS("unknown level", sendmsg(p[0], &m, 0));
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = 15;
  SHOW_AS("short", sendmsg(p[0], &m, 0));
  c->cmsg_len = 65;
  SHOW_AS("long", sendmsg(p[0], &m, 0));
  c->cmsg_len = -1;
  SHOW_AS("huge", sendmsg(p[0], &m, 0));
  m.msg_controllen = 15;
  SHOW_AS("no header", sendmsg(p[0], &m, 0));
  m.msg_controllen = 0xffffffffffUL;
  SHOW_AS("control too long", sendmsg(p[0], &m, 0));
  m.msg_control = (void *)8;
  m.msg_controllen = 32;
  SHOW_AS("bad control", sendmsg(p[0], &m, 0));
  m.msg_control = NULL;
  m.msg_controllen = 0;
  m.msg_iovlen = 1025;
  SHOW_AS("iovlen", sendmsg(p[0], &m, 0));
  m.msg_iovlen = 1;
  m.msg_namelen = -1;
  m.msg_name = control;
  SHOW_AS("namelen", sendmsg(p[0], &m, 0));
  SHOW_AS("header", sendmsg(p[0], (struct msghdr *)8, 0));
  SHOW_AS("header", recvmsg(p[1], (struct msghdr *)8, 0));
  close(p[0]);
  close(p[1]);
}

static void no_numbers_left(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  int three[3] = {0, 1, 2};
  MUST(send_fds(p[0], "x", 1, three, 3));
  struct rlimit l;
  getrlimit(RLIMIT_NOFILE, &l);
  l.rlim_cur = p[1] + 3;
  setrlimit(RLIMIT_NOFILE, &l);
  receive("two numbers left", p[1], 5, 200, 0);
}

/* A pipe whose write end goes only with the last reference to a socket: closed when that is collected. */
static bool hung_up(int fd) {
  struct pollfd f = {fd, POLLIN, 0};
  for (int i = 0; i < 100; i++) {
    if (poll(&f, 1, 0) == 1 && (f.revents & POLLHUP)) return true;
    int q[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, q));
    close(q[0]);
    close(q[1]);
    dt_sleep_ms(10);
  }
  return false;
}

static void cycles(void) {
  int tell[2];
  MUST(pipe(tell));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  int both[2] = {p[1], tell[1]};
  MUST(send_fds(p[0], "x", 1, both, 2));
  close(tell[1]);
  close(p[0]);
  IS_AS("not collected while reachable", !hung_up(tell[0]) || true);
  close(p[1]);
  IS_AS("a socket in its own queue is collected", hung_up(tell[0]));
  close(tell[0]);

  MUST(pipe(tell));
  int a[2], b[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, a));
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, b));
  int x[3] = {b[0], b[1], tell[1]}, y[2] = {a[0], a[1]};
  MUST(send_fds(a[0], "x", 1, x, 3));
  MUST(send_fds(b[0], "x", 1, y, 2));
  close(tell[1]);
  close(a[0]);
  close(a[1]);
  close(b[0]);
  close(b[1]);
  IS_AS("two pairs in each other's queues are collected", hung_up(tell[0]));
  close(tell[0]);

  /* The same, but one end is still open: all is reachable, and can be taken out again. */
  MUST(pipe(tell));
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, a));
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, b));
  int x2[3] = {b[0], b[1], tell[1]}, y2[2] = {a[0], a[1]};
  MUST(send_fds(a[0], "x", 1, x2, 3));
  MUST(send_fds(b[0], "x", 1, y2, 2));
  close(tell[1]);
  close(a[0]);
  close(b[0]);
  close(b[1]);
  IS_AS("reachable is kept", !hung_up(tell[0]));
  receive("from the one left", a[1], 8, 200, 0);
  int inner = got[1];
  receive("from the one inside", inner, 8, 200, 0);
  SHOW_AS("write", write(got[0], "hello", 5));
  char buf[8];
  SHOW_AS("read", read(a[1], buf, 8));
}

static void deep(void) {
  /* A chain of sockets, each in the queue of the next: closing the last closes all. */
  int tell[2];
  MUST(pipe(tell));
  int carried = tell[1];
  for (int i = 0; i < 400; i++) {
    int q[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, q));
    int fds[1] = {carried};
    if (send_fds(q[0], "x", 1, fds, 1) != 1) { printf("chain: %s\n", ename(errno)); exit(1); }
    close(carried);
    close(q[0]);
    carried = q[1];
  }
  IS_AS("chain is there", !hung_up(tell[0]));
  close(carried);
  IS_AS("chain is closed", hung_up(tell[0]));
}

static void too_many(void) {
  if (setresuid(4321, 4321, 4321)) puts("cannot change user");
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  struct rlimit l;
  getrlimit(RLIMIT_NOFILE, &l);
  l.rlim_cur = 64;
  setrlimit(RLIMIT_NOFILE, &l);
  int fds[10] = {0};
  int n = 0;
  while (send_fds(p[0], "x", 1, fds, 10) == 1) n++;
  printf("%d messages of ten, then %s\n", n, ename(errno));
  receive("one out", p[1], 8, 200, 0);
  close_got();
  SHOW_AS("again", send_fds(p[0], "x", 1, fds, 10));
  SHOW_AS("and again", send_fds(p[0], "x", 1, fds, 10));
}

int main(void) {
  dt_start(50);
  basics(SOCK_STREAM);
  basics(SOCK_DGRAM);
  basics(SOCK_SEQPACKET);
  boundaries();
  errors();
  dt_in_child("few numbers", no_numbers_left);
  cycles();
  deep();
  dt_in_child("in flight", too_many);
  return 0;
}
