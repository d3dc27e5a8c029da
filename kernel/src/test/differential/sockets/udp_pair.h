/* Two UDP sockets of the loopback, one connected to the other. */
#ifndef UDP_PAIR_H
#define UDP_PAIR_H
#include "../difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int receiver, sender;

static void open_pair(int family) {
  receiver = MUST(socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  sender = MUST(socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  struct sockaddr_storage a = {.ss_family = family};
  socklen_t l = sizeof a;
  if (family == AF_INET) ((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else ((struct sockaddr_in6 *)&a)->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
  MUST(bind(receiver, (struct sockaddr *)&a, family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)));
  MUST(getsockname(receiver, (struct sockaddr *)&a, &l));
  MUST(connect(sender, (struct sockaddr *)&a, l));
}
#endif
