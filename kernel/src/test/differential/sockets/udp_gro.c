/* UDP_GRO: what one send with UDP_SEGMENT was cut into comes as one, with its size told; beside sockets without it. */
#include "udp_pair.h"
#include <poll.h>
#include <sys/ioctl.h>
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

static char data[70000], buf[70000];

static void receive(int room, int flags) {
  char control[200];
  struct iovec v = {buf, room};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int n = recvmsg(receiver, &m, flags);
  printf("  %d", n);
  if (n < 0) {
    printf(" %s\n", ename(errno));
    return;
  }
  printf(" flags %x %s", m.msg_flags, memcmp(buf, data, n > room ? room : n) == 0 ? "right" : "wrong");
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
    printf(", level %d type %d length %d: %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len, *(int *)CMSG_DATA(c));
  printf("\n");
}

static void all(void) {
  struct pollfd p = {receiver, POLLIN, 0};
  for (int i = 0; i < 4 && poll(&p, 1, i ? 50 : 1000) > 0; i++) receive(sizeof buf, 0);
  char rest[2000];
  while (recv(receiver, rest, sizeof rest, 0) >= 0) {}
}

static void send_cut(int size, int length) {
  printf("%d in parts of %d\n", length, size);
  setsockopt(sender, SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  SHOW(send(sender, data, length, 0));
}

int main(void) {
  for (int i = 0; i < (int)sizeof data; i++) data[i] = i * 7 + i / 1000;
  int families[] = {AF_INET, AF_INET6}, v = -1;
  for (int f = 0; f < 2; f++) {
    open_pair(families[f]);
    socklen_t n = sizeof v;
    SHOW(getsockopt(receiver, SOL_UDP, UDP_GRO, &v, &n));
    printf("is %d\n", v);
    send_cut(1000, 2500);
    all();
    v = 7;
    SHOW(setsockopt(receiver, SOL_UDP, UDP_GRO, &v, sizeof v));
    SHOW(getsockopt(receiver, SOL_UDP, UDP_GRO, &v, &n));
    printf("is %d\n", v);
    send_cut(1000, 2500);
    all();
    send_cut(1000, 2000);
    all();
    send_cut(1000, 1000);
    all();
    send_cut(1000, 900);
    all();
    send_cut(1400, 60000);
    all();
    send_cut(10, 100);
    send_cut(20, 100);
    all();
    send_cut(0, 500);
    SHOW(send(sender, data, 500, 0));
    all();
    send_cut(1000, 2500);
    struct pollfd p = {receiver, POLLIN, 0};
    poll(&p, 1, 1000);
    int unread = 0;
    ioctl(receiver, FIONREAD, &unread);
    printf("unread %d\n", unread);
    receive(sizeof buf, MSG_PEEK);
    receive(1500, MSG_PEEK);
    receive(1500, MSG_TRUNC);
    receive(1500, 0);
    v = 0;
    SHOW(setsockopt(receiver, SOL_UDP, UDP_GRO, &v, sizeof v));
    send_cut(1000, 2500);
    all();
    close(receiver), close(sender);
  }
  return 0;
}
