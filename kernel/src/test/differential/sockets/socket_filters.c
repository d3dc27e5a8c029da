/* SO_ATTACH_FILTER on UDP, raw and ICMP echo sockets: what a program sees, drops and cuts; reading it back, locking. */
#include "own_network.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>

#define ATTACH(s, ...) ({ struct sock_filter f_[] = {__VA_ARGS__}; \
  struct sock_fprog p_ = {sizeof f_ / sizeof *f_, f_}; setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p_, sizeof p_); })
#define LD(size, at) BPF_STMT(BPF_LD | BPF_ABS | (size), (unsigned)(at))
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)
#define ACCEPT_IF(k) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1), RET(-1), RET(0)

static socklen_t at(int family, struct sockaddr_storage *a) {
  memset(a, 0, sizeof *a);
  a->ss_family = family;
  if (family == AF_INET) ((struct sockaddr_in *)a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else ((struct sockaddr_in6 *)a)->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
  return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static void got(int s) {
  char b[2000];
  struct pollfd p = {s, POLLIN, 0};
  if (poll(&p, 1, 100) <= 0) {
    printf("  nothing\n");
    return;
  }
  struct iovec v = {b, sizeof b};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  int n = recvmsg(s, &m, MSG_DONTWAIT);
  printf("  %d bytes, flags %x: %.*s\n", n, m.msg_flags, n > 20 ? 20 : n, b);
}

static void udp(int family) {
  printf("UDP, family %d\n", family);
  struct sockaddr_storage a;
  socklen_t n = at(family, &a);
  int r = MUST(socket(family, SOCK_DGRAM, 0)), s = MUST(socket(family, SOCK_DGRAM, 0));
  MUST(bind(r, (void *)&a, n));
  MUST(getsockname(r, (void *)&a, &n));
  MUST(connect(s, (void *)&a, n));
  int port = ntohs(family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port : ((struct sockaddr_in6 *)&a)->sin6_port);
#define TRY(label, ...) printf("%s\n", label); SHOW_AS("  attach", ATTACH(r, __VA_ARGS__)); send(s, "a message that is sent", 22, 0); got(r)
  TRY("all", RET(-1));
  TRY("none", RET(0));
  TRY("four bytes", RET(4));
  TRY("twelve", RET(12));
  TRY("one more than there is", RET(31));
  TRY("to the port, from the UDP header", LD(BPF_H, 2), ACCEPT_IF(port));
  TRY("to another", LD(BPF_H, 2), ACCEPT_IF(port ^ 1));
  TRY("first byte", LD(BPF_B, 8), ACCEPT_IF('a'));
  TRY("length", BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), ACCEPT_IF(30));
  TRY("the last byte", LD(BPF_B, 29), ACCEPT_IF('t'));
  TRY("outside", LD(BPF_B, 30), RET(-1));
  TRY("a word at the edge", LD(BPF_W, 27), RET(-1));
  TRY("version, from the network header", LD(BPF_B, SKF_NET_OFF), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4), ACCEPT_IF(family == AF_INET ? 4 : 6));
  TRY("protocol of IP", LD(BPF_B, SKF_NET_OFF + (family == AF_INET ? 9 : 6)), ACCEPT_IF(17));
  TRY("link header and on", LD(BPF_B, SKF_LL_OFF + 14), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4), ACCEPT_IF(family == AF_INET ? 4 : 6));
  TRY("ether type", LD(BPF_W, SKF_AD_OFF + SKF_AD_PROTOCOL), ACCEPT_IF(family == AF_INET ? 0x800 : 0x86dd));
  TRY("packet type", LD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE), ACCEPT_IF(0));
  TRY("interface", LD(BPF_W, SKF_AD_OFF + SKF_AD_IFINDEX), ACCEPT_IF(if_nametoindex("lo")));
  TRY("hardware type", LD(BPF_W, SKF_AD_OFF + SKF_AD_HATYPE), ACCEPT_IF(772));
  TRY("far outside", LD(BPF_W, 0x7fffffff), RET(-1));
  TRY("index overflows", BPF_STMT(BPF_LDX | BPF_IMM, 0x7fffffff), BPF_STMT(BPF_LD | BPF_IND | BPF_W, 0x7fffffff), RET(-1));
  SHOW(ATTACH(r, BPF_STMT(BPF_LD | BPF_IMM, 1)));
  SHOW(ATTACH(r, LD(BPF_B, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(1)));
  struct sock_fprog none = {0, NULL};
  SHOW(setsockopt(r, SOL_SOCKET, SO_ATTACH_FILTER, &none, sizeof none));
  SHOW(setsockopt(r, SOL_SOCKET, SO_ATTACH_FILTER, &none, 8));
  struct sock_fprog bad = {1, (void *)8};
  SHOW(setsockopt(r, SOL_SOCKET, SO_ATTACH_FILTER, &bad, sizeof bad));
  struct sock_filter back[8];
  socklen_t k = 0;
  ATTACH(r, LD(BPF_H, 2), ACCEPT_IF(1));
  SHOW(getsockopt(r, SOL_SOCKET, SO_GET_FILTER, back, &k));
  printf("  length %d\n", k);
  k = 2;
  SHOW(getsockopt(r, SOL_SOCKET, SO_GET_FILTER, back, &k));
  k = 8;
  SHOW(getsockopt(r, SOL_SOCKET, SO_GET_FILTER, back, &k));
  printf("  length %d, first code %x k %d\n", k, back[0].code, back[0].k);
  int v = 0;
  SHOW(setsockopt(r, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof v));
  SHOW(setsockopt(r, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof v));
  send(s, "again", 5, 0);
  got(r);
  ATTACH(r, RET(-1));
  k = sizeof v;
  SHOW(getsockopt(r, SOL_SOCKET, SO_LOCK_FILTER, &v, &k));
  printf("  locked %d\n", v);
  v = 1;
  SHOW(setsockopt(r, SOL_SOCKET, SO_LOCK_FILTER, &v, sizeof v));
  SHOW(ATTACH(r, RET(0)));
  SHOW(setsockopt(r, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof v));
  v = 0;
  SHOW(setsockopt(r, SOL_SOCKET, SO_LOCK_FILTER, &v, sizeof v));
  close(r), close(s);
}

static void raw(int family) {
  printf("raw, family %d\n", family);
  struct sockaddr_storage a;
  socklen_t n = at(family, &a);
  int r = MUST(socket(family, SOCK_RAW, 253)), s = r;
  SHOW(ATTACH(r, LD(BPF_B, family == AF_INET ? 20 : 0), ACCEPT_IF('r')));
  SHOW(sendto(s, "raw data", 8, 0, (void *)&a, n));
  SHOW(sendto(s, "not wanted", 10, 0, (void *)&a, n));
  char b[100];
  struct pollfd p = {r, POLLIN, 0};
  poll(&p, 1, 1000);
  int k = recv(r, b, sizeof b, MSG_DONTWAIT);
  printf("  %d\n", k);
  SHOW(recv(r, b, sizeof b, MSG_DONTWAIT));
  SHOW(ATTACH(r, RET(3)));
  sendto(s, "raw data", 8, 0, (void *)&a, n);
  poll(&p, 1, 1000);
  SHOW(recv(r, b, sizeof b, MSG_DONTWAIT));
  close(r);
}

int main(void) {
  own_network();
  udp(AF_INET);
  udp(AF_INET6);
  raw(AF_INET);
  raw(AF_INET6);
  return 0;
}
