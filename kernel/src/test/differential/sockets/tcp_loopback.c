/* TCP on the loopback: names, connecting, data, ends, resets, non-blocking connect, options. */
#include "difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct sockaddr_in addr;
static socklen_t len = sizeof addr;

static int listener(int backlog) {
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(s, (struct sockaddr *)&addr, sizeof addr));
  len = sizeof addr;
  MUST(getsockname(s, (struct sockaddr *)&addr, &len));
  MUST(listen(s, backlog));
  return s;
}

static int tcp(int flags) { return MUST(socket(AF_INET, SOCK_STREAM | flags, 0)); }
#define CONNECT(s) SHOW_AS("connect", connect(s, (struct sockaddr *)&addr, sizeof addr))

static int ready(int fd, int wait_for) {
  struct pollfd p = {fd, wait_for, 0};
  if (wait_for) poll(&p, 1, 3000);
  p.events = POLLIN | POLLOUT | POLLRDHUP;
  poll(&p, 1, 0);
  return p.revents;
}

static void kinds(void) {
  OK(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
  OK(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  OK(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
  OK(socket(AF_INET, SOCK_SEQPACKET, 0));
  OK(socket(AF_INET6, SOCK_STREAM, 0));
  OK(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
  OK(socket(AF_INET, SOCK_STREAM, 1000));
  int p[2];
  OK(socketpair(AF_INET, SOCK_STREAM, 0, p));
  int s = tcp(0);
  struct sockaddr_in a;
  socklen_t l = sizeof a;
  SHOW(getsockname(s, (struct sockaddr *)&a, &l));
  printf("length %u family %d port %d address %#x\n", l, a.sin_family, a.sin_port, a.sin_addr.s_addr);
  SHOW(getpeername(s, (struct sockaddr *)&a, &l));
  a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  SHOW(bind(s, (struct sockaddr *)&a, 15));
  a.sin_family = AF_INET6;
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  a = (struct sockaddr_in){.sin_family = AF_UNSPEC};
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(s, "x", 1));
  SHOW(read(s, &a, 1));
  SHOW(shutdown(s, SHUT_WR));
  SHOW(accept(s, NULL, NULL));
  printf("ready %#x\n", ready(s, 0));
}

static void talk(void) {
  int s = listener(5);
  struct sockaddr_in again = addr;
  int t = tcp(0);
  SHOW(bind(t, (struct sockaddr *)&again, sizeof again));
  int c = tcp(0);
  CONNECT(c);
  CONNECT(c);
  struct sockaddr_in a, b;
  socklen_t l = sizeof a;
  int d = MUST(accept4(s, (struct sockaddr *)&a, &l, SOCK_NONBLOCK | SOCK_CLOEXEC));
  printf("length %u flags %#x %d\n", l, fcntl(d, F_GETFL), fcntl(d, F_GETFD));
  l = sizeof b;
  MUST(getsockname(c, (struct sockaddr *)&b, &l));
  IS(memcmp(&a, &b, sizeof a) == 0);
  MUST(getpeername(c, (struct sockaddr *)&b, &l));
  IS(memcmp(&addr, &b, sizeof a) == 0);
  char buf[64];
  SHOW(read(d, buf, 64));
  SHOW(write(c, "hello", 5));
  printf("ready %#x\n", ready(d, POLLIN));
  int n;
  SHOW(ioctl(d, FIONREAD, &n));
  printf("waiting %d\n", n);
  SHOW(recv(d, buf, 3, MSG_PEEK));
  SHOW(recv(d, buf, 64, 0));
  SHOW(sendto(d, "addressed", 9, 0, (struct sockaddr *)&a, sizeof a));
  l = sizeof b;
  SHOW(recvfrom(c, buf, 64, 0, (struct sockaddr *)&b, &l));
  printf("length %u\n", l);
  SHOW(write(d, "abcdef", 6));
  ready(c, POLLIN);
  SHOW(recv(c, NULL, 2, MSG_TRUNC));
  SHOW(recv(c, buf, 4, MSG_WAITALL));
  SHOW(shutdown(c, SHUT_WR));
  printf("ready %#x\n", ready(d, POLLRDHUP));
  SHOW(read(d, buf, 64));
  SHOW(write(d, "after", 5));
  SHOW(read(c, buf, 64));
  SHOW(write(c, "x", 1));
  close(d);
  printf("ready %#x\n", ready(c, POLLHUP));
  SHOW(read(c, buf, 64));
  close(c);
  close(s);
}

static void refused(void) {
  int s = listener(1);
  close(s);
  int c = tcp(0);
  CONNECT(c);
  CONNECT(c);
  c = tcp(SOCK_NONBLOCK);
  int r = connect(c, (struct sockaddr *)&addr, sizeof addr);
  printf("non-blocking %s\n", r == 0 ? "ok" : errno == EINPROGRESS || errno == ECONNREFUSED ? "begun" : ename(errno));
  printf("ready %#x\n", ready(c, POLLOUT));
  int e;
  socklen_t l = sizeof e;
  SHOW(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %s\n", ename(e));
  SHOW(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %s\n", ename(e));
}

static void nonblocking(void) {
  int s = listener(5);
  int c = tcp(SOCK_NONBLOCK);
  SHOW_AS("connect", connect(c, (struct sockaddr *)&addr, sizeof addr));
  printf("ready %#x\n", ready(c, POLLOUT));
  int e = -1;
  socklen_t l = sizeof e;
  SHOW(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %d\n", e);
  SHOW_AS("connect", connect(c, (struct sockaddr *)&addr, sizeof addr));
  SHOW_AS("connect", connect(c, (struct sockaddr *)&addr, sizeof addr));
  int d = MUST(accept(s, NULL, NULL));
  char buf[8];
  SHOW(read(c, buf, 8));
  write(d, "unread", 6);
  ready(c, POLLIN);
  close(c);
  ready(d, POLLHUP);
  SHOW(read(d, buf, 8));
  SHOW(read(d, buf, 8));
  SHOW(write(d, "x", 1));
}

static void reset_by_linger(void) {
  int s = listener(5);
  int c = tcp(0);
  CONNECT(c);
  int d = MUST(accept(s, NULL, NULL));
  struct linger lin = {1, 0};
  MUST(setsockopt(c, SOL_SOCKET, SO_LINGER, &lin, sizeof lin));
  write(c, "data", 4);
  close(c);
  printf("ready %#x\n", ready(d, POLLHUP));
  char buf[8];
  SHOW(read(d, buf, 8));
  SHOW(read(d, buf, 8));
}

static void options(void) {
  int s = tcp(0), v;
  socklen_t l;
  struct { int level, name, value; } o[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1}, {IPPROTO_TCP, TCP_CORK, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 30},
    {IPPROTO_TCP, TCP_KEEPINTVL, 5}, {IPPROTO_TCP, TCP_KEEPCNT, 3},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, 1000}, {IPPROTO_TCP, TCP_SYNCNT, 4}, {SOL_SOCKET, SO_KEEPALIVE, 1},
    {SOL_SOCKET, SO_REUSEADDR, 1}, {SOL_SOCKET, SO_REUSEPORT, 1}, {SOL_SOCKET, SO_OOBINLINE, 1},
    {IPPROTO_IP, IP_TOS, 16}, {IPPROTO_IP, IP_TTL, 33}, {SOL_SOCKET, SO_RCVLOWAT, 5}, {SOL_SOCKET, SO_PRIORITY, 2}};
  for (unsigned i = 0; i < sizeof o / sizeof *o; i++) {
    int r = setsockopt(s, o[i].level, o[i].name, &o[i].value, 4);
    printf("set %d %d: %s", o[i].level, o[i].name, ename(r ? errno : 0));
    l = sizeof v;
    v = -1;
    r = getsockopt(s, o[i].level, o[i].name, &v, &l);
    printf(" get %s %d length %u\n", ename(r ? errno : 0), v, l);
  }
  l = sizeof v;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  printf("%d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &l));
  printf("%d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_DOMAIN, &v, &l));
  printf("%d\n", v);
  SHOW(setsockopt(s, SOL_SOCKET, SO_TYPE, &v, 4));
  SHOW(setsockopt(s, IPPROTO_TCP, 200, &v, 4));
  SHOW(setsockopt(s, 4711, 1, &v, 4));
  SHOW(getsockopt(s, 4711, 1, &v, &l));
  SHOW(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, 2));
  unsigned char byte = 8;
  SHOW(setsockopt(s, IPPROTO_IP, IP_TOS, &byte, 1));
  SHOW(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  char name[32];
  l = sizeof name;
  SHOW(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &l));
  printf("'%s' %u\n", name, l);
  SHOW(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nodev0", 7));
  struct tcp_info info;
  l = 1;
  SHOW(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &l));
  printf("state %d\n", info.tcpi_state);
}

static atomic_int go;
static void *far_end(void *arg) {
  int d = (int)(long)arg;
  char buf[30000];
  long n, total = 0;
  while ((n = read(d, buf, sizeof buf)) > 0) {
    total += n;
    if (total == 3000000) break;
  }
  write(d, "thanks", 6);
  close(d);
  return (void *)total;
}

static void bulk(void) {
  static char big[3000000];
  int s = listener(5);
  int c = tcp(0);
  CONNECT(c);
  int d = MUST(accept(s, NULL, NULL));
  pthread_t t;
  pthread_create(&t, NULL, far_end, (void *)(long)d);
  SHOW(write(c, big, sizeof big));
  char buf[16];
  SHOW(recv(c, buf, sizeof buf, MSG_WAITALL));
  void *total;
  pthread_join(t, &total);
  printf("total %ld\n", (long)total);
  (void)go;
}

static void ports(void) {
  int s = tcp(0);
  if (fork() == 0) {
    if (setresuid(777, 777, 777)) _exit(1);
    addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(99), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SHOW_AS("bind a low port", bind(s, (struct sockaddr *)&addr, sizeof addr));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  OK(listen(s, 1));
  struct sockaddr_in a;
  socklen_t l = sizeof a;
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  IS(a.sin_port != 0 && a.sin_addr.s_addr == 0);
  a.sin_addr.s_addr = 0;
  int c = tcp(0);
  SHOW_AS("connect to any", connect(c, (struct sockaddr *)&a, sizeof a));
}

static void v6(void) {
  int s = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  MUST(bind(s, (struct sockaddr *)&a, sizeof a));
  MUST(listen(s, 5));
  socklen_t l = sizeof a;
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  printf("length %u\n", l);
  int c = tcp(0);
  addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = a.sin6_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  CONNECT(c);
  struct sockaddr_in6 p;
  l = sizeof p;
  int d = MUST(accept(s, (struct sockaddr *)&p, &l));
  char text[64];
  printf("from %s length %u\n", inet_ntop(AF_INET6, &p.sin6_addr, text, sizeof text), l);
  a.sin6_addr = in6addr_loopback;
  int e = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  SHOW_AS("connect", connect(e, (struct sockaddr *)&a, sizeof a));
  SHOW_AS("bind short", bind(e, (struct sockaddr *)&a, 20));
  (void)d;
}

int main(void) {
  dt_start(50);
  kinds();
  talk();
  refused();
  nonblocking();
  reset_by_linger();
  options();
  bulk();
  fflush(stdout);
  ports();
  v6();
  return 0;
}
