/* Raw sockets and ICMP echo ("ping") sockets on the loopback: rights, echo both ways, filters, headers, identifiers. */
#include "own_network.h"
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/ioctl.h>

static struct sockaddr_in lo = {.sin_family = AF_INET};
static struct sockaddr_in6 lo6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
#define TO(a) (struct sockaddr *)&(a), sizeof(a)

/* The group range is nobody's by default, and belongs to the network namespace, which a sandbox has. */
static void allow_ping(void) {
  int f = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);
  if (f >= 0) {
    write(f, "0 2147483647", 12);
    close(f);
  }
}

static void await(int fd) {
  struct pollfd p = {fd, POLLIN, 0};
  poll(&p, 1, 3000);
}

static int quiet(int fd) {
  struct pollfd p = {fd, POLLIN, 0};
  return poll(&p, 1, 100) == 0;
}

static unsigned short sum(const void *data, int n) {
  const unsigned char *p = data;
  unsigned s = 0;
  for (int i = 0; i < n; i += 2) s += p[i] << 8 | (i + 1 < n ? p[i + 1] : 0);
  while (s >> 16) s = (s & 0xffff) + (s >> 16);
  return ~s;
}

struct echo {
  unsigned char type, code;
  unsigned short sum, id, seq;
  char data[24];
};

static struct echo request(int type, int id, int seq) {
  struct echo e = {.type = type, .id = htons(id), .seq = htons(seq), .data = "somewhat like a ping"};
  e.sum = htons(sum(&e, sizeof e));
  return e;
}

static void opening(void) {
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  SHOW(socket(AF_INET, SOCK_RAW, -1));
  SHOW(socket(AF_INET, SOCK_RAW, 263));
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6));
  SHOW(socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMP));
  SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_ICMP));
  int s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  int v;
  socklen_t l = sizeof v;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  printf("type %d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &l));
  printf("protocol %d\n", v);
  struct sockaddr_in a;
  l = sizeof a;
  SHOW(getsockname(s, (struct sockaddr *)&a, &l));
  printf("name %s %d\n", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
  SHOW(getpeername(s, (struct sockaddr *)&a, &l));
  SHOW(listen(s, 1));
  SHOW(accept(s, NULL, NULL));
  SHOW(shutdown(s, SHUT_RD));
  close(s);
}

/* A raw socket sees requests and answers, whole packets. */
static void raw_echo(void) {
  int s = MUST(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP));
  struct echo e = request(ICMP_ECHO, 77, 1);
  unsigned char b[200];
  SHOW(recv(s, b, sizeof b, 0));
  SHOW(send(s, &e, sizeof e, 0));
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo)));
  for (int i = 0; i < 2; i++) {
    await(s);
    struct sockaddr_in from;
    socklen_t l = sizeof from;
    if (i == 0) {
      SHOW(recvfrom(s, b, sizeof b, MSG_PEEK, (struct sockaddr *)&from, &l));
      int n;
      SHOW(ioctl(s, FIONREAD, &n));
      printf("waiting %d\n", n);
    }
    int n = SHOW(recvfrom(s, b, sizeof b, 0, (struct sockaddr *)&from, &l));
    printf("from %s %d\n", inet_ntoa(from.sin_addr), ntohs(from.sin_port));
    struct iphdr *ip = (struct iphdr *)b;
    struct echo *r = (struct echo *)(b + 20);
    printf("ip %d %d len %d ttl %d proto %d type %d code %d id %d seq %d\n", ip->version, ip->ihl, ntohs(ip->tot_len),
           ip->ttl, ip->protocol, r->type, r->code, ntohs(r->id), ntohs(r->seq));
    IS(n == 20 + sizeof e && sum(r, sizeof e) == 0 && memcmp(r->data, e.data, sizeof e.data) == 0);
    IS(sum(ip, 20) == 0);
  }
  IS(quiet(s));
  int ttl = 7;
  SHOW(setsockopt(s, SOL_IP, IP_TTL, &ttl, sizeof ttl));
  SHOW(connect(s, TO(lo)));
  SHOW(send(s, &e, sizeof e, 0));
  await(s);
  SHOW(recv(s, b, sizeof b, 0));
  printf("ttl %d\n", b[8]);
  await(s);
  SHOW(recv(s, b, 10, MSG_TRUNC));
  close(s);
}

