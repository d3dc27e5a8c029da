/* MSG_ERRQUEUE: what IP_RECVERR and IPV6_RECVERR queue for UDP, raw sockets and a TCP connection that is being opened. */
#include "own_network.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>

static const int one = 1;

static void name(const struct sockaddr_storage *a, socklen_t n) {
  char text[64] = "-";
  int port = -1;
  if (n >= sizeof(struct sockaddr_in) && a->ss_family == AF_INET) {
    inet_ntop(AF_INET, &((struct sockaddr_in *)a)->sin_addr, text, sizeof text);
    port = ntohs(((struct sockaddr_in *)a)->sin_port);
  } else if (n >= sizeof(struct sockaddr_in6) && a->ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &((struct sockaddr_in6 *)a)->sin6_addr, text, sizeof text);
    port = ntohs(((struct sockaddr_in6 *)a)->sin6_port);
  }
  printf(" [%d] family %d %s port %s", (int)n, n ? a->ss_family : -1, text, port < 0 ? "-" : port == 0 ? "0" : port == 9 ? "9" : "other");
}

static void waits(int s, const char *what) {
  struct pollfd p = {s, POLLIN | POLLOUT, 0};
  for (int k = 0; k < 300 && !(p.revents & POLLERR); k++) {
    poll(&p, 1, 0);
    if (!(p.revents & POLLERR)) usleep(10000);
  }
  printf("%s: poll %s\n", what, p.revents & POLLERR ? "POLLERR" : "nothing");
}

static int pending(int s) {
  int e = -1;
  socklen_t n = sizeof e;
  getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &n);
  return e;
}

/* One report, with room for so many bytes of data; returns the data's length or -1. */
static int report(int s, int room) {
  unsigned char data[2048];
  char control[512];
  struct sockaddr_storage from;
  memset(&from, 0, sizeof from);
  struct iovec v = {data, room};
  struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int n = recvmsg(s, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (n < 0) {
    printf("  none: %s\n", ename(errno));
    return -1;
  }
  printf("  %d bytes%s%s%s%s, name", n, n ? ": " : "", m.msg_flags & MSG_ERRQUEUE ? " ERRQUEUE" : "", m.msg_flags & MSG_TRUNC ? " TRUNC" : "",
         m.msg_flags & ~(MSG_ERRQUEUE | MSG_TRUNC) ? " more" : "");
  name(&from, m.msg_namelen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    struct sock_extended_err *e = (struct sock_extended_err *)CMSG_DATA(c);
    printf("\n  level %d type %d length %d: %s origin %d type %d code %d pad %d info %d data %d, offender", c->cmsg_level, c->cmsg_type,
           (int)c->cmsg_len, ename(e->ee_errno), e->ee_origin, e->ee_type, e->ee_code, e->ee_pad, e->ee_info, e->ee_data);
    struct sockaddr_storage who;
    memset(&who, 0, sizeof who);
    memcpy(&who, SO_EE_OFFENDER(e), c->cmsg_len - CMSG_LEN(sizeof *e));
    name(&who, c->cmsg_len - CMSG_LEN(sizeof *e));
  }
  printf("\n");
  if (n >= 4 && memcmp(data + n - 4, "data", 4) == 0) printf("  ends with what was sent\n");
  return n;
}

static void udp(int family, int level, int option, const void *to, socklen_t size) {
  printf("UDP, family %d\n", family);
  int s = MUST(socket(family, SOCK_DGRAM, 0));
  report(s, 100);
  SHOW(setsockopt(s, level, option, &one, sizeof one));
  SHOW(sendto(s, "some data", 9, 0, to, size));
  waits(s, "refused");
  report(s, 100);
  printf("pending %s\n", ename(pending(s)));
  report(s, 100);
  sendto(s, "some data", 9, 0, to, size);
  waits(s, "again");
  SHOW(recv(s, (char[9]){0}, 9, MSG_DONTWAIT));
  report(s, 5);
  printf("pending %s\n", ename(pending(s)));
  sendto(s, "", 0, 0, to, size);
  waits(s, "nothing sent");
  report(s, 100);
  /* More than one: SO_ERROR is the next one's while there is one. */
  for (int i = 0; i < 2; i++) {
    sendto(s, "data", 4, 0, to, size);
    waits(s, "one of two");
    pending(s);
    usleep(20000);
  }
  report(s, 100);
  printf("pending %s\n", ename(pending(s)));
  report(s, 100);
  printf("pending %s\n", ename(pending(s)));
  close(s);
}

static void local(void) {
  printf("too long\n");
  int s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  static char data[65536];
  int discover = IPV6_PMTUDISC_DO;
  setsockopt(s, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover, sizeof discover);
  SHOW(sendto(s, data, 65500, 0, (void *)&to, sizeof to));
  report(s, 100);
  setsockopt(s, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one);
  SHOW(sendto(s, data, 65500, 0, (void *)&to, sizeof to));
  printf("pending %s\n", ename(pending(s)));
  report(s, 100);
  SHOW(connect(s, (void *)&to, sizeof to));
  SHOW(send(s, data, 65500, 0));
  report(s, 100);
  close(s);
}

static void raw(int connected, int wanted) {
  printf("raw, %s, %s\n", connected ? "connected" : "not connected", wanted ? "IP_RECVERR" : "without");
  int s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (wanted) MUST(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof one));
  if (connected) MUST(connect(s, (void *)&to, sizeof to));
  struct { struct udphdr h; char data[8]; } p = {{{{htons(9), htons(9), htons(16), 0}}}, "raw data"};
  SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, sizeof to));
  if (connected || wanted) waits(s, "error");
  else usleep(100000);
  report(s, 200);
  printf("pending %s\n", ename(pending(s)));
  close(s);
}

