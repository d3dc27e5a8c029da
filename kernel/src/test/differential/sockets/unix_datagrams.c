/* Datagram sockets: addresses of senders, connecting again, whom a peer accepts, sendmmsg and recvmmsg. */
#include "difftest.h"
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct { int fd; struct sockaddr_un a; socklen_t l; } Named;

static Named named(void) {
  Named n = {.fd = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), .a = {.sun_family = AF_UNIX}, .l = sizeof n.a};
  MUST(bind(n.fd, (struct sockaddr *)&n.a, 2));
  MUST(getsockname(n.fd, (struct sockaddr *)&n.a, &n.l));
  return n;
}
#define TO(n) (struct sockaddr *)&(n).a, (n).l

static void from(const char *label, int fd, Named *who, int count) {
  char b[8];
  struct sockaddr_un a;
  memset(&a, 0, sizeof a);
  socklen_t l = sizeof a;
  ssize_t n = recvfrom(fd, b, 8, 0, (struct sockaddr *)&a, &l);
  printf("%s: %zd %s length %u", label, n, ename(n < 0 ? errno : 0), n < 0 ? 0 : l);
  for (int i = 0; i < count; i++)
    if (n >= 0 && l == who[i].l && memcmp(&a, &who[i].a, l) == 0) printf(" from %d", i);
  puts("");
}

static void talk(void) {
  Named n[3] = {named(), named(), named()};
  int u = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  SHOW(sendto(n[0].fd, "a", 1, 0, TO(n[1])));
  SHOW(sendto(u, "b", 1, 0, TO(n[1])));
  SHOW(sendto(n[1].fd, "c", 1, 0, TO(n[1])));
  SHOW(sendto(n[1].fd, "d", 1, 0, NULL, 0));
  SHOW(sendto(n[1].fd, "d", 1, 0, TO(n[1]) - 20) < 0 ? 0 : 0);
  from("named", n[1].fd, n, 3);
  from("unnamed", n[1].fd, n, 3);
  from("self", n[1].fd, n, 3);
  while (recv(n[1].fd, (char[2]){0}, 2, 0) >= 0) {}
  from("nothing", n[1].fd, n, 3);
  SHOW(connect(n[0].fd, TO(n[1])));
  SHOW(send(n[0].fd, "e", 1, 0));
  SHOW(sendto(n[0].fd, "f", 1, 0, TO(n[2])));
  from("peer", n[1].fd, n, 3);
  from("other", n[2].fd, n, 3);
  SHOW(sendto(n[2].fd, "g", 1, 0, TO(n[0])));
  SHOW(connect(n[2].fd, TO(n[0])));
  SHOW(sendto(n[1].fd, "h", 1, 0, TO(n[0])));
  from("accepted", n[0].fd, n, 3);
  SHOW(connect(n[1].fd, TO(n[0])));
  SHOW(send(n[1].fd, "lost", 4, 0));
  SHOW(send(n[1].fd, "lost", 4, 0));
  SHOW(connect(n[0].fd, TO(n[2])));
  from("after another connect", n[0].fd, n, 3);
  int e = -1;
  socklen_t l = sizeof e;
  SHOW(getsockopt(n[1].fd, SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %s\n", ename(e));
  SHOW(send(n[1].fd, "i", 1, 0));
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  SHOW(connect(n[0].fd, &none, sizeof none));
  SHOW(connect(n[0].fd, &none, sizeof none));
  SHOW(send(n[0].fd, "j", 1, 0));
  struct sockaddr_un p;
  l = sizeof p;
  SHOW(getpeername(n[0].fd, (struct sockaddr *)&p, &l));
  SHOW(getpeername(n[1].fd, (struct sockaddr *)&p, &l));
  IS(l == n[0].l && memcmp(&p, &n[0].a, l) == 0);
  close(n[0].fd);
  SHOW(send(n[1].fd, "k", 1, 0));
  SHOW(send(n[1].fd, "k", 1, 0));
  SHOW(sendto(n[1].fd, "k", 1, 0, TO(n[0])));
  SHOW(listen(n[1].fd, 1));
  SHOW(connect(n[1].fd, (struct sockaddr *)&p, 2));
  SHOW(connect(n[1].fd, (struct sockaddr *)&p, 200));
  p.sun_family = AF_INET;
  SHOW(sendto(n[1].fd, "k", 1, 0, (struct sockaddr *)&p, 10));
  SHOW(sendto(n[1].fd, "k", 1, MSG_OOB, TO(n[2])));
  SHOW(recvfrom(n[1].fd, &p, 1, 0, (struct sockaddr *)&p, NULL));
}

static void truncated_address(void) {
  Named a = named(), b = named();
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  char buf[4];
  struct sockaddr_un got;
  memset(&got, 'z', sizeof got);
  socklen_t l = 4;
  SHOW(recvfrom(b.fd, buf, 4, 0, (struct sockaddr *)&got, &l));
  printf("told %u, next byte %d\n", l, got.sun_path[2]);
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  l = -1;
  SHOW(recvfrom(b.fd, buf, 4, 0, (struct sockaddr *)&got, &l));
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  struct iovec v = {buf, 4};
  struct msghdr m = {.msg_name = &got, .msg_namelen = 6, .msg_iov = &v, .msg_iovlen = 1};
  SHOW(recvmsg(b.fd, &m, 0));
  printf("told %u\n", m.msg_namelen);
  SHOW(recvmsg(b.fd, &m, 0));
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  SHOW(recv(b.fd, (void *)8, 4, 0));
  SHOW(recv(b.fd, buf, 4, 0));
}

static void many(void) {
  Named a = named(), b = named();
  struct iovec v[8];
  struct mmsghdr m[8];
  char text[8][8];
  memset(m, 0, sizeof m);
  for (int i = 0; i < 8; i++) {
    snprintf(text[i], 8, "m%d", i);
    v[i] = (struct iovec){text[i], 2};
    m[i].msg_hdr = (struct msghdr){.msg_name = &b.a, .msg_namelen = b.l, .msg_iov = &v[i], .msg_iovlen = 1};
  }
  SHOW(sendmmsg(a.fd, m, 3, 0));
  printf("lengths %u %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len, m[3].msg_len);
  m[1].msg_hdr.msg_iov = (void *)8;
  SHOW(sendmmsg(a.fd, m, 3, 0));
  SHOW(sendmmsg(a.fd, m + 1, 2, 0));
  SHOW(sendmmsg(a.fd, m, 0, 0));
  memset(m, 0, sizeof m);
  for (int i = 0; i < 8; i++) {
    v[i].iov_len = 8;
    m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
  }
  SHOW(recvmmsg(b.fd, m, 2, 0, NULL));
  printf("lengths %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
  SHOW(recvmmsg(b.fd, m, 8, 0, NULL));
  SHOW(recvmmsg(b.fd, m, 8, 0, NULL));
  fcntl(b.fd, F_SETFL, 0);
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  SHOW(recvmmsg(b.fd, m, 8, MSG_WAITFORONE, NULL));
  struct timespec t = {0, 1};
  MUST(sendto(a.fd, "x", 1, 0, TO(b)));
  SHOW(recvmmsg(b.fd, m, 8, 0, &t));
  t.tv_nsec = -1;
  SHOW(recvmmsg(b.fd, m, 8, 0, &t));
  SHOW(recvmmsg(b.fd, m, 8, 0, (void *)8));
}

int main(void) {
  dt_start(30);
  talk();
  truncated_address();
  many();
  return 0;
}
