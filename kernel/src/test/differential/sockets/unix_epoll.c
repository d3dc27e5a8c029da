/* epoll on sockets: level and edge, half-close, one-shot, listening sockets, closing. */
#include "difftest.h"
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

static int ep, p[2];
static char big[1 << 20];

static void add(int fd, unsigned events, int tag) {
  struct epoll_event e = {events, {.u32 = tag}};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
}

static void look(const char *when) {
  struct epoll_event e[8];
  int n = epoll_wait(ep, e, 8, 0);
  printf("%s:", when);
  unsigned by_tag[4] = {0};
  for (int i = 0; i < n; i++) by_tag[e[i].data.u32 & 3] |= e[i].events | 0x10000;
  for (int i = 0; i < 4; i++)
    if (by_tag[i]) printf(" %d=%#x", i, by_tag[i] & 0xffff);
  puts("");
}

static void run(int type, unsigned mode) {
  printf("type %d mode %#x\n", type, mode);
  ep = MUST(epoll_create1(0));
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  add(p[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | mode, 0);
  add(p[1], EPOLLIN | EPOLLRDHUP | mode, 1);
  look("new");
  look("again");
  MUST(write(p[0], "a", 1));
  look("written");
  look("again");
  MUST(write(p[0], "b", 1));
  look("more");
  char b[8];
  read(p[1], b, 1);
  look("read one");
  while (read(p[1], b, 8) > 0) {}
  look("drained");
  while (write(p[0], big, 4096) > 0) {}
  look("full");
  read(p[1], big, 4096);
  look("one read");
  while (read(p[1], big, sizeof big) > 0) {}
  look("room");
  look("again");
  shutdown(p[1], SHUT_WR);
  look("peer shut");
  look("again");
  write(p[0], "c", 1);
  look("still writes");
  close(p[1]);
  look("peer closed");
  look("again");
  close(p[0]);
  look("closed");
  close(ep);
}

static void listening(void) {
  ep = MUST(epoll_create1(0));
  int s = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  socklen_t l = sizeof a;
  MUST(bind(s, (struct sockaddr *)&a, 2));
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  add(s, EPOLLIN | EPOLLOUT | EPOLLET, 0);
  look("unconnected");
  MUST(listen(s, 5));
  look("listening");
  int c = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)), d = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  MUST(connect(c, (struct sockaddr *)&a, l));
  add(c, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1);
  look("one");
  MUST(connect(d, (struct sockaddr *)&a, l));
  look("two");
  look("again");
  int e = MUST(accept(s, NULL, NULL));
  look("accepted");
  MUST(send(e, "x", 1, 0));
  look("data");
  close(e);
  look("closed");
  close(s);
  look("listener closed");
  close(c);
  close(d);
  close(ep);
}

static void oneshot(void) {
  ep = MUST(epoll_create1(0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
  add(p[0], EPOLLIN | EPOLLONESHOT, 0);
  MUST(write(p[1], "a", 1));
  look("first");
  MUST(write(p[1], "a", 1));
  look("second");
  struct epoll_event e = {EPOLLIN | EPOLLONESHOT, {.u32 = 2}};
  MUST(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
  look("armed again");
  int q = dup(p[0]);
  close(p[0]);
  MUST(epoll_ctl(ep, EPOLL_CTL_MOD, q, &e) == -1 ? 0 : 0);
  look("dup keeps it");
  close(q);
}

static void *late(void *arg) {
  (void)arg;
  dt_sleep_ms(80);
  write(p[1], "x", 1);
  return NULL;
}

static void waiting(void) {
  ep = MUST(epoll_create1(0));
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, p));
  add(p[0], EPOLLIN, 1);
  pthread_t t;
  pthread_create(&t, NULL, late, NULL);
  struct epoll_event e;
  SHOW(epoll_wait(ep, &e, 1, 5000));
  printf("%#x\n", e.events);
  pthread_join(t, NULL);
}

int main(void) {
  dt_start(30);
  signal(SIGPIPE, SIG_IGN);
  run(SOCK_STREAM, 0);
  run(SOCK_STREAM, EPOLLET);
  run(SOCK_DGRAM, 0);
  run(SOCK_DGRAM, EPOLLET);
  run(SOCK_SEQPACKET, 0);
  run(SOCK_SEQPACKET, EPOLLET);
  listening();
  oneshot();
  waiting();
  return 0;
}