static void filters(void) {
  int s = MUST(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP));
  struct icmp_filter f = {~(1U << ICMP_ECHOREPLY)};
  socklen_t l = sizeof f;
  SHOW(getsockopt(s, SOL_RAW, ICMP_FILTER, &f, &l));
  printf("filter %#x of %u\n", f.data, l);
  f.data = ~(1U << ICMP_ECHOREPLY);
  SHOW(setsockopt(s, SOL_RAW, ICMP_FILTER, &f, sizeof f));
  f.data = 0;
  SHOW(getsockopt(s, SOL_RAW, ICMP_FILTER, &f, &l));
  printf("filter %#x of %u\n", f.data, l);
  struct echo e = request(ICMP_ECHO, 78, 2);
  unsigned char b[200];
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo)));
  await(s);
  SHOW(recv(s, b, sizeof b, 0));
  printf("type %d\n", b[20]);
  IS(quiet(s));
  int u = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
  SHOW(setsockopt(u, SOL_RAW, ICMP_FILTER, &f, sizeof f));
  SHOW(setsockopt(u, SOL_RAW, 2, &f, sizeof f));
  close(u);
  close(s);
}

/* What is sent has its header; a protocol that nobody has is not unknown while a raw socket listens. */
static void headers(void) {
  int s = MUST(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, 253)), on = 1, v = -1;
  socklen_t l = sizeof v;
  SHOW(getsockopt(s, SOL_IP, IP_HDRINCL, &v, &l));
  printf("included %d\n", v);
  SHOW(setsockopt(s, SOL_IP, IP_HDRINCL, &on, sizeof on));
  SHOW(getsockopt(s, SOL_IP, IP_HDRINCL, &v, &l));
  printf("included %d\n", v);
  struct {
    struct iphdr ip;
    char data[10];
  } __attribute__((packed)) p = {.ip = {.version = 4, .ihl = 5, .ttl = 9, .protocol = 253}, .data = "whole"};
  p.ip.daddr = lo.sin_addr.s_addr;
  SHOW(sendto(s, &p, 10, 0, TO(lo)));
  SHOW(sendto(s, &p, sizeof p, 0, TO(lo)));
  unsigned char b[200];
  await(s);
  SHOW(recv(s, b, sizeof b, 0));
  printf("len %d ttl %d source %d data %s\n", b[3], b[8], b[12], b + 20);
  IS(sum(b, 20) == 0);
  int r = MUST(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW));
  SHOW(sendto(r, &p, sizeof p, 0, TO(lo)));
  await(s);
  SHOW(recv(s, b, sizeof b, 0));
  SHOW(recv(r, b, sizeof b, 0));
  close(r);
  close(s);
}

