/* UDP on the loopback: names, sending, refusals, truncation, peers, control messages, mmsg. */
#include "difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int udp(int flags) { return MUST(socket(AF_INET, SOCK_DGRAM | flags, 0)); }

static struct sockaddr_in bound(int s) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(s, (struct sockaddr *)&a, sizeof a));
  socklen_t l = sizeof a;
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  return a;
}
#define TO(a) (struct sockaddr *)&(a), sizeof(a)

static int ready(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  poll(&p, 1, 0);
  return p.revents;
}

static void await(int fd) {
  struct pollfd p = {fd, POLLIN, 0};
  poll(&p, 1, 3000);
}

static void talk(void) {
  int s = udp(SOCK_NONBLOCK), c = udp(SOCK_NONBLOCK);
  struct sockaddr_in a = bound(s), from;
  char buf[64];
  SHOW(send(c, "x", 1, 0));
  SHOW(recv(c, buf, 64, 0));
  SHOW(sendto(c, "one", 3, 0, TO(a)));
  SHOW(sendto(c, "", 0, 0, TO(a)));
  SHOW(sendto(c, "three", 5, 0, TO(a)));
  await(s);
  printf("ready %#x\n", ready(s));
  int n;
  SHOW(ioctl(s, FIONREAD, &n));
  printf("waiting %d\n", n);
  socklen_t l = sizeof from;
  SHOW(recvfrom(s, buf, 2, MSG_PEEK | MSG_TRUNC, (struct sockaddr *)&from, &l));
  printf("length %u\n", l);
  struct sockaddr_in own;
  MUST(getsockname(c, (struct sockaddr *)&own, &l));
  IS(own.sin_port == from.sin_port && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && own.sin_addr.s_addr == 0);
  SHOW(recv(s, buf, 64, 0));
  SHOW(recv(s, buf, 64, 0));
  struct iovec v = {buf, 2};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  SHOW(recvmsg(s, &m, 0));
  printf("flags %#x\n", m.msg_flags);
  SHOW(recv(s, buf, 64, 0));
  SHOW(connect(c, TO(a)));
  MUST(getsockname(c, (struct sockaddr *)&own, &l));
  IS(own.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  SHOW(getpeername(c, (struct sockaddr *)&from, &l));
  SHOW(write(c, "four", 4));
  SHOW(writev(c, (struct iovec[]){{"fi", 2}, {"ve", 2}}, 2));
  await(s);
  SHOW(read(s, buf, 64));
  SHOW(read(s, buf, 64));
  int other = udp(0);
  bound(other);
  SHOW(sendto(other, "stranger", 8, 0, TO(own)));
  SHOW(sendto(s, "friend", 6, 0, TO(own)));
  await(c);
  SHOW(recv(c, buf, 64, 0));
  SHOW(recv(c, buf, 64, 0));
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  SHOW(connect(c, &none, sizeof none));
  SHOW(getpeername(c, (struct sockaddr *)&from, &l));
  SHOW(send(c, "x", 1, 0));
}

static void errors(void) {
  int s = udp(SOCK_NONBLOCK), c = udp(SOCK_NONBLOCK);
  struct sockaddr_in a = bound(s);
  static char big[70000];
  char buf[8];
  SHOW(sendto(c, big, 65507, 0, TO(a)));
  SHOW(sendto(c, big, 65508, 0, TO(a)));
  SHOW(sendto(c, big, 70000, 0, TO(a)));
  await(s);
  SHOW(recv(s, big, sizeof big, 0));
  struct sockaddr_in bad = a;
  bad.sin_port = 0;
  SHOW(sendto(c, "x", 1, 0, TO(bad)));
  bad = a;
  bad.sin_family = AF_UNIX;
  SHOW(sendto(c, "x", 1, 0, TO(bad)));
  SHOW(sendto(c, "x", 1, 0, (struct sockaddr *)&a, 8));
  SHOW(sendto(c, "x", 1, MSG_OOB, TO(a)));
  SHOW(sendto(c, (void *)8, 5, 0, TO(a)));
  SHOW(connect(c, (struct sockaddr *)&bad, sizeof bad));
  SHOW(listen(c, 1));
  SHOW(accept(c, NULL, NULL));
  SHOW(bind(c, TO(a)));
  int d = udp(0);
  SHOW(bind(d, TO(a)));
  MUST(connect(d, TO(a)));
  close(s);
  SHOW(send(d, "to nobody", 9, 0));
  await(d);
  printf("ready %#x\n", ready(d));
  SHOW(send(d, "x", 1, 0));
  SHOW(send(d, "x", 1, 0));
  await(d);
  SHOW(recv(d, buf, 8, 0));
  SHOW(recv(d, buf, 8, MSG_DONTWAIT));
  SHOW(sendto(c, "x", 1, 0, TO(a)));
  SHOW(sendto(c, "x", 1, 0, TO(a)));
  struct timeval tv = {0, 50000};
  MUST(setsockopt(d, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  SHOW(recv(d, buf, 8, 0));
  SHOW(shutdown(d, SHUT_RD));
  SHOW(recv(d, buf, 8, 0));
  SHOW(shutdown(d, SHUT_WR));
  signal(SIGPIPE, SIG_DFL);
  SHOW(send(d, "x", 1, 0));
  printf("ready %#x\n", ready(d));
  SHOW(shutdown(c, SHUT_RD));
}

static void control(void) {
  int s = udp(0), c = udp(0), on = 1;
  struct sockaddr_in a = bound(s);
  MUST(setsockopt(s, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
  MUST(setsockopt(s, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
  MUST(setsockopt(s, IPPROTO_IP, IP_RECVTOS, &on, sizeof on));
  int ttl = 17, tos = 0x20;
  MUST(setsockopt(c, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
  MUST(setsockopt(c, IPPROTO_IP, IP_TOS, &tos, sizeof tos));
  MUST(sendto(c, "x", 1, 0, TO(a)));
  char buf[8];
  union { char b[256]; struct cmsghdr h; } u;
  struct iovec v = {buf, 8};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u};
  SHOW(recvmsg(s, &m, 0));
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
    printf("level %d type %d length %zu", h->cmsg_level, h->cmsg_type, (size_t)h->cmsg_len);
    if (h->cmsg_type == IP_TTL) printf(" %d", *(int *)CMSG_DATA(h));
    if (h->cmsg_type == IP_TOS) printf(" %d", *CMSG_DATA(h));
    if (h->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo *i = (void *)CMSG_DATA(h);
      printf(" index %d %#x %#x", i->ipi_ifindex, ntohl(i->ipi_addr.s_addr), ntohl(i->ipi_spec_dst.s_addr));
    }
    puts("");
  }
}

static void v6(void) {
  int s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  struct sockaddr_in6 a = {.sin6_family = AF_INET6};
  MUST(bind(s, TO(a)));
  socklen_t l = sizeof a;
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  int c = udp(0);
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = a.sin6_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  SHOW(sendto(c, "four", 4, 0, TO(four)));
  struct sockaddr_in6 from;
  l = sizeof from;
  char buf[8], text[64];
  SHOW(recvfrom(s, buf, 8, 0, (struct sockaddr *)&from, &l));
  printf("from %s length %u\n", inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text), l);
  SHOW(sendto(s, "back", 4, 0, TO(from)));
  SHOW(recv(c, buf, 8, 0));
  int d = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  a.sin6_addr = in6addr_loopback;
  SHOW(sendto(d, "six", 3, 0, TO(a)));
  SHOW(recvfrom(s, buf, 8, 0, (struct sockaddr *)&from, &l));
  printf("from %s\n", inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text));
  int e = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), on = 1;
  SHOW(setsockopt(e, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  SHOW(sendto(e, "four", 4, 0, TO(four)));
  SHOW(setsockopt(c, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
}

static void many(void) {
  int s = udp(SOCK_NONBLOCK), c = udp(0);
  struct sockaddr_in a = bound(s);
  struct mmsghdr m[4];
  struct iovec v[4];
  char text[4][8] = {"a", "bb", "ccc", "dddd"};
  memset(m, 0, sizeof m);
  for (int i = 0; i < 4; i++) {
    v[i] = (struct iovec){text[i], i + 1};
    m[i].msg_hdr = (struct msghdr){.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v[i], .msg_iovlen = 1};
  }
  SHOW(sendmmsg(c, m, 4, 0));
  await(s);
  dt_sleep_ms(50);
  memset(m, 0, sizeof m);
  for (int i = 0; i < 4; i++) {
    v[i].iov_len = 3;
    m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
  }
  SHOW(recvmmsg(s, m, 4, 0, NULL));
  for (int i = 0; i < 4; i++) printf("%u %#x\n", m[i].msg_len, m[i].msg_hdr.msg_flags);
}

int main(void) {
  dt_start(40);
  talk();
  errors();
  control();
  v6();
  many();
  return 0;
}
