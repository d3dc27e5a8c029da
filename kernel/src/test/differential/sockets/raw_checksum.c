/* IPV6_CHECKSUM of raw sockets: what may be set, what is filled in, what is refused on arrival. */
#include "own_network.h"
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>

static struct sockaddr_in6 lo = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

static void options(int protocol, int level) {
  printf("protocol %d, level %d\n", protocol, level);
  int s = MUST(socket(AF_INET6, SOCK_RAW, protocol)), values[] = {2, 3, 0, -1, -7, 1000, 6};
  int v = 77;
  socklen_t n = sizeof v;
  SHOW(getsockopt(s, level, IPV6_CHECKSUM, &v, &n));
  printf("  is %d\n", v);
  for (int i = 0; i < 7; i++) {
    v = values[i];
    printf("  %d: ", v);
    SHOW(setsockopt(s, level, IPV6_CHECKSUM, &v, sizeof v));
    getsockopt(s, level, IPV6_CHECKSUM, &v, &n);
    printf("  is %d\n", v);
  }
  SHOW(setsockopt(s, level, IPV6_CHECKSUM, &v, 2));
  close(s);
}

static void got(int s) {
  unsigned char b[100];
  struct pollfd p = {s, POLLIN, 0};
  if (poll(&p, 1, 200) <= 0) {
    printf("  nothing\n");
    return;
  }
  int n = recv(s, b, sizeof b, 0);
  printf("  %d:", n);
  for (int i = 0; i < n; i++) printf(" %02x", b[i]);
  printf("\n");
}

int main(void) {
  own_network();
  options(253, IPPROTO_IPV6);
  options(253, SOL_RAW);
  options(IPPROTO_ICMPV6, IPPROTO_IPV6);
  options(IPPROTO_ICMPV6, SOL_RAW);
  int v4 = MUST(socket(AF_INET, SOCK_RAW, 253)), udp = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), v = 2;
  SHOW(setsockopt(v4, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  SHOW(setsockopt(udp, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  int s = MUST(socket(AF_INET6, SOCK_RAW, 253)), r = MUST(socket(AF_INET6, SOCK_RAW, 253));
  shutdown(s, SHUT_RD);
  v = 4;
  SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  SHOW(sendto(s, "abcdefgh", 8, 0, (void *)&lo, sizeof lo));
  got(r);
  SHOW(sendto(s, "abcde", 5, 0, (void *)&lo, sizeof lo));
  SHOW(sendto(s, "abcdef", 6, 0, (void *)&lo, sizeof lo));
  got(r);
  printf("receiver checks\n");
  SHOW(setsockopt(r, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  SHOW(sendto(s, "abcdefgh", 8, 0, (void *)&lo, sizeof lo));
  got(r);
  v = -1;
  SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  SHOW(sendto(s, "abcdefgh", 8, 0, (void *)&lo, sizeof lo));
  got(r);
  SHOW(setsockopt(r, IPPROTO_IPV6, IPV6_CHECKSUM, &v, sizeof v));
  SHOW(sendto(s, "abcdefgh", 8, 0, (void *)&lo, sizeof lo));
  got(r);
  return 0;
}