static void ping_sockets(void) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP));
  int v;
  socklen_t l = sizeof v;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  printf("type %d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &l));
  printf("protocol %d\n", v);
  struct echo e = request(ICMP_ECHO, 1, 5);
  SHOW(send(s, &e, sizeof e, 0));
  SHOW(sendto(s, &e, 7, 0, TO(lo)));
  struct echo bad = request(ICMP_ECHOREPLY, 1, 5);
  SHOW(sendto(s, &bad, sizeof bad, 0, TO(lo)));
  bad = request(ICMP_ECHO, 1, 5);
  bad.code = 1;
  SHOW(sendto(s, &bad, sizeof bad, 0, TO(lo)));
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo)));
  await(s);
  struct sockaddr_in from, own;
  l = sizeof from;
  unsigned char b[200];
  SHOW(recvfrom(s, b, sizeof b, 0, (struct sockaddr *)&from, &l));
  printf("from %s %d of %u\n", inet_ntoa(from.sin_addr), ntohs(from.sin_port), l);
  MUST(getsockname(s, (struct sockaddr *)&own, &l));
  struct echo *r = (struct echo *)b;
  printf("type %d code %d seq %d\n", r->type, r->code, ntohs(r->seq));
  IS(own.sin_port != 0 && r->id == own.sin_port && sum(r, sizeof e) == 0);
  IS(memcmp(r->data, e.data, sizeof e.data) == 0);
  IS(quiet(s));

  /* Identifiers are shared, unless somebody objects: the newest has the answers. */
  int w = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP));
  l = sizeof v;
  SHOW(getsockopt(w, SOL_SOCKET, SO_REUSEADDR, &v, &l));
  printf("reuse %d\n", v);
  SHOW(bind(w, TO(own)));
  SHOW(bind(w, TO(own)));
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo)));
  await(w);
  SHOW(recv(s, b, sizeof b, 0));
  SHOW(recv(w, b, sizeof b, 0));
  int no = 0;
  int x = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP));
  SHOW(setsockopt(x, SOL_SOCKET, SO_REUSEADDR, &no, sizeof no));
  SHOW(bind(x, TO(own)));
  close(x);
  close(w);
  int t = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP));
  own.sin_port = htons(5);
  own.sin_addr = lo.sin_addr;
  SHOW(bind(t, TO(own)));
  SHOW(connect(t, TO(lo)));
  SHOW(send(t, &e, sizeof e, 0));
  await(t);
  SHOW(recv(t, b, sizeof b, 0));
  printf("id %d\n", ntohs(r->id));
  int u = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
  SHOW(bind(u, TO(elsewhere)));
  SHOW(sendto(u, &e, sizeof e, 0, TO(lo6)));
  SHOW(listen(u, 1));
  close(u);
  close(t);
  close(s);
}

static void version_six(void) {
  int s = MUST(socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6));
  struct icmp6_filter f;
  ICMP6_FILTER_SETBLOCKALL(&f);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &f);
  SHOW(setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &f, sizeof f));
  struct echo e = request(ICMP6_ECHO_REQUEST, 99, 3);
  unsigned char b[200];
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo6)));
  await(s);
  struct sockaddr_in6 from;
  socklen_t l = sizeof from;
  SHOW(recvfrom(s, b, sizeof b, 0, (struct sockaddr *)&from, &l));
  struct echo *r = (struct echo *)b;
  printf("type %d id %d seq %d of %u\n", r->type, ntohs(r->id), ntohs(r->seq), l);
  IS(memcmp(&from.sin6_addr, &lo6.sin6_addr, 16) == 0 && from.sin6_port == 0);
  IS(memcmp(r->data, e.data, sizeof e.data) == 0);
  IS(quiet(s));
  close(s);

  s = MUST(socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMPV6));
  struct echo bad = request(ICMP_ECHO, 1, 4);
  SHOW(sendto(s, &bad, sizeof bad, 0, TO(lo6)));
  SHOW(sendto(s, &e, sizeof e, 0, TO(lo6)));
  await(s);
  SHOW(recvfrom(s, b, sizeof b, 0, (struct sockaddr *)&from, &l));
  printf("type %d seq %d\n", r->type, ntohs(r->seq));
  struct sockaddr_in6 own;
  l = sizeof own;
  MUST(getsockname(s, (struct sockaddr *)&own, &l));
  IS(own.sin6_port == r->id);
  close(s);
}

/* Without the capability there are no raw sockets, but echo sockets. */
static void unprivileged(void) {
  fflush(stdout);
  if (fork() == 0) {
    MUST(setresuid(65534, 65534, 65534));
    SHOW(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    SHOW(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
    SHOW(socket(AF_INET, SOCK_RAW, 0));
    int s = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
    struct echo e = request(ICMP_ECHO, 1, 9);
    SHOW(sendto(s, &e, sizeof e, 0, TO(lo)));
    await(s);
    unsigned char b[200];
    SHOW(recv(s, b, sizeof b, 0));
    printf("type %d\n", b[0]);
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
}

int main(void) {
  lo.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  own_network();
  allow_ping();
  opening();
  raw_echo();
  filters();
  headers();
  ping_sockets();
  version_six();
  unprivileged();
  return 0;
}
