/* epoll: errors, level, edge, one-shot, order, removal on close, nesting. */
#include "difftest.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep;

static long ctl(int op, int fd, unsigned events, uint64_t data) {
  struct epoll_event e = {.events = events, .data.u64 = data};
  return epoll_ctl(ep, op, fd, &e);
}

static void show(const char *label, int on, int timeout) {
  struct epoll_event e[8];
  int n = epoll_wait(on, e, 8, timeout);
  printf("%s: %d%s", label, n, n < 0 ? ename(errno) : "");
  for (int i = 0; i < n; i++) printf(" [%#x %lu]", e[i].events, (unsigned long)e[i].data.u64);
  printf("\n");
}

int main(void) {
  dt_start(20);
  int p[2], q[2];
  MUST(pipe(p));
  MUST(pipe(q));
  SHOW(epoll_create(0));
  SHOW(epoll_create1(1));
  ep = MUST(epoll_create1(EPOLL_CLOEXEC));
  struct epoll_event e = {0};
  SHOW(epoll_wait(ep, &e, 0, 0));
  SHOW(epoll_wait(ep, &e, -1, 0));
  SHOW(epoll_wait(p[0], &e, 1, 0));
  SHOW(epoll_wait(999, &e, 1, 0));
  SHOW_AS("regular file", ctl(EPOLL_CTL_ADD, MUST(open("/bin/sh", O_RDONLY)), EPOLLIN, 0));
  SHOW_AS("directory", ctl(EPOLL_CTL_ADD, MUST(open("/", O_RDONLY)), EPOLLIN, 0));
  SHOW_AS("itself", ctl(EPOLL_CTL_ADD, ep, EPOLLIN, 0));
  SHOW_AS("bad fd", ctl(EPOLL_CTL_ADD, 999, EPOLLIN, 0));
  SHOW_AS("bad op", ctl(7, p[0], EPOLLIN, 0));
  SHOW_AS("mod absent", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 0));
  SHOW_AS("del absent", ctl(EPOLL_CTL_DEL, p[0], EPOLLIN, 0));
  SHOW_AS("null event", epoll_ctl(ep, EPOLL_CTL_ADD, p[0], NULL));
  SHOW_AS("exclusive with oneshot", ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 0));
  SHOW_AS("add", ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  SHOW_AS("again", ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  SHOW_AS("mod exclusive", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
  show("nothing", ep, 0);
  write(p[1], "abc", 3);
  show("level", ep, 0);
  show("level again", ep, 0);
  SHOW_AS("edge", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2));
  show("edge first", ep, 0);
  show("edge second", ep, 0);
  write(p[1], "d", 1);
  show("edge after write", ep, 0);
  char buf[8];
  read(p[0], buf, 2);
  show("edge after partial read", ep, 0);
  SHOW_AS("oneshot", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3));
  show("oneshot first", ep, 0);
  write(p[1], "e", 1);
  show("oneshot second", ep, 0);
  SHOW_AS("rearmed", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4));
  show("oneshot third", ep, 0);
  SHOW_AS("level", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 5));
  SHOW_AS("writer", ctl(EPOLL_CTL_ADD, q[1], EPOLLOUT, 6));
  show("both", ep, 0);
  SHOW_AS("dup", ctl(EPOLL_CTL_ADD, dup(p[0]), EPOLLIN, 7));
  show("three", ep, 0);
  struct epoll_event one;
  uint64_t order[6];
  for (int i = 0; i < 6; i++) {
    epoll_wait(ep, &one, 1, 0);
    order[i] = one.data.u64;
  }
  IS_AS("round robin", order[0] == order[3] && order[1] == order[4] && order[2] == order[5]
      && order[0] != order[1] && order[1] != order[2]);
  close(p[0]);
  show("fd closed, dup open", ep, 0);
  SHOW_AS("its number is gone", ctl(EPOLL_CTL_DEL, p[0], 0, 0));
  close(q[0]);
  show("reader closed", ep, 0);
  SHOW_AS("del", ctl(EPOLL_CTL_DEL, q[1], 0, 0));
  int r[2];
  MUST(pipe(r));
  int ep2 = MUST(epoll_create1(0));
  struct epoll_event in = {.events = EPOLLIN, .data.u64 = 10};
  MUST(epoll_ctl(ep2, EPOLL_CTL_ADD, r[0], &in));
  int top = MUST(epoll_create1(0));
  in.data.u64 = 11;
  SHOW_AS("nest", epoll_ctl(top, EPOLL_CTL_ADD, ep2, &in));
  SHOW_AS("circle", epoll_ctl(ep2, EPOLL_CTL_ADD, top, &in));
  show("nested empty", top, 0);
  write(r[1], "x", 1);
  show("nested", top, 0);
  show("inner", ep2, 0);
  show("nested again", top, 0);
  struct pollfd pf = {top, POLLIN, 0};
  SHOW(poll(&pf, 1, 0));
  read(r[0], buf, 1);
  show("nested drained", top, 0);
  SHOW(poll(&pf, 1, 0));
  int last = top;
  for (int i = 0; i < 6; i++) {
    int next = MUST(epoll_create1(0));
    if (epoll_ctl(next, EPOLL_CTL_ADD, last, &in) != 0) {
      printf("level %d: %s\n", i, ename(errno));
      break;
    }
    last = next;
  }
  close(r[1]);
  show("hang-up", ep2, 0);
  close(r[0]);
  show("closed", ep2, 0);
  SHOW(read(ep2, buf, 8));
  int many = MUST(epoll_create1(0));
  int fds[200];
  for (int i = 0; i < 200; i++) {
    fds[i] = MUST(eventfd(i % 2, EFD_NONBLOCK));
    in.data.u64 = i;
    MUST(epoll_ctl(many, EPOLL_CTL_ADD, fds[i], &in));
  }
  struct epoll_event out[256];
  SHOW(epoll_wait(many, out, 256, -1));
  SHOW(epoll_wait(many, out, 30, -1));
  for (int i = 0; i < 200; i += 4) close(fds[i + 1]);
  SHOW(epoll_wait(many, out, 256, -1));
  SHOW_AS("bad array", epoll_wait(many, (void *)8, 4, 0));
  SHOW(epoll_wait(many, out, 256, -1));
  return 0;
}
