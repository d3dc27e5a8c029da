/* SO_ZEROCOPY and MSG_ZEROCOPY: which sockets take them, and the completions on the error queue. */
#include "difftest.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

static char data[200000];

static void option(const char *what, int s) {
  int v = -1;
  socklen_t n = sizeof v;
  printf("%s\n", what);
  SHOW(getsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, &n));
  printf("  is %d\n", v);
  for (int i = 2; i >= -1; i--) {
    v = i;
    printf("  %d ", i);
    SHOW(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, sizeof v));
  }
  v = 1;
  SHOW(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, 2));
  n = sizeof v;
  getsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, &n);
  printf("  is %d\n", v);
  close(s);
}

/* Waits for all completions up to number last, which come in order, in ranges of any length. */
static void completed(int s, int from, int last) {
  int next = from, shown = 0, errors = 0;
  while (next <= last) {
    struct pollfd p = {s, 0, 0};
    if (poll(&p, 1, 3000) <= 0) {
      printf("  no completion of %d\n", next);
      return;
    }
    if (p.revents != POLLERR) printf("  poll %x\n", p.revents);
    char control[200];
    struct sockaddr_storage name;
    struct msghdr m = {.msg_name = &name, .msg_namelen = sizeof name, .msg_control = control, .msg_controllen = sizeof control};
    int n = recvmsg(s, &m, MSG_ERRQUEUE);
    if (n < 0) {
      if (errno == EAGAIN && errors++ < 100) continue;
      printf("  recvmsg %s\n", ename(errno));
      return;
    }
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    struct sock_extended_err *e = (struct sock_extended_err *)CMSG_DATA(c);
    if (!shown++)
      printf("  result %d flags %x name %d, level %d type %d length %d, errno %d origin %d type %d code %d\n", n, m.msg_flags, (int)m.msg_namelen,
             c->cmsg_level, c->cmsg_type, (int)c->cmsg_len, e->ee_errno, e->ee_origin, e->ee_type, e->ee_code);
    if ((int)e->ee_info != next) printf("  expected %d, came %d\n", next, (int)e->ee_info);
    next = e->ee_data + 1;
  }
  printf("  complete from %d to %d\n", from, next - 1);
}

static void none(int s) {
  struct pollfd p = {s, POLLIN, 0};
  printf("  poll %d\n", poll(&p, 1, 50));
  struct msghdr m = {0};
  SHOW(recvmsg(s, &m, MSG_ERRQUEUE));
}

static void drain(int s, int total) {
  static char b[200000];
  while (total > 0) {
    int n = read(s, b, sizeof b);
    if (n <= 0) break;
    total -= n;
  }
  printf("  left %d\n", total);
}

static socklen_t at(int family, struct sockaddr_storage *a) {
  memset(a, 0, sizeof *a);
  a->ss_family = family;
  if (family == AF_INET) ((struct sockaddr_in *)a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else ((struct sockaddr_in6 *)a)->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
  return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static void tcp(int family) {
  printf("TCP, family %d\n", family);
  struct sockaddr_storage a;
  socklen_t n = at(family, &a);
  int l = MUST(socket(family, SOCK_STREAM, 0)), s = MUST(socket(family, SOCK_STREAM, 0)), one = 1;
  MUST(bind(l, (void *)&a, n));
  MUST(listen(l, 5));
  MUST(getsockname(l, (void *)&a, &n));
  MUST(connect(s, (void *)&a, n));
  int p = MUST(accept(l, 0, 0));
  SHOW(send(s, data, 1000, MSG_ZEROCOPY));
  drain(p, 1000);
  none(s);
  MUST(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one));
  for (int i = 0; i < 5; i++) {
    SHOW(send(s, data, 10000, MSG_ZEROCOPY));
    drain(p, 10000);
  }
  SHOW(send(s, data, 0, MSG_ZEROCOPY));
  SHOW(send(s, data, 10, 0));
  drain(p, 10);
  completed(s, 0, 4);
  none(s);
  /* One call is one number, however many segments and waits it takes. */
  pid_t child = fork();
  if (child == 0) {
    usleep(50000);
    static char b[200000];
    int left = 4 * sizeof data;
    while (left > 0) {
      int k = read(p, b, sizeof b);
      if (k <= 0) _exit(1);
      left -= k;
    }
    _exit(0);
  }
  struct iovec v[4] = {{data, sizeof data}, {data, sizeof data}, {data, sizeof data}, {data, sizeof data}};
  struct msghdr m = {.msg_iov = v, .msg_iovlen = 4};
  SHOW(sendmsg(s, &m, MSG_ZEROCOPY));
  int status;
  waitpid(child, &status, 0);
  printf("  reader %d\n", status);
  completed(s, 5, 5);
  none(s);
  close(p);
  close(s);
  close(l);
}

static void udp(int family) {
  printf("UDP, family %d\n", family);
  struct sockaddr_storage a;
  socklen_t n = at(family, &a);
  int r = MUST(socket(family, SOCK_DGRAM, 0)), s = MUST(socket(family, SOCK_DGRAM, 0)), one = 1;
  MUST(bind(r, (void *)&a, n));
  MUST(getsockname(r, (void *)&a, &n));
  MUST(connect(s, (void *)&a, n));
  MUST(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one));
  for (int i = 0; i < 4; i++) {
    SHOW(send(s, data, 1000 * (i + 1), MSG_ZEROCOPY));
    drain(r, 1000 * (i + 1));
  }
  SHOW(send(s, data, 70000, MSG_ZEROCOPY));
  SHOW(send(s, data, 0, MSG_ZEROCOPY));
  completed(s, 0, 3);
  none(s);
  close(r);
  close(s);
}

int main(void) {
  option("TCP", MUST(socket(AF_INET, SOCK_STREAM, 0)));
  option("UDP", MUST(socket(AF_INET6, SOCK_DGRAM, 0)));
  option("raw", MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)));
  option("unix", MUST(socket(AF_UNIX, SOCK_STREAM, 0)));
  tcp(AF_INET);
  tcp(AF_INET6);
  udp(AF_INET);
  udp(AF_INET6);
  return 0;
}
