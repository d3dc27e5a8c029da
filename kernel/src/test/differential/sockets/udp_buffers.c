/* How many datagrams of which length a receive buffer holds, and what SO_MEMINFO says of them. */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

static char data[65536];

static void fill(int family, int length, int buffer) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  void *a = family == AF_INET6 ? (void *)&six : (void *)&four;
  socklen_t n = family == AF_INET6 ? sizeof six : sizeof four;
  int in = MUST(socket(family, SOCK_DGRAM, 0)), out = MUST(socket(family, SOCK_DGRAM, 0));
  if (buffer) MUST(setsockopt(in, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer));
  MUST(bind(in, a, n));
  MUST(getsockname(in, a, &n));
  MUST(sendto(out, data, length, 0, a, n));
  unsigned m[SK_MEMINFO_VARS];
  socklen_t size = sizeof m;
  MUST(getsockopt(in, SOL_SOCKET, SO_MEMINFO, m, &size));
  for (int i = 0; i < 400; i++) MUST(sendto(out, data, length, 0, a, n));
  int fit = 0;
  while (recv(in, data, sizeof data, MSG_DONTWAIT) >= 0) fit++;
  printf("family %d length %d buffer %u: one is %u, %d fit\n", family, length, m[SK_MEMINFO_RCVBUF],
         m[SK_MEMINFO_RMEM_ALLOC], fit);
  close(in), close(out);
}

int main(void) {
  dt_start(30);
  int lengths[] = {0, 1, 184, 185, 197, 198, 632, 633, 645, 646, 1472, 1669, 1670, 3717, 3718, 7813, 7814, 16004, 16005, 20000, 65000};
  for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    fill(AF_INET, lengths[i], 0);
    fill(AF_INET6, lengths[i], 0);
  }
  fill(AF_INET, 100, 1);
  fill(AF_INET, 100, 5000);
  fill(AF_INET, 3000, 1);
}
