/* UDP_SEGMENT: several datagrams in one send, by option and by control message, on the loopback. */
#include "udp_pair.h"
#include <netinet/udp.h>
#include <poll.h>
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static char data[70000], buf[70000];

static void open_roomy_pair(int family) {
  open_pair(family);
  int room = 212992;
  MUST(setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &room, sizeof room));
}

/* What has arrived: the lengths, and whether the bytes are those sent. */
static void arrived(void) {
  struct pollfd p = {receiver, POLLIN, 0};
  int total = 0, same = 1, n, count = 0;
  poll(&p, 1, 1000);
  printf("  arrived");
  while ((n = recv(receiver, buf, sizeof buf, 0)) >= 0) {
    if (count < 6) printf(" %d", n);
    same &= memcmp(buf, data + total, n) == 0;
    total += n;
    count++;
    poll(&p, 1, 50);
  }
  printf(" (%d): %d bytes, %s\n", count, total, same ? "right" : "wrong");
}

static int set(int size) { return setsockopt(sender, SOL_UDP, UDP_SEGMENT, &size, sizeof size); }

static long with_control(int length, int level, int type, const void *value, int size) {
  char control[64] = {0};
  struct iovec v = {data, length};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(size)};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(c), value, size);
  return sendmsg(sender, &m, 0);
}

static void family(int f) {
  open_roomy_pair(f);
  int v = -1;
  socklen_t l = sizeof v;
  SHOW(getsockopt(sender, SOL_UDP, UDP_SEGMENT, &v, &l));
  printf("segment %d\n", v);
  SHOW(set(-1));
  SHOW(set(65536));
  SHOW(set(300));
  SHOW(getsockopt(sender, SOL_UDP, UDP_SEGMENT, &v, &l));
  printf("segment %d\n", v);
  SHOW(send(sender, data, 1000, 0));
  arrived();
  SHOW(send(sender, data, 900, 0));
  arrived();
  SHOW(send(sender, data, 300, 0));
  arrived();
  SHOW(send(sender, data, 10, 0));
  arrived();
  SHOW(send(sender, data, 0, 0));
  uint16_t s = 400;
  SHOW(with_control(1000, SOL_UDP, UDP_SEGMENT, &s, sizeof s));
  arrived();
  SHOW(set(0));
  SHOW(with_control(1000, SOL_UDP, UDP_SEGMENT, &s, sizeof s));
  arrived();
  s = 0;
  SHOW(with_control(1000, SOL_UDP, UDP_SEGMENT, &s, sizeof s));
  arrived();
  int wide = 400;
  SHOW(with_control(1000, SOL_UDP, UDP_SEGMENT, &wide, sizeof wide));
  SHOW(with_control(1000, SOL_UDP, 999, &s, sizeof s));
  SHOW(set(10));
  SHOW(send(sender, data, 1280, 0));
  arrived();
  SHOW(send(sender, data, 1281, 0));
  SHOW(set(1));
  SHOW(send(sender, data, 200, 0));
  SHOW(set(65535));
  SHOW(send(sender, data, 1000, 0));
  arrived();
  SHOW(set(100));
  SHOW(send(sender, data, 150, MSG_MORE));
  SHOW(send(sender, data + 150, 100, 0));
  arrived();
  SHOW(send(sender, data, 65535, 0));
  close(sender);
  close(receiver);
}

int main(void) {
  for (int i = 0; i < (int)sizeof data; i++) data[i] = i * 7 + i / 251;
  family(AF_INET);
  family(AF_INET6);
  return 0;
}