static unsigned short sum(const void *data, int n) {
  const unsigned char *p = data;
  unsigned s = 0;
  for (int i = 0; i < n; i += 2) s += p[i] << 8 | (i + 1 < n ? p[i + 1] : 0);
  while (s >> 16) s = (s & 0xffff) + (s >> 16);
  return ~s;
}

/* A SYN that nobody answers, as the listener's queue is full, and an ICMP error about it that is made by hand. */
static void tcp(int wanted) {
  printf("TCP, %s\n", wanted ? "IP_RECVERR" : "without");
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof at;
  MUST(bind(l, (void *)&at, n));
  MUST(listen(l, 0));
  MUST(getsockname(l, (void *)&at, &n));
  int first = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(first, (void *)&at, n));
  usleep(50000);
  int sniffer = MUST(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)));
  int s = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  if (wanted) MUST(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof one));
  SHOW(connect(s, (void *)&at, n));
  struct { struct icmphdr icmp; unsigned char packet[60]; } e;
  for (;;) {
    unsigned char b[200];
    int k = recv(sniffer, b, sizeof b, 0);
    struct iphdr *ip = (struct iphdr *)b;
    struct tcphdr *t = (struct tcphdr *)(b + 20);
    if (k >= 60 && ip->protocol == IPPROTO_TCP && t->syn && !t->ack && t->dest == at.sin_port) {
      memcpy(e.packet, b, 60);
      break;
    }
  }
  memset(&e.icmp, 0, sizeof e.icmp);
  e.icmp.type = ICMP_DEST_UNREACH;
  e.icmp.code = ICMP_HOST_UNREACH;
  e.icmp.checksum = htons(sum(&e, sizeof e));
  int r = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  SHOW(sendto(r, &e, sizeof e, 0, (void *)&to, sizeof to));
  waits(s, "unreachable");
  report(s, 200);
  printf("pending %s\n", ename(pending(s)));
  report(s, 200);
  close(s), close(r), close(sniffer), close(first), close(l);
}

int main(void) {
  own_network();
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  udp(AF_INET, IPPROTO_IP, IP_RECVERR, &to, sizeof to);
  udp(AF_INET6, IPPROTO_IPV6, IPV6_RECVERR, &to6, sizeof to6);
  udp(AF_INET6, IPPROTO_IP, IP_RECVERR, &mapped, sizeof mapped);
  local();
  for (int i = 0; i < 4; i++) raw(i & 1, i >> 1);
  tcp(0);
  tcp(1);
  return 0;
}
